"""What a statement says: figures of a cost period, of the fund and of public income. Never who owes what.

Figures are plain (texts, yuan as text with two places), so that what was published is kept as it was.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from django.db.models import Case, Q, Sum, When
from django.utils import timezone

from property.costs.accounts import NOTHING, covered_by_period
from property.models.books import EstateBooks, IncomeDirection, IncomeEntry
from property.models.costs import CostPeriod, CostSource
from property.models.fund import FundEntry, FundEntryKind


def _sum(rows, **where) -> Decimal:
    return rows.filter(**where).aggregate(whole=Sum("amount"))["whole"] or NOTHING


def income_figures(books: EstateBooks, first: date, last: date) -> dict:
    """Return opening and closing balance, and by kind income, reasonable cost and net, of the days given.

    A reversal counts where the line it undoes counted.
    """
    rows = IncomeEntry.objects.filter(books=books).order_by()
    span = rows.filter(booked_on__range=(first, last))
    sort = Case(When(direction=IncomeDirection.REVERSAL, then="reverses__direction"), default="direction")
    found = span.annotate(sort=sort).values_list("kind", "sort").annotate(whole=Sum("amount"))
    kinds: dict[str, dict[str, Decimal]] = defaultdict(lambda: {"income": NOTHING, "cost": NOTHING})
    shared = NOTHING
    for kind, of_sort, whole in found:
        if of_sort == IncomeDirection.SHARED:
            shared += whole
        else:
            kinds[kind][of_sort] += whole
    lines = [
        {"kind": kind, "income": str(told["income"]), "cost": str(-told["cost"]), "net": str(sum(told.values()))}
        for kind, told in sorted(kinds.items())
    ]
    return {
        "opening": str(_sum(rows, booked_on__lt=first)), "closing": str(_sum(rows, booked_on__lte=last)),
        "lines": lines, "shared": str(-shared),
    }  # fmt: skip


def fund_figures(books: EstateBooks, first: date, last: date) -> dict:
    """Return opening and closing balance of the fund, what came in, and each use with its resolution."""
    rows = FundEntry.objects.filter(fund__books=books).order_by("ordinal")
    span = rows.filter(booked_on__range=(first, last))
    came_in = span.filter(
        Q(kind__in=[FundEntryKind.DEPOSIT, FundEntryKind.INTEREST])
        | Q(kind=FundEntryKind.REVERSAL, reverses__resolution=None)
    )
    uses = span.exclude(resolution=None).select_related("resolution")
    return {
        "bank": books.fund.bank,
        "opening": str(_sum(rows, booked_on__lt=first)),
        "came_in": str(_sum(came_in)),
        "uses": [
            {"day": str(line.booked_on), "purpose": line.purpose, "amount": str(-line.amount),
             "resolution": str(line.resolution)}
            for line in uses
        ],
        "closing": str(_sum(rows, booked_on__lte=last)),
    }  # fmt: skip


def parts_of(period: CostPeriod) -> dict[str, Decimal]:
    """Return what each source bears now, corrections included."""
    rows = period.parts.order_by().values_list("source").annotate(whole=Sum("amount"))
    found = dict(rows)
    return {source: found.get(source, NOTHING) for source in CostSource.values}


def period_figures(period: CostPeriod) -> dict:
    """Return the statement of a published period: lines with their corrections, parts, and what came in so far.

    ``arrears`` is what all households together have not paid; ``overdue`` tells whether its day has passed.
    """
    lines = list(period.lines.order_by("id"))
    corrections = defaultdict(list)
    for line in lines:
        if line.corrects_id:
            corrections[line.corrects_id].append({"amount": str(line.amount), "day": str(_day(line.made_at))})
    parts = parts_of(period)
    covered = covered_by_period(period.books).get(period.pk, NOTHING)
    settled = period.subsidy_received is not None
    return {
        "lines": [
            {"kind": line.kind, "title": line.title, "supplier": line.supplier, "amount": str(line.amount),
             "corrections": corrections[line.pk],
             "stands": str(line.amount + sum(Decimal(row["amount"]) for row in corrections[line.pk]))}
            for line in lines
            if line.corrects_id is None
        ],
        "total": str(sum((line.amount for line in lines), NOTHING)),
        "parts": {source: str(part) for source, part in parts.items()},
        "dwellings": period.charges.filter(correction=None).count(),
        "paid": str(covered),
        "arrears": str(parts[CostSource.HOUSEHOLD] - covered),
        "subsidy_received": str(period.subsidy_received) if settled else None,
        "subsidy": subsidy_figures(period) if settled else None,
    }  # fmt: skip


def subsidy_figures(period: CostPeriod) -> dict:
    """Return how the subsidy of a settled period stands: published, each correction's difference, what came and went.

    ``borne`` is what it bears now, ``received`` what came in less what went back. The difference is ``to_claim`` or
    ``to_return``; one of the two is nought. ``corrections`` say what each correction lets be claimed (above 0) or
    returned (below 0).
    """
    parts = list(period.parts.filter(source=CostSource.SUBSIDY).select_related("correction").order_by("id"))
    lines = list(period.subsidy_lines.order_by("id"))
    borne = sum((part.amount for part in parts), NOTHING)
    received = (period.subsidy_received or NOTHING) + sum((line.amount for line in lines), NOTHING)
    return {
        "published": str(sum((part.amount for part in parts if part.correction_id is None), NOTHING)),
        "corrections": [
            {"title": part.correction.title, "amount": str(part.amount), "day": str(_day(part.correction.made_at))}
            for part in parts
            if part.correction_id is not None
        ],
        "borne": str(borne),
        "lines": [
            {"amount": str(line.amount), "day": str(line.booked_on), "is_reversal": line.reverses_id is not None}
            for line in lines
        ],
        "received": str(received),
        "to_claim": str(max(borne - received, NOTHING)),
        "to_return": str(max(received - borne, NOTHING)),
    }


def shown_figures(period: CostPeriod) -> dict:
    """Return the statement that people are shown: as disclosed, or as it stands if something was written since."""
    since = {"made_at__gt": period.disclosed_at}
    written = (period.lines, period.subsidy_lines)
    if period.figures and not any(rows.filter(**since).exists() for rows in written):
        return period.figures
    return period_figures(period)


def _day(moment) -> date:
    return timezone.localtime(moment).date()
