"""Lots whose last day is over expire: their free points go to the side of what expired, as a transfer each."""

import logging
from datetime import date

from django.db.models import F
from django.utils import timezone

from governance.models import User
from governance.transactions import atomically
from partners.ledger.permissions import CLOCKS, granted
from partners.ledger.posting import LOCK, Moves, Wish, begin, exchange, finish
from partners.models import AccountKind, Lot, Part, Transfer, TransferKind

log = logging.getLogger(__name__)
BATCH = 500
FREE = "SELECT remaining - held, expiries FROM partners_lot WHERE id = %s::bigint"


def lots_over(today: date):
    """Return the lots with free points whose last day lies before ``today``, oldest first."""
    rows = Lot.objects.filter(expires_on__lt=today, remaining__gt=F("held"))
    return rows.select_related("account__area").defer("account__area__boundary").order_by("expires_on", "id")


def lot_expire(lot: Lot, *, actor, today: date | None = None) -> Transfer | None:
    """Let the free points of a lot expire; None when there are none, or its day is not over.

    The key is ``expire:<lot>``, so that two jobs at once have one effect; ``expire:<lot>:<n>`` for points that came
    back later, by a hold released or a spending reversed.
    """
    grant = granted(CLOCKS, lot.account, actor)
    if lot.expires_on is None or lot.expires_on >= (today or timezone.localdate()):
        return None
    with atomically():
        account = str(lot.account_id)
        _locked, ((free, expiries),) = exchange([(LOCK, ["{" + account + "}"]), (FREE, [str(lot.pk)])])
        if not free:
            return None
        key = f"expire:{lot.pk}:{expiries}" if expiries else f"expire:{lot.pk}"
        wish = Wish(TransferKind.EXPIRE, key, lot.account, free, "expired", ("partners.lot", lot.pk))
        opening = begin(wish, actor=actor)
        entries = [(lot.account_id, Part.AVAILABLE, -free),
                   (opening.sides[AccountKind.EXPIRED], Part.AVAILABLE, free)]  # fmt: skip
        finish(opening, Moves(entries, [(lot.pk, Part.AVAILABLE, -free)]), actor=actor, grant=grant)
    return opening.transfer


def lots_expire(today: date | None = None) -> int:
    """Expire all lots whose day is over, each in a transaction of its own; return how many were."""
    today = today or timezone.localdate()
    actor, done = User.objects.system("timers"), 0
    while lots := list(lots_over(today)[:BATCH]):
        done += sum(lot_expire(lot, actor=actor, today=today) is not None for lot in lots)
    return done
