"""Which lots points are taken from, and go back to: the earliest to expire first."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict
from partners.ledger.posting import Statement

# Lots whose day is over are left out, also while the job that expires them is late.
OPEN = """
SELECT id, remaining - held, expires_on FROM partners_lot
WHERE account_id = %s::bigint AND remaining > held AND (expires_on IS NULL OR expires_on >= %s::date)
ORDER BY expires_on, id
"""


def open_lots(account_id: int, today: date | None = None) -> Statement:
    """Return the statement that reads (lot, free points, good until) of an account, in the order of use."""
    return OPEN, [str(account_id), (today or timezone.localdate()).isoformat()]


def taken(lots: Sequence[tuple[int, int, date | None]], amount: int) -> list[tuple[int, int, date | None]]:
    """Return (lot, points, good until) that make ``amount``. Raises Conflict (``insufficient``)."""
    found, missing = [], amount
    for lot, free, expires_on in lots:
        if missing == 0:
            break
        part = min(free, missing)
        found.append((lot, part, expires_on))
        missing -= part
    if missing:
        text = _("Not enough points: %(free)d of %(asked)d.") % {"free": amount - missing, "asked": amount}
        raise Conflict(text, field="amount", code="insufficient")
    return found


def given_back(lots: Sequence[tuple[Any, int]], owed: int) -> tuple[list[tuple[Any, int]], int]:
    """Return what comes to lots (lot, or last day of a new one; points) after points owed are paid of it, and how many
    were paid.

    Whoever owes points gets nothing to spend before that is paid; the first lots pay.
    """
    paid, found = 0, []
    for lot, amount in lots:
        part = min(owed - paid, amount)
        paid += part
        if amount > part:
            found.append((lot, amount - part))
    return found, paid
