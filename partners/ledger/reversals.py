"""Reversals: what was spent goes back to the same lots; what was earned goes back to the pool, spent or not."""

from datetime import datetime

from django.utils.translation import gettext as _

from governance.errors import Conflict
from governance.transactions import atomically
from partners.ledger.lots import given_back
from partners.ledger.permissions import KEEPING, granted
from partners.ledger.points import Evidence
from partners.ledger.posting import Moves, Opening, Wish, begin, finish
from partners.models import AccountKind, Part, Transfer, TransferKind

REVERSIBLE = (TransferKind.EARN, TransferKind.SPEND, TransferKind.POST)
DRAWN = """
SELECT draw.lot_id, - draw.amount FROM partners_draw AS draw JOIN partners_lot AS lot ON lot.id = draw.lot_id
WHERE draw.transfer_id = %s::bigint ORDER BY lot.expires_on, lot.id
"""
# The lot an earning granted (none when all of it paid what was owed): its free points, and those that expired.
GRANTED = """
SELECT lot.id, lot.remaining - lot.held, (
    SELECT coalesce(- sum(draw.amount), 0) FROM partners_draw AS draw
    JOIN partners_transfer AS transfer ON transfer.id = draw.transfer_id AND transfer.kind = 'expire'
    WHERE draw.lot_id = lot.id
) FROM partners_lot AS lot WHERE lot.transfer_id = %s::bigint
"""


def transfer_reverse(transfer: Transfer, *, actor, reason: str, evidence: Evidence | None = None,
                     occurred_at: datetime | None = None) -> Transfer:  # fmt: skip
    """Reverse an earning, a spending or a redemption, once and whole.

    Of an earning that was spent already the rest is owed, and paid by later earnings: no balance is below 0. Points of
    it that expired are not owed. Asked for again with the same reason it is the same answer. Raises NotPermitted,
    Conflict (``not_reversible``, ``key_reused``).
    """
    grant = granted(KEEPING, transfer.account, actor)
    if transfer.kind not in REVERSIBLE:
        raise Conflict(_("Only what was earned, spent or redeemed is reversed."), code="not_reversible")
    wish = Wish(TransferKind.REVERSE, f"reverse:{transfer.pk}", transfer.account, transfer.amount, reason, evidence,
                transfer.counterpart, transfer, occurred_at)  # fmt: skip
    earned = transfer.kind == TransferKind.EARN
    with atomically():
        opening = begin(wish, actor=actor, reads=[(GRANTED if earned else DRAWN, [str(transfer.pk)])])
        if not opening.repeated:
            moves = _unearned(opening) if earned else _unspent(opening)
            finish(opening, moves, actor=actor, grant=grant)
    return opening.transfer


def _unearned(opening: Opening) -> Moves:
    account, amount = opening.wish.account.pk, opening.wish.amount
    lot, free, expired = opening.rows[0][0] if opening.rows[0] else (None, 0, 0)
    owed = amount - free - expired
    entries = [(opening.sides[AccountKind.POOL], Part.AVAILABLE, amount)]
    entries += [(account, Part.AVAILABLE, -free)] if free else []
    entries += [(opening.sides[AccountKind.EXPIRED], Part.AVAILABLE, -expired)] if expired else []
    entries += [(account, Part.OWED, -owed)] if owed else []
    return Moves(entries, [(lot, Part.AVAILABLE, -free)] if free else [])


def _unspent(opening: Opening) -> Moves:
    wish = opening.wish
    account, amount = wish.account.pk, wish.amount
    side = opening.sides[AccountKind.REDEEMED] if wish.counterpart is None else wish.counterpart.pk
    back, paid = given_back(opening.rows[0], opening.balance.owed)
    entries = [(side, Part.AVAILABLE, -amount)]
    entries += [(account, Part.OWED, paid)] if paid else []
    entries += [(account, Part.AVAILABLE, amount - paid)] if amount > paid else []
    return Moves(entries, [(lot, Part.AVAILABLE, part) for lot, part in back])
