"""Dates of offers in the calendars behind private links: of the partner's unit, of who gives them, of who comes."""

from collections.abc import Iterable

from django.db.models import Q

from governance.calendar_feeds import Entry, Wanted, calendar_source
from governance.models.venue import FeedKind
from partners.models import OfferPlace, OfferSlot


@calendar_source
def offer_entries(wanted: Wanted) -> Iterable[Entry]:
    """Dates that touch the span: of the unit's own offers; a person's own, and those a place was taken for."""
    rows = OfferSlot.objects.filter(starts_at__lt=wanted.end, ends_at__gt=wanted.start)
    if wanted.kind == FeedKind.UNIT:
        rows = rows.filter(partner__unit=wanted.subject).visible_to(wanted.reader)
    elif wanted.kind == FeedKind.PERSON:
        held = OfferPlace.objects.filter(person=wanted.subject, state__in=["taken", "dropped"]).values("slot_id")
        rows = rows.filter(Q(partner__person=wanted.subject) | Q(pk__in=held))
    else:
        return []
    return [_entry(slot) for slot in rows.select_related("offer").order_by("starts_at", "pk")]


def _entry(slot: OfferSlot) -> Entry:
    return Entry(
        uid=f"partner-offer-{slot.pk}",
        summary=slot.offer.title,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        changed_at=slot.offer.made_at,
        sequence=slot.version,
        location=slot.place or slot.offer.place,
        cancelled=slot.state == "cancelled",
    )
