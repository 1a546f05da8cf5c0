"""Closing months: what a community's books stood at, kept once, so that no report reads all history."""

from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from governance.models import Area
from governance.transactions import atomically
from partners.earning.settling import day_span
from partners.ledger.statement import FIGURES, Liability
from partners.models import Account, AccountKind, MonthlyClosing

# A month is closed so long after it ended: what was booked in its last moments has been stored by then [J].
SETTLES = timedelta(hours=1)
SINCE = f"""
SELECT {FIGURES}
FROM partners_transfer AS transfer JOIN partners_entry AS entry ON entry.transfer_id = transfer.id
JOIN partners_account AS account ON account.id = entry.account_id
WHERE transfer.area_id = %s AND transfer.occurred_at >= %s AND transfer.occurred_at < %s
"""
# The balances of a month's end, of the accounts in which points moved since the one before.
CLOSE_ACCOUNTS = """
INSERT INTO partners_accountclosing (account_id, until, balance)
SELECT moved.account_id, %(until)s, moved.points + coalesce((
    SELECT before.balance FROM partners_accountclosing AS before
    WHERE before.account_id = moved.account_id AND before.until <= %(since)s ORDER BY before.until DESC LIMIT 1), 0)
FROM (
    SELECT entry.account_id, sum(entry.amount) AS points
    FROM partners_transfer AS transfer JOIN partners_entry AS entry ON entry.transfer_id = transfer.id
    JOIN partners_account AS account ON account.id = entry.account_id AND account.kind IN ('member', 'merchant')
    WHERE transfer.area_id = %(area)s AND transfer.occurred_at >= %(since)s AND transfer.occurred_at < %(until)s
    GROUP BY entry.account_id
) AS moved
"""
# The entries of one account in a span: its transfers are those that name it on either side. They are looked for first
# (OFFSET 0), by the account and the moment, and never by way of all entries of the account.
ENTRIES = """
FROM (
    SELECT id, kind, reason, reverses_id FROM partners_transfer
    WHERE account_id = %(account)s AND occurred_at >= %(since)s AND occurred_at < %(until)s
    UNION ALL
    SELECT id, kind, reason, reverses_id FROM partners_transfer
    WHERE counterpart_id = %(account)s AND occurred_at >= %(since)s AND occurred_at < %(until)s OFFSET 0
) AS transfer
JOIN LATERAL (
    SELECT id, amount FROM partners_entry WHERE transfer_id = transfer.id AND account_id = %(account)s OFFSET 0
) AS entry ON true
"""
BALANCE = f"""
SELECT coalesce((
    SELECT balance FROM partners_accountclosing WHERE account_id = %(account)s AND until <= %(since)s
    ORDER BY until DESC LIMIT 1), 0) + (SELECT coalesce(sum(entry.amount), 0) {ENTRIES})
"""
BEGINNING = datetime(2000, 1, 1, tzinfo=timezone.get_fixed_timezone(480))


def liability_of(area: Area, before: datetime) -> Liability:
    """Return what a community's books stood at just before a moment: the last closing and what was booked since."""
    closing = _last_closing(area.pk, before)
    since = closing.until if closing else BEGINNING
    with connection.cursor() as cursor:
        cursor.execute(SINCE, [area.pk, since, before])
        moved = Liability(*cursor.fetchone())
    return moved if closing is None else moved + figures_of(closing)


def _last_closing(area_id: int, before: datetime) -> MonthlyClosing | None:
    return MonthlyClosing.objects.filter(area=area_id, until__lte=before).order_by("-until").first()


def balance_before(account: Account, before: datetime) -> int:
    """Return what a member or merchant had just before a moment, in whole points: free and set aside less what is owed.

    Two statements; read are the last closing and the account's entries since, however long its history.
    """
    closing = _last_closing(account.area_id, before)
    since = closing.until if closing else BEGINNING
    with connection.cursor() as cursor:
        cursor.execute(BALANCE, {"account": account.pk, "since": since, "until": before})
        return int(cursor.fetchone()[0])


def figures_of(closing: MonthlyClosing) -> Liability:
    """Return the figures of a closing."""
    return Liability(closing.outstanding, closing.owed, closing.issued, closing.redeemed, closing.expired)


def communities_under(area: Area) -> list[Area]:
    """Return the communities under an area (itself too) that keep books, by code."""
    kept = Account.objects.filter(kind=AccountKind.POOL).values("area")
    return list(Area.objects.filter(pk__in=kept, path__startswith=area.path).defer("boundary").order_by("code"))


def month_begin(day: date) -> datetime:
    """Return the moment a day's month begins, Asia/Shanghai."""
    return day_span(day.replace(day=1), day)[0]


def months_close(now: datetime | None = None) -> int:
    """Close each month that is over, of each community that keeps books, in their order; return how many."""
    now = now or timezone.now()
    end = month_begin(timezone.localdate(now - SETTLES))
    made = 0
    for area in Area.objects.filter(pk__in=Account.objects.filter(kind=AccountKind.POOL).values("area")):
        made += _close(area, end)
    return made


def _close(area: Area, end: datetime) -> int:
    """Close the months of a community up to ``end``. Who closes at the same moment waits, and finds nothing to do."""
    made = 0
    with atomically():
        pool = Account.objects.select_for_update(no_key=True).get(area=area, kind=AccountKind.POOL)
        last = MonthlyClosing.objects.filter(area=area).aggregate(last=Max("until"))["last"]
        until = _month_after(last) if last else _first_end(pool, area)
        since = last or BEGINNING
        while until is not None and until <= end:
            _close_month(area, since, until)
            made, since, until = made + 1, until, _month_after(until)
    return made


def _close_month(area: Area, since: datetime, until: datetime) -> None:
    found = liability_of(area, until)
    MonthlyClosing.objects.create(
        area=area, until=until, outstanding=found.outstanding, owed=found.owed, issued=found.issued,
        redeemed=found.redeemed, expired=found.expired,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(CLOSE_ACCOUNTS, {"area": area.pk, "since": since, "until": until})


def _month_after(moment: datetime) -> datetime:
    day = timezone.localtime(moment).date()
    return month_begin((day.replace(day=1) + timedelta(days=32)).replace(day=1))


def _first_end(pool: Account, area: Area) -> datetime | None:
    """Return the end of the first month in which points moved, or in which the books were opened."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(occurred_at) FROM partners_transfer WHERE area_id = %s", [area.pk])
        (first,) = cursor.fetchone()
    return _month_after(min(first, pool.opened_at) if first else pool.opened_at)
