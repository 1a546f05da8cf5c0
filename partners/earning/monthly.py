"""Reports: an account's month, a community's liability at a moment, points by category in a period."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from governance.models import Area
from partners.earning.closings import ENTRIES, balance_before, communities_under, liability_of
from partners.earning.settling import day_span
from partners.ledger.reasons import title_of
from partners.ledger.statement import Liability
from partners.models import Account, Earning, Transfer, TransferKind

# Each line: what part of an account moved by which kind of transfer, for which reason, into it and out of it.
MOVED = f"""
SELECT transfer.kind, transfer.reason, coalesce(first.reason, ''),
    sum(entry.amount) FILTER (WHERE entry.amount > 0), sum(entry.amount) FILTER (WHERE entry.amount < 0)
{ENTRIES}
LEFT JOIN partners_transfer AS first ON first.id = transfer.reverses_id
WHERE transfer.kind NOT IN ('hold', 'void', 'time_out')
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


def month_named(text: str) -> date | None:
    """Return the first day of a month written ``2026-10``, or None."""
    return date.fromisoformat(f"{text}-01") if MONTH.fullmatch(text) else None


def months_back(today: date, count: int) -> list[str]:
    """Return so many months as texts, this one first."""
    months, day = [], today.replace(day=1)
    for _number in range(count):
        months.append(f"{day:%Y-%m}")
        day = (day - timedelta(days=1)).replace(day=1)
    return months


@dataclass(frozen=True)
class Category:
    """Points of one category in a month: into the account, out of it (both ≥ 0)."""

    title: str
    kind: str
    came_in: int
    went_out: int


@dataclass(frozen=True)
class Month:
    """An account's month in whole points: what is free and set aside together, less what is owed.

    ``closing`` = ``opening`` + ``came_in`` − ``went_out`` − ``expired``. Setting aside and releasing move nothing.
    """

    account: Account
    first: date
    last: date
    opening: int
    came_in: int
    went_out: int
    expired: int
    closing: int
    categories: list[Category]


def month_statement(account: Account, first: date, last: date) -> Month:
    """Return the statement of a member's or merchant's account from one day to another, both included.

    Three statements; reads the last closing before it and the account's entries since, not its history.
    """
    begin, end = day_span(first, last)
    opening = balance_before(account, begin)
    with connection.cursor() as cursor:
        cursor.execute(MOVED, {"account": account.pk, "since": begin, "until": end})
        rows = cursor.fetchall()
    categories = [
        Category(_title(kind, reason, first_reason), kind, came_in or 0, -(went_out or 0))
        for kind, reason, first_reason, came_in, went_out in rows
    ]
    expired = sum(row.went_out for row in categories if row.kind == TransferKind.EXPIRE)
    came_in = sum(row.came_in for row in categories)
    went_out = sum(row.went_out for row in categories) - expired
    closing = opening + came_in - went_out - expired
    return Month(account, first, last, opening, came_in, went_out, expired, closing, categories)


def _title(kind: str, reason: str, first_reason: str) -> str:
    if kind == TransferKind.REVERSE:
        return _("Reversed: %(what)s") % {"what": title_of(Transfer(kind=TransferKind.EARN, reason=first_reason))}
    return title_of(Transfer(kind=kind, reason=reason))


def liability_report(area: Area, before: datetime) -> list[tuple[Area, Liability]]:
    """Return what each community under an area owed its members just before a moment; few rows each, by closings."""
    return [(one, liability_of(one, before)) for one in communities_under(area)]


@dataclass(frozen=True)
class KindSum:
    """What a kind of service earned in a period: decisions, points, those of them reversed."""

    kind: str
    decisions: int
    points: int
    reversed_points: int


BY_REASON = """
SELECT transfer.kind, transfer.reason, count(*), sum(transfer.amount) FROM partners_transfer AS transfer
JOIN governance_area AS area ON area.id = transfer.area_id AND area.path LIKE %s || '%%'
WHERE transfer.occurred_at >= %s AND transfer.occurred_at < %s GROUP BY 1, 2 ORDER BY 1, 2
"""


def kind_report(area: Area, first: date, last: date) -> list[KindSum]:
    """Return what each kind of service earned by services of these days, the most points first."""
    rows = Earning.objects.filter(area__path__startswith=area.path, day__range=(first, last))
    back = Coalesce(Sum("points", filter=Q(reversed_at__isnull=False)), 0)
    sums = rows.order_by().values_list("kind__name").annotate(count=Count("pk"), sum=Sum("points"), back=back)
    return sorted((KindSum(*row) for row in sums), key=lambda one: (-one.points, one.kind))


def movement_report(area: Area, first: date, last: date) -> list[tuple[str, str, int, int]]:
    """Return (kind of movement, what for, how many, points) of a period; reads that period alone."""
    begin, end = day_span(first, last)
    with connection.cursor() as cursor:
        cursor.execute(BY_REASON, [area.path, begin, end])
        return [
            (str(TransferKind(kind).label), title_of(Transfer(kind=kind, reason=reason)), count, int(points))
            for kind, reason, count, points in cursor.fetchall()
        ]
