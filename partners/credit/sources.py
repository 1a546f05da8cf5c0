"""Facts of earning, recruiting and projects for credit files.

What a lowering fact is [J]: the approval of a service was reversed; a date was cancelled by the partner later than the
formula's notice; the partner was suspended. A donation given back lowers nothing: it just counts no more.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.models import Event
from governance.models.organisation import Role
from partners.credit.facts import Fact, register_facts
from partners.credit.formulas import formula_on
from partners.earning.settling import day_span
from partners.models import Claim, Donation, Earning, Offer, OfferSlot, Partner, ServiceRecord
from partners.projects.outcomes import OutcomeFact, outcomes_of
from partners.recruiting.offer_workflow import SlotState

RECORD, GIFT = ServiceRecord._meta.label_lower, Donation._meta.label_lower
CLAIM = Claim._meta.label_lower
SLOT, OFFER, EVENT = OfferSlot._meta.label_lower, Offer._meta.label_lower, Event._meta.label_lower
BY_PARTNER = (Role.PARTNER, Role.RESIDENT)


def earned(partner: Partner, first: date, last: date) -> Iterable[Fact]:
    """Points that stand, and the services and gifts they are for."""
    rows = Earning.objects.live().filter(partner=partner, day__range=(first, last)).select_related("kind")
    for row in rows.order_by("pk"):
        evidence = (row.evidence_type, row.evidence_id)
        what = str(row.kind)
        yield Fact("points", what, row.day, evidence, Decimal(row.points))
        if row.evidence_type in (RECORD, GIFT):
            yield Fact("activities", what, row.day, evidence)


def reversed_records(partner: Partner, first: date, last: date) -> Iterable[Fact]:
    """Services whose approval was reversed: it turned out otherwise than reported."""
    begin, end = day_span(first, last)
    rows = Earning.objects.filter(partner=partner, evidence_type=RECORD, reversed_at__gte=begin, reversed_at__lt=end)
    for row in rows.select_related("kind").order_by("pk"):
        what = _("The approval of a service was reversed: %(kind)s of %(day)s") % {"kind": row.kind, "day": row.day}
        yield Fact("standing", what, timezone.localdate(row.reversed_at), (RECORD, row.evidence_id), lowers=True)


def dates_held(partner: Partner, first: date, last: date) -> Iterable[Fact]:
    """Dates of offers that took place as announced: an activity each, and a date kept.

    Partners add dates by themselves, so only those count that everybody could see coming: of an offer that the
    community put on view, added before they began; and one of an offer on a day [J].
    """
    begin, end = day_span(first, last)
    rows = OfferSlot.objects.filter(partner=partner, state=SlotState.PLANNED, ends_at__gte=begin, ends_at__lt=end)
    rows = rows.filter(ends_at__lte=timezone.now()).select_related("offer").order_by("pk")
    announced, seen = _announced(rows), set()
    for row in rows:
        day = timezone.localdate(row.ends_at)
        if row.pk not in announced or (row.offer_id, day) in seen:
            continue
        seen.add((row.offer_id, day))
        for line in ("activities", "punctuality"):
            yield Fact(line, row.offer.title, day, (SLOT, row.pk))


def _announced(slots: Iterable[OfferSlot]) -> set[int]:
    """Return which dates were added before they began, to an offer that was put on view."""
    made = Event.objects.filter(name="offer_slot.made", subject_type=SLOT, subject_id__in=[row.pk for row in slots])
    added, on_view = dict(made.values_list("subject_id", "occurred_at")), _on_view(slots)
    return {row.pk for row in slots if row.offer_id in on_view and added.get(row.pk, row.starts_at) < row.starts_at}


def _on_view(slots: Iterable[OfferSlot]) -> set[int]:
    """Return which offers of dates the community has put on view."""
    offers = {row.offer_id for row in slots}
    read = Event.objects.filter(name="offer.published", subject_type=OFFER, subject_id__in=offers)
    return set(read.values_list("subject_id", flat=True))


def dates_cancelled_late(partner: Partner, first: date, last: date) -> Iterable[Fact]:
    """Dates that the partner's people cancelled less than the formula's notice before they began: the date, or the
    offer with all its dates. Of what was never on view nobody was let down."""
    formula = formula_on(partner.area, last)
    if formula is None:
        return
    begin, end = day_span(first, last)
    rows = OfferSlot.objects.filter(partner=partner, state=SlotState.CANCELLED).select_related("offer")
    slots, on_view = rows.in_bulk(), _on_view(rows)
    events = Event.objects.filter(name="offer_slot.cancelled", subject_type=SLOT, subject_id__in=list(slots),
                                  occurred_at__gte=begin, occurred_at__lt=end)  # fmt: skip
    ended = Event.objects.filter(name="offer.ended", subject_type=OFFER, subject_id__in=on_view, role__in=BY_PARTNER)
    taken_back = set(ended.values_list("subject_id", "occurred_at"))
    for event in events.order_by("pk"):
        slot = slots[event.subject_id]
        by_partner = event.role in BY_PARTNER or (slot.offer_id, event.occurred_at) in taken_back
        before = slot.starts_at - event.occurred_at
        if by_partner and slot.offer_id in on_view and before < timedelta(hours=formula.notice_hours):
            hours = max(0, int(before.total_seconds() // 3600))
            what = _("%(title)s: cancelled %(hours)d hours before it began (%(notice)d are agreed)") % {
                "title": slot.offer.title, "hours": hours, "notice": formula.notice_hours,
            }  # fmt: skip
            yield Fact("cancelled", what, timezone.localdate(event.occurred_at), (SLOT, slot.pk), lowers=True)


def suspensions(partner: Partner, first: date, last: date) -> Iterable[Fact]:
    """Suspensions of the partner."""
    begin, end = day_span(first, last)
    events = Event.objects.filter(name="partner.suspended", subject_type="partners.partner", subject_id=partner.pk,
                                  occurred_at__gte=begin, occurred_at__lt=end)  # fmt: skip
    for event in events.order_by("pk"):
        yield Fact("standing", _("Suspended"), timezone.localdate(event.occurred_at), (EVENT, event.pk), lowers=True,
                   told_at=event.occurred_at)  # fmt: skip


def projects_done(partner: Partner, first: date, last: date) -> Iterable[Fact]:
    """What the partner's projects came to: closed ones with their results, given up and ended ones."""
    for found in outcomes_of(partner, first, last):
        if found.code == "closed":
            yield from _closed(found)
        else:
            line, text = (
                ("cancelled", _("Gave up the project %(title)s"))
                if found.code == "quit"
                else ("standing", _("The project %(title)s was ended by the community"))
            )
            yield Fact(line, text % {"title": found.title}, found.day, (CLAIM, found.claim), lowers=True)


def _closed(found: OutcomeFact) -> Iterable[Fact]:
    evidence = (CLAIM, found.claim)
    yield Fact("activities", found.title, found.day, evidence)
    if found.score is not None:
        yield Fact("evaluations", found.title, found.day, evidence, found.score)
    if found.late:
        what = _("The project %(title)s was reported after its last day") % {"title": found.title}
        yield Fact("unpunctual", what, found.day, evidence, lowers=True)
    else:
        yield Fact("punctuality", found.title, found.day, evidence)


register_facts("earned", gettext_lazy("Points earned"), earned)
register_facts("reversed", gettext_lazy("Approvals reversed"), reversed_records)
register_facts("dates", gettext_lazy("Dates of offers"), dates_held)
register_facts("cancelled", gettext_lazy("Dates cancelled late"), dates_cancelled_late)
register_facts("suspended", gettext_lazy("Suspensions"), suspensions)
register_facts("projects", gettext_lazy("Projects"), projects_done)
