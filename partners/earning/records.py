"""Records of services: reported by a partner or staff, approved by others, reversed where it turned out otherwise."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.errors import Conflict, Invalid, NotPermitted, Refused
from governance.events import record
from governance.models import Appointment, AttachmentPurpose, Role, User
from governance.photos import Upload
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.earning.checks import past_moment, text_checked, whole_checked
from partners.earning.deciding import (
    Measured,
    earning_book,
    earning_reverse,
    needs_second,
    partner_lock,
    reckoned,
    refuse_own,
    rule_for,
    rule_needed,
)
from partners.earning.hours import hours_count, hours_take_back
from partners.earning.querysets import ACTS, RUNS, SYSTEM
from partners.earning.workflow import RecordState
from partners.models import KindUse, Partner, Per, ServiceKind, ServiceRecord
from partners.models.service import MOST_HOURS, MOST_QUANTITY, MOST_SERVED

LABEL = "partners.servicerecord"
REPORTS = ACTS | RUNS | SYSTEM
MOST_AT_ONCE = 200  # records approved by one press


def record_submit(*, actor: User, partner: Partner, kind: ServiceKind, performed_at: datetime,
                  hours: Decimal | None = None, quantity: int = 1, served: int = 0, place: str = "", note: str = "",
                  person: User | None = None, photos: Sequence[Upload] = (), occurred_at: datetime | None = None
                  ) -> ServiceRecord:  # fmt: skip
    """Report a service that was rendered; by the partner's people, or by staff for them.

    Raises NotPermitted, Conflict (partner not active; ``twice``; ``no_rule``), Invalid naming a field.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = partner_lock(partner)
        made = ServiceRecord(
            partner=locked, area=locked.area, kind=kind, performed_at=past_moment(performed_at, "performed_at", at),
            hours=_hours(hours), quantity=whole_checked(quantity, "quantity", 1, MOST_QUANTITY),
            served=whole_checked(served, "served", 0, MOST_SERVED), place=text_checked(place, "place", 120),
            note=text_checked(note, "note", 500), person=_who(locked, actor, person), reported_by=actor,
            reported_at=at,
        )  # fmt: skip
        grant = grant_for(REPORTS, made, actor)
        if grant is None:
            raise NotPermitted(_("Services are reported by the partner or the community's staff."))
        _check(made)
        made.save(force_insert=True)
        event = record("service_record.submitted", made, actor=actor, grant=grant, payload=_figures(made),
                       occurred_at=at)  # fmt: skip
        if photos:
            attach(made, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return made


def _hours(hours: Decimal | None) -> Decimal | None:
    if hours is None:
        return None
    if not hours.is_finite() or not 0 < hours <= MOST_HOURS:
        text = _("More than 0 and at most %(most)s hours are needed.") % {"most": MOST_HOURS}
        raise Invalid(text, field="hours", code="out_of_range")
    rounded = hours.quantize(Decimal("0.01"))
    if rounded != hours:
        raise Invalid(_("Hours have at most two decimal places."), field="hours", code="invalid")
    return rounded


def _who(partner: Partner, actor: User, person: User | None) -> User | None:
    """Return whose hours these are: the partner, or one of an organisation's people."""
    if partner.person_id is not None:
        if person is not None and person.pk != partner.person_id:
            raise Invalid(_("This partner works in person."), field="person", code="invalid")
        return partner.person
    people = Appointment.objects.in_force().filter(unit=partner.unit_id, role=Role.PARTNER)
    if person is None:
        return actor if people.filter(user=actor).exists() else None
    if not people.filter(user=person).exists():
        raise Invalid(_("This person does not act for the partner."), field="person", code="invalid")
    return person


def _check(made: ServiceRecord) -> None:
    if made.partner.state != "active":
        raise Conflict(_("This partner is not active now."), field="partner", code="inactive")
    if not made.kind.is_active or made.kind.use != KindUse.SERVICE:
        raise Invalid(_("This kind is not for services."), field="kind", code="invalid")
    rule = rule_needed(made.kind, made.area, timezone.localdate(made.performed_at))
    reckoned(made.partner, measured(made), rule)
    same = ServiceRecord.objects.filter(partner=made.partner, kind=made.kind, performed_at=made.performed_at,
                                        person=made.person)  # fmt: skip
    if same.exclude(state__in=[RecordState.DECLINED, RecordState.REVERSED]).exists():
        raise Conflict(_("This service was reported already."), field="performed_at", code="twice")


def measured(row: ServiceRecord) -> Measured:
    """Return what of a record is to be rewarded."""
    return Measured(row.kind, timezone.localdate(row.performed_at), row.quantity, row.hours)


def _figures(row: ServiceRecord) -> dict:
    hours = None if row.hours is None else f"{row.hours}"
    return {"partner": row.partner_id, "kind": row.kind.code, "quantity": row.quantity, "hours": hours}


def forecast(row: ServiceRecord):
    """Return (rule, reckoning) of what a record would earn if it were approved now, or None without a rule.

    None also where a rule that began since asks for hours that were not reported.
    """
    rule = rule_for(row.kind, row.area, timezone.localdate(row.performed_at))
    return (
        None
        if rule is None or (rule.per == Per.HOUR and row.hours is None)
        else (rule, reckoned(row.partner, measured(row), rule))
    )


@carries_out(LABEL, "approve")
def record_approve(row: ServiceRecord, *, actor, version=None, reason="", occurred_at=None, photos=()) -> ServiceRecord:
    """Approve a record: points by the rule of its day and the caps, hours into the book of hours.

    More points than the rule's limit wait for a second, different person. Raises NotPermitted (also for the own
    record), Conflict (state, version, no rule, no account), Invalid.
    """
    with atomically():
        partner = partner_lock(row.partner)
        fresh = ServiceRecord.objects.lock(row.pk)
        refuse_own(partner, actor, [fresh.person_id, fresh.reported_by_id])
        what = measured(fresh)
        rule = rule_needed(fresh.kind, fresh.area, what.day)
        found = reckoned(partner, what, rule)
        figures = _figures(fresh) | {"rule": rule.pk, "points": found.points, "base": found.base}
        given = {"actor": actor, "version": version, "reason": reason, "occurred_at": occurred_at, "payload": figures}
        if fresh.state == RecordState.SUBMITTED and needs_second(rule, found):
            done, event = perform(fresh, "approve_first", by=actor, **given)
        else:
            _other_person(fresh, actor)
            done, event = perform(fresh, "approve", **given)
            earning_book(partner, what, rule=rule, found=found, evidence=(LABEL, row.pk), actor=actor,
                         reason="service", occurred_at=occurred_at)  # fmt: skip
            hours_count(done, actor=actor, occurred_at=occurred_at)
        if photos:
            attach(done, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return done


def _other_person(row: ServiceRecord, actor: User) -> None:
    if row.state == RecordState.CHECKED and row.first_approver_id == actor.pk:
        raise NotPermitted(_("A second person approves so many points."), code="same_person")


@carries_out(LABEL, "decline")
def record_decline(row: ServiceRecord, *, actor, photos=(), **given) -> ServiceRecord:
    """Decline a record, with a reason. Raises NotPermitted (also for the own record), Conflict, Invalid."""
    with atomically():
        refuse_own(row.partner, actor, [row.person_id, row.reported_by_id])
        done, event = perform(row, "decline", actor=actor, payload=_figures(row), **given)
        attach(done, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return done


@carries_out(LABEL, "reverse")
def record_reverse(row: ServiceRecord, *, actor, photos=(), **given) -> ServiceRecord:
    """Take an approval back: its points through the ledger (what was spent is owed), its hours by a line of their own.

    Raises NotPermitted (also for the own record), Conflict, Invalid.
    """
    with atomically():
        partner = partner_lock(row.partner)
        refuse_own(partner, actor, [row.person_id, row.reported_by_id])
        done, event = perform(row, "reverse", actor=actor, payload=_figures(row), **given)
        earning_reverse((LABEL, row.pk), actor=actor, reason="service", occurred_at=given.get("occurred_at"))
        hours_take_back(done, actor=actor, occurred_at=given.get("occurred_at"))
        attach(done, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return done


def records_approve(rows: Iterable[ServiceRecord], *, actor) -> tuple[list[ServiceRecord], list[tuple[int, str]]]:
    """Approve many records, each for itself: (those done, (id, why not) of the others).

    In the order of partners, so that two such runs never wait for each other.
    """
    done, refused = [], []
    for row in sorted(rows, key=lambda one: (one.partner_id, one.pk))[:MOST_AT_ONCE]:
        try:
            with transaction.atomic():
                done.append(record_approve(row, actor=actor))
        except Refused as error:
            refused.append((row.pk, str(error.detail)))
    return done, refused
