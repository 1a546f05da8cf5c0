"""The resource directory: who offers what, when and where, of what may be shown; as a list, by days of a month or week.

Offers with dates stand on their dates, those with days of the week on each such day on which they hold, the others
(money, goods, on request) under "at any time".
"""

import calendar
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date

from governance.clock import SHANGHAI
from governance.models import Area
from partners.models import Offer, OfferKind, OfferPlace, OfferSlot, PartnerKind

DAY, WEEK = timedelta(days=1), timedelta(days=7)
# What a page shows at most; more is found by narrowing [J].
MOST_OFFERS, MOST_DATES, LISTED_DAYS, REACH = 300, 600, 31, 366 * 2
VIEWS = ("list", "week", "month")


@dataclass(frozen=True)
class Wish:
    """What somebody looks for: kinds, words, and the span of days to show (``view``: list, week or month)."""

    view: str = "list"
    day: date = field(default_factory=timezone.localdate)
    kind: str = ""
    partner_kind: str = ""
    text: str = ""

    @property
    def span(self) -> tuple[date, date]:
        """First and last day shown, both included: whole weeks from Monday, except in a list."""
        if self.view == "week":
            first = self.day - self.day.weekday() * DAY
            return first, first + 6 * DAY
        if self.view == "month":
            first, days = self.day.replace(day=1), calendar.monthrange(self.day.year, self.day.month)[1]
            last = first + (days - 1) * DAY
            return first - first.weekday() * DAY, last + (6 - last.weekday()) * DAY
        return self.day, self.day + (LISTED_DAYS - 1) * DAY

    @property
    def before(self) -> date:
        """A day of the span before this one."""
        return (self.day.replace(day=1) if self.view == "month" else self.span[0]) - DAY

    @property
    def after(self) -> date:
        """A day of the span after this one."""
        if self.view == "month":
            return self.day.replace(day=1) + calendar.monthrange(self.day.year, self.day.month)[1] * DAY
        return self.span[1] + DAY


@dataclass(frozen=True)
class Dated:
    """An offer at a time; ``slot`` where it is one of its dates, ``mine`` whether the reader has a place."""

    offer: Offer
    starts_at: datetime
    ends_at: datetime
    slot: OfferSlot | None = None
    mine: bool = False

    @property
    def place(self) -> str:
        """Where, of the date or of the offer."""
        return (self.slot.place if self.slot else "") or self.offer.place

    @property
    def signs_up(self) -> bool:
        """Whether people take places on it."""
        return self.slot is not None and self.slot.capacity > 0 and self.offer.access == "open"


@dataclass(frozen=True)
class Directory:
    """What was found: ``days`` in order, each with what is on; ``undated`` offers; ``cut``: there is more."""

    wish: Wish
    days: list[tuple[date, list[Dated]]]
    undated: list[Offer]
    cut: bool

    @property
    def weeks(self) -> list[list[tuple[date, list[Dated]]]]:
        """The days by weeks, for a calendar."""
        return [self.days[place : place + 7] for place in range(0, len(self.days), 7)]


def wish_of(query) -> Wish:
    """Return what a query string asks for; what it cannot mean is left out."""
    view = query.get("view", "")
    today = timezone.localdate()
    try:
        day = parse_date(query.get("day", "").strip()[:10]) or today
    except ValueError:
        day = today
    day = day if abs((day - today).days) <= REACH else today
    kind, partner_kind = query.get("kind", ""), query.get("partner_kind", "")
    return Wish(
        view=view if view in VIEWS else "list",
        day=day,
        kind=kind if kind in OfferKind.values else "",
        partner_kind=partner_kind if partner_kind in PartnerKind.values else "",
        text=query.get("q", "").replace("\0", "").strip()[:40],
    )


def offers_found(rows: QuerySet, wish: Wish, *, by_names: bool = False) -> QuerySet:
    """Narrow offers to what a wish asks for; ``by_names``: also by names that not everybody reads, of volunteers."""
    readable = Q() if by_names else ~Q(partner__kind=PartnerKind.VOLUNTEER)
    if wish.kind:
        rows = rows.filter(kind=wish.kind)
    if wish.partner_kind:
        rows = rows.filter(partner__kind=wish.partner_kind)
    for word in wish.text.split():
        said = Q(title__icontains=word) | Q(about__icontains=word) | Q(target_group__icontains=word)
        rows = rows.filter(said | Q(place__icontains=word) | Q(partner__name__icontains=word) & readable)
    return rows


def directory_of(areas: Iterable[Area] | None, wish: Wish, *, reader=None, by_names: bool = False) -> Directory:
    """Return what may be shown of the offers in ``areas`` (None: everywhere) for a wish; five statements at most.

    ``reader``: whose own places are marked; ``by_names``: for staff, who find volunteers by their names.
    """
    rows = Offer.objects.on_view()
    if areas is not None:
        through = Offer.communities.through.objects.filter(area__in=[area.pk for area in areas])
        rows = rows.filter(pk__in=through.values("offer_id"))
    rows = offers_found(rows, wish, by_names=by_names).with_rows().order_by("kind", "title", "pk")
    found = list(rows[: MOST_OFFERS + 1])
    offers = {offer.pk: offer for offer in found[:MOST_OFFERS]}
    first, last = wish.span
    slots = _slots(offers, first, last)
    held = _held(slots, reader)
    dated = [Dated(offers[slot.offer_id], slot.starts_at, slot.ends_at, slot, slot.pk in held) for slot in slots]
    dated += [one for offer in offers.values() for one in _weekly(offer, first, last)]
    by_day: dict[date, list[Dated]] = defaultdict(list)
    for one in sorted(dated, key=lambda one: (one.starts_at, one.offer.pk)):
        by_day[timezone.localdate(one.starts_at)].append(one)
    days = [(first + n * DAY, by_day[first + n * DAY]) for n in range((last - first).days + 1)]
    if wish.view == "list":
        days = [(day, found_) for day, found_ in days if found_]
    with_dates = _with_dates(offers) | {one.offer.pk for one in dated}
    undated = [offer for offer in offers.values() if offer.pk not in with_dates and not offer.weekdays]
    return Directory(wish, days, undated, cut=len(found) > MOST_OFFERS or len(slots) >= MOST_DATES)


def _slots(offers: dict[int, Offer], first: date, last: date) -> list[OfferSlot]:
    begin = datetime.combine(first, datetime.min.time(), SHANGHAI)
    end = datetime.combine(last + DAY, datetime.min.time(), SHANGHAI)
    rows = OfferSlot.objects.filter(offer__in=offers, state="planned", starts_at__gte=begin, starts_at__lt=end)
    return list(rows.order_by("starts_at", "pk")[:MOST_DATES])


def _with_dates(offers: dict[int, Offer]) -> set[int]:
    """Return the ids of offers that have dates to come, in whatever span."""
    rows = OfferSlot.objects.filter(offer__in=offers, state="planned", ends_at__gt=timezone.now())
    return set(rows.order_by().values_list("offer_id", flat=True).distinct())


def _held(slots: list[OfferSlot], reader) -> set[int]:
    if reader is None or not reader.is_authenticated:
        return set()
    return set(
        OfferPlace.objects.filter(slot__in=slots, person=reader, state="taken").values_list("slot_id", flat=True)
    )


def _weekly(offer: Offer, first: date, last: date) -> Iterable[Dated]:
    """Yield the days of the week of an offer within a span, while it holds."""
    day = max(first, offer.valid_from)
    until = min(last, offer.valid_to or last)
    while offer.weekdays and day <= until:
        if day.weekday() in offer.weekdays:
            yield Dated(
                offer, datetime.combine(day, offer.starts, SHANGHAI), datetime.combine(day, offer.ends, SHANGHAI)
            )
        day += DAY
