"""What happened to a case, for staff with names and for its reporter in plain words."""

from collections import defaultdict

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.dispatch import REVIEW_REASONS
from cases.models import Case, CaseState
from cases.services import REOPEN_WITHIN
from governance.attachments import attachments_of
from governance.events import label_of
from governance.models import Event, OrgUnit, Role


def events_of(case: Case):
    """Events of a case in the order they were recorded, with actor, unit and remark loaded."""
    return (
        Event.objects.filter(subject_type="cases.case", subject_id=case.pk)
        .select_related("actor", "unit", "remark")
        .order_by("id")
    )


def timeline_of(case: Case) -> list[dict]:
    """Return the whole trail for staff who see the case: who, as what, when, why, with photos; three statements."""
    photos = defaultdict(list)
    for row in attachments_of(case):
        photos[row.event_id].append(
            {"id": str(row.pk), "url": f"/files/{row.pk}/", "purpose": row.purpose, "content_type": row.content_type}
        )
    return [_entry(event, photos[event.pk]) for event in events_of(case)]


def _entry(event: Event, photos: list[dict]) -> dict:
    remark = getattr(event, "remark", None)
    return {
        "id": event.pk,
        "name": event.name,
        "label": str(label_of(event.name)),
        "at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "actor": event.actor.get_full_name(),
        "role": event.role,
        "role_label": Role(event.role).label,
        "unit": event.unit.name if event.unit else "",
        "text": remark.text if remark else _explained(event),
        "photos": photos,
        "payload": event.payload,
    }


def _explained(event: Event) -> str:
    """Say in words what an event's codes mean, where that helps the reader."""
    if event.name == "case.review_needed":
        return str(REVIEW_REASONS.get(event.payload.get("why"), ""))
    return ""


# What the reporter reads, by event. No staff names; reasons only where the decision concerns the reporter.
PUBLIC = {
    "case.reported": lambda event, unit: _("We have your report."),
    "case.verified": lambda event, unit: _("Somebody went to look; it is as reported."),
    "case.accepted": lambda event, unit: _("Accepted."),
    "case.rejected": lambda event, unit: _("Not accepted. Reason: %(reason)s") % {"reason": _reason(event)},
    "case.dispatched": lambda event, unit: _("Given to %(unit)s.") % {"unit": unit},
    "case.recalled": lambda event, unit: _("We are looking for the right unit again."),
    "case.handling_begun": lambda event, unit: _("%(unit)s has begun.") % {"unit": unit},
    "case.returned": lambda event, unit: _("%(unit)s says it is not its matter; we decide anew.") % {"unit": unit},
    "case.submitted": lambda event, unit: _("%(unit)s says it is done; we check.") % {"unit": unit},
    "case.inspected": lambda event, unit: _("Checked: it is done."),
    "case.reworked": lambda event, unit: _("Checked: not good enough, it is done again."),
    "case.closed": lambda event, unit: _("Closed. Please tell us whether it is solved."),
    "case.reopened": lambda event, unit: _("Opened again."),
    "case.cancelled": lambda event, unit: _("Cancelled. Reason: %(reason)s") % {"reason": _reason(event)},
    "case.overdue": lambda event, unit: _("It takes longer than promised."),
}


# States in which a unit holds the case; one that is reopened waits for a dispatcher, whoever had it before.
HELD_BY_UNIT = (
    CaseState.DISPATCHED,
    CaseState.HANDLING,
    CaseState.SUBMITTED,
    CaseState.REWORKED,
    CaseState.INSPECTED,
    CaseState.CLOSED,
)


def _reason(event: Event) -> str:
    remark = getattr(event, "remark", None)
    return remark.text if remark else ""


def public_progress(case: Case) -> dict:
    """Return what whoever holds the tracking token may know, in plain words; four statements.

    Keys: number, state, state_label, plain (where it stands now), promised_at, unit (who holds it), overdue,
    reported_at, text, address, steps (name, at, plain; oldest first), photos (ids of the reporter's and the closing
    photos), can_rate, can_reopen, rated.
    """
    events = [event for event in events_of(case) if event.name in PUBLIC and _concerns_reporter(event)]
    units = _units_named(events)
    steps = [
        {"name": event.name, "at": event.occurred_at, "plain": PUBLIC[event.name](event, units.get(_lead(event), ""))}
        for event in _with_leads(events)
    ]
    closed = case.state == CaseState.CLOSED
    rated = closed and case.ratings.filter(closed_at=case.closed_at).exists()
    return {
        "number": case.number,
        "state": case.state,
        "state_label": case.get_state_display(),
        "plain": steps[-1]["plain"] if steps else "",
        "promised_at": case.promised_at,
        "unit": case.lead_unit.name if case.lead_unit and case.state in HELD_BY_UNIT else "",
        "overdue": _later_than_promised(case),
        "reported_at": case.reported_at,
        "text": case.description,
        "address": case.address,
        "steps": steps,
        "photos": [str(pk) for pk in public_photos(case).values_list("pk", flat=True)],
        "can_rate": closed and not rated,
        "can_reopen": closed and timezone.now() - case.closed_at <= REOPEN_WITHIN,
        "rated": rated,
    }


def public_photos(case: Case):
    """Photos that whoever holds the tracking token may see: those of the report and those taken after the work."""
    return attachments_of(case).filter(purpose__in=["report", "after"], content_type__startswith="image/")


def _concerns_reporter(event: Event) -> bool:
    """A limit inside the office is no promise to the reporter; only that of handling is."""
    return event.name != "case.overdue" or event.payload.get("stage") == "handling"


def _with_leads(events: list[Event]):
    """Give each event the lead unit that held the case then, carried on from the last dispatch."""
    lead = None
    for event in events:
        lead = event.payload.get("lead") or lead
        event.payload.setdefault("lead", lead)
        yield event


def _lead(event: Event) -> str | None:
    return event.payload.get("lead")


def _units_named(events: list[Event]) -> dict[str, str]:
    codes = {event.payload["lead"] for event in events if event.payload.get("lead")}
    return dict(OrgUnit.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}


def _later_than_promised(case: Case) -> bool:
    waiting = case.state not in (CaseState.CLOSED, CaseState.REJECTED, CaseState.CANCELLED, CaseState.INSPECTED)
    return waiting and case.promised_at is not None and case.promised_at < timezone.now()
