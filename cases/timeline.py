"""What happened to a case, for staff with names and for its reporter in plain words."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.dispatch import REVIEW_REASONS
from cases.feedback import main_of, time_for_feedback
from cases.models import Case, CaseRating, CaseState
from cases.states import ENDED
from governance.attachments import attachments_of
from governance.events import label_of
from governance.models import Attachment, Event, OrgUnit, Role


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
    "case.disposed": lambda event, unit: _("Put right on the spot. Please tell us whether it is solved."),
    "case.handed_over": lambda event, unit: _("Given to %(unit)s.") % {"unit": unit},
    "case.arbitrated": lambda event, unit: _("Given to %(unit)s.") % {"unit": unit},
    "case.extended": lambda event, unit: _("%(unit)s was given more time.") % {"unit": unit},
    "case.suspended": lambda event, unit: (
        _("It has to rest until %(day)s. Reason: %(reason)s") % {"day": _day(event, "until"), "reason": _reason(event)}
    ),
    "case.resumed": lambda event, unit: _("%(unit)s goes on.") % {"unit": unit},
    "case.merged": lambda event, unit: _("Somebody reported the same before: both go on together."),
}


# States in which a unit holds the case; one that is reopened waits for a dispatcher, whoever had it before.
HELD_BY_UNIT = (
    CaseState.DISPATCHED,
    CaseState.HANDLING,
    CaseState.SUSPENDED,
    CaseState.SUBMITTED,
    CaseState.REWORKED,
    CaseState.INSPECTED,
    CaseState.CLOSED,
)


def _reason(event: Event) -> str:
    remark = getattr(event, "remark", None)
    return remark.text if remark else ""


def _day(event: Event, name: str) -> str:
    moment = datetime.fromisoformat(event.payload[name])
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def public_progress(case: Case) -> dict:
    """Return what whoever holds the tracking token may know, in plain words; as ``progress_of`` one case."""
    return progress_of([case])[0]


def progress_of(cases: Sequence[Case]) -> list[dict]:
    """Return what the reporter of each case may know, in plain words; four statements for any number of cases.

    A report merged into another case tells of that one's progress; give its ``merged_into`` loaded, with the lead unit.

    Keys: number, state, state_label, plain (where it stands now), promised_at, unit (who holds it), overdue,
    reported_at, text, address, steps (name, at, plain; oldest first), photos (ids of the reporter's and the closing
    photos), can_rate, can_reopen, rated.
    """
    mains = {case.pk: main_of(case) for case in cases}
    everything = {case.pk: case for case in [*cases, *mains.values()]}.values()
    events = _public_events(everything)
    rated, photos, allowed = _ratings(cases, mains), _photo_ids(everything), time_for_feedback()
    told = []
    for case in cases:
        main = mains[case.pk]
        steps = _steps(events[case.pk])
        shown = list(photos[case.pk]["report"])
        if main is not case:
            steps += [step for step in _steps(events[main.pk]) if step["name"] != "case.reported"]
        shown += photos[main.pk]["after"]
        told.append(_progress(case, main, steps, (case.pk, main.closed_at) in rated, shown, allowed))
    return told


def _progress(case: Case, main: Case, steps: list[dict], rated: bool, photos: list[str], allowed: timedelta) -> dict:
    closed = main.state == CaseState.CLOSED
    return {
        "number": case.number,
        "state": main.state,
        "state_label": main.get_state_display(),
        "plain": steps[-1]["plain"] if steps else "",
        "promised_at": main.promised_at,
        "unit": main.lead_unit.name if main.lead_unit and main.state in HELD_BY_UNIT else "",
        "overdue": _later_than_promised(main),
        "reported_at": case.reported_at,
        "text": case.description,
        "address": case.address,
        "steps": steps,
        "photos": photos,
        "can_rate": closed and not rated,
        "can_reopen": closed and timezone.now() - main.closed_at <= allowed,
        "rated": rated,
    }


def _public_events(cases: Collection[Case]) -> dict[int, list[Event]]:
    """Return the events a reporter reads of each case, in the order they were recorded."""
    found = defaultdict(list)
    rows = Event.objects.filter(subject_type="cases.case", subject_id__in=[case.pk for case in cases], name__in=PUBLIC)
    names = OrgUnit.objects.filter(code=OuterRef("lead_code")).values("name")
    rows = rows.annotate(lead_code=KT("payload__lead")).annotate(lead_name=Subquery(names))
    for event in rows.select_related("remark").order_by("id"):
        if _concerns_reporter(event):
            found[event.subject_id].append(event)
    return found


def _steps(events: list[Event]) -> list[dict]:
    """Say each event in words, with the lead unit that held the case then, carried on from the last dispatch."""
    steps, lead = [], ""
    for event in events:
        lead = event.lead_name or ("" if event.lead_code else lead)
        steps.append({"name": event.name, "at": event.occurred_at, "plain": PUBLIC[event.name](event, lead)})
    return steps


def _ratings(cases: Sequence[Case], mains: dict[int, Case]) -> set[tuple]:
    """Return report and closing of the ratings given to those that are closed now."""
    closed = [case.pk for case in cases if mains[case.pk].state == CaseState.CLOSED]
    return set(CaseRating.objects.filter(case__in=closed).values_list("case_id", "closed_at")) if closed else set()


def _photo_ids(cases: Collection[Case]) -> dict[int, dict[str, list[str]]]:
    found = defaultdict(lambda: {"report": [], "after": []})
    rows = Attachment.objects.filter(subject_type="cases.case", subject_id__in=[case.pk for case in cases])
    for case_id, purpose, pk in rows.filter(**PUBLIC_PHOTOS).values_list("subject_id", "purpose", "pk"):
        found[case_id][purpose].append(str(pk))
    return found


# Photos that whoever holds the tracking token may see: those of the report and those taken after the work.
PUBLIC_PHOTOS = {"purpose__in": ["report", "after"], "content_type__startswith": "image/"}


def public_photos(case: Case):
    """Return the files that the reporter may see: of the report, and of the finished work wherever it was done."""
    own = attachments_of(case).filter(**PUBLIC_PHOTOS)
    if case.merged_into is None:
        return own
    return own | attachments_of(case.merged_into).filter(**PUBLIC_PHOTOS | {"purpose__in": ["after"]})


def _concerns_reporter(event: Event) -> bool:
    """A limit inside the office is no promise to the reporter; only that of handling is."""
    return event.name != "case.overdue" or event.payload.get("stage") == "handling"


def _later_than_promised(case: Case) -> bool:
    waiting = case.state not in (*ENDED, CaseState.INSPECTED)
    return waiting and case.promised_at is not None and case.promised_at < timezone.now()
