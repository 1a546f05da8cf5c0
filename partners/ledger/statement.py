"""What happened on an account, line by line, and what a community still owes its members in points."""

from dataclasses import astuple, dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from governance.models import Area
from partners.models import Account, Entry

PAGE = 50


def statement_lines(account: Account) -> QuerySet[Entry]:
    """Return the entries of an account, newest first, each with the transfer that names its reason and evidence.

    Who may read them is asked of the account (``Account.objects.visible_to``).
    """
    rows = Entry.objects.filter(account=account).select_related("transfer__reverses").order_by("-id")
    return rows.prefetch_related("transfer__counterpart__unit", "transfer__counterpart__user")


def statement_of(account: Account, *, after: int | None = None, size: int = PAGE) -> tuple[list[Entry], int | None]:
    """Return up to ``size`` lines older than the cursor ``after``, and the cursor of the next page (None: the end).

    Read along the index from there: as fast on the millionth line as on the first.
    """
    rows = statement_lines(account)
    rows = rows if after is None else rows.filter(pk__lt=after)
    found = list(rows[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None


@dataclass(frozen=True)
class Liability:
    """Points of the communities under an area at a moment: ``outstanding`` = available + held of members.

    ``issued`` − ``reversed`` is what left the pools; it equals outstanding + redeemed (merchants and settled included)
    + expired − owed.
    """

    outstanding: int
    owed: int
    issued: int
    redeemed: int
    expired: int

    def __add__(self, other: "Liability") -> "Liability":
        mine, theirs = astuple(self), astuple(other)
        return Liability(*(one + two for one, two in zip(mine, theirs, strict=True)))


# The figures of Liability out of ``entry`` and ``account``.
FIGURES = """
coalesce(sum(entry.amount) FILTER (WHERE account.kind = 'member' AND entry.part <> 'owed'), 0),
    coalesce(- sum(entry.amount) FILTER (WHERE entry.part = 'owed'), 0),
    coalesce(- sum(entry.amount) FILTER (WHERE account.kind = 'pool'), 0),
    coalesce(sum(entry.amount) FILTER (WHERE account.kind IN ('redeemed', 'merchant', 'settled')), 0),
    coalesce(sum(entry.amount) FILTER (WHERE account.kind = 'expired'), 0)
"""
LIABILITY = f"""
SELECT {FIGURES}
FROM partners_entry AS entry
JOIN partners_account AS account ON account.id = entry.account_id
JOIN governance_area AS area ON area.id = account.area_id AND area.path LIKE %s || '%%'
JOIN partners_transfer AS transfer ON transfer.id = entry.transfer_id
WHERE transfer.occurred_at <= %s
"""


def liability(area: Area, at: datetime) -> Liability:
    """Return what the communities under ``area`` owed their members at a moment, out of the entries themselves.

    Reads all entries of the area, trusting nothing that was kept: the check of the flat ``earning.closings``.
    """
    with connection.cursor() as cursor:
        cursor.execute(LIABILITY, [area.path, at])
        return Liability(*cursor.fetchone())
