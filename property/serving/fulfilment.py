"""How an estate's service list was kept in a month, item by item."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Avg, Count, Q

from governance.models import Estate
from property.models import RecordState, ServiceItem, ServiceRating, ServiceRecord
from property.serving.querysets import PUBLIC, month_after

S = RecordState
KEPT, JUDGED = (S.DONE, S.CHECKED), (S.DONE, S.CHECKED, S.MISSED)


@dataclass(frozen=True)
class ItemMonth:
    """An item in a month: occurrences by state, cases opened, ratings.

    ``share`` is kept ÷ (kept + missed); what is planned still or was excused counts in neither. None where there is
    nothing to judge. ``stars`` is the mean of the ratings.
    """

    item: ServiceItem
    kept: int = 0
    checked: int = 0
    missed: int = 0
    excused: int = 0
    planned: int = 0
    cases: int = 0
    ratings: int = 0
    stars: float | None = None

    @property
    def share(self) -> Fraction | None:
        judged = self.kept + self.missed
        return Fraction(self.kept, judged) if judged else None

    @property
    def share_text(self) -> str:
        return share_text(self.share)


def share_text(share: Fraction | None) -> str:
    """Return a share in percent with one digit, cut and not rounded: 100 % means all of it."""
    if share is None:
        return "—"
    tenths = share.numerator * 1000 // share.denominator
    return f"{tenths // 10}.{tenths % 10} %"


def fulfilment_of(estate: Estate, month: date) -> list[ItemMonth]:
    """Return how each item that held in ``month`` (its first day) was kept; three statements."""
    after = month_after(month)
    held = Q(service_list__replaced_on__isnull=True) | Q(service_list__replaced_on__gte=month)
    items = ServiceItem.objects.filter(
        held, service_list__estate=estate, service_list__state__in=PUBLIC, service_list__published_on__lt=after
    ).select_related("service_list")
    counted = _counts(estate, month)
    rated = {
        row["item"]: {"ratings": row["number"], "stars": row["mean"]}
        for row in ServiceRating.objects.filter(item__in=items, month=month)
        .order_by()
        .values("item")
        .annotate(number=Count("pk"), mean=Avg("stars"))
    }
    rows = items.order_by("service_list__edition", "group", "position", "pk")
    return [ItemMonth(item, **counted.get(item.pk, {}), **rated.get(item.pk, {})) for item in rows]


def _counts(estate: Estate, month: date) -> dict[int, dict]:
    rows = ServiceRecord.objects.filter(estate=estate).of_month(month).order_by().values("item")
    rows = rows.annotate(
        kept=Count("pk", filter=Q(state__in=KEPT)),
        checked=Count("pk", filter=Q(state=S.CHECKED)),
        missed=Count("pk", filter=Q(state=S.MISSED)),
        excused=Count("pk", filter=Q(state=S.EXCUSED)),
        planned=Count("pk", filter=Q(state=S.PLANNED)),
        cases=Count("case", distinct=True),
    )
    return {row.pop("item"): row for row in rows}


def all_together(rows: list[ItemMonth]) -> Fraction | None:
    """Return the share kept of all items together."""
    judged = sum(row.kept + row.missed for row in rows)
    return Fraction(sum(row.kept for row in rows), judged) if judged else None
