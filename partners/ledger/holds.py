"""Points set aside: placed, then redeemed, released, or released when time is up; exactly one of them, once."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import Timer, User
from governance.scoping import Grant
from governance.timers import cancel_timer, fires, set_timer
from governance.transactions import atomically
from partners.ledger.lots import given_back
from partners.ledger.permissions import CLOCKS, KEEPING, OWNING, RELEASING, granted
from partners.ledger.points import Evidence, check_spender
from partners.ledger.posting import Moves, Opening, Wish, begin, exchange, finish
from partners.ledger.taking import take
from partners.models import Account, AccountKind, Hold, HoldStage, Part, Transfer, TransferKind

DUE = "points.hold_due"
PLACE = """
INSERT INTO partners_hold (account_id, counterpart_id, area_id, amount, until, stage, placed_id)
VALUES (%s::bigint, %s::bigint, %s::bigint, %s::integer, %s::timestamptz, 'open', %s::bigint) RETURNING id
"""
# In this order: the lock may have to wait, and only then is the stage read that holds.
LOCK_HOLD = "SELECT stage FROM partners_hold WHERE id = %s::bigint FOR NO KEY UPDATE"
OF_LOTS = """
SELECT draw.lot_id, draw.amount FROM partners_draw AS draw JOIN partners_lot AS lot ON lot.id = draw.lot_id
WHERE draw.transfer_id = %s::bigint AND draw.part = 'held' ORDER BY lot.expires_on, lot.id
"""
END = "UPDATE partners_hold SET stage = %s::text, ended_id = %s::bigint WHERE id = %s::bigint"


def timer_key(hold_id: int) -> str:
    """Return the key of the timer that ends a hold."""
    return f"points_hold:{hold_id}:due"


def hold_place(
    account: Account, *, actor, amount: int, key: str, reason: str, until: datetime, evidence: Evidence | None = None,
    to: Account | None = None, occurred_at: datetime | None = None,
) -> Hold:  # fmt: skip
    """Set points of the earliest lots aside until a moment, for a merchant (``to``) or what the community offers.

    Raises NotPermitted, Invalid, Conflict (``insufficient``, ``key_reused``, ``inactive``).
    """
    grant = granted(OWNING, account, actor)
    check_spender(account, to)
    wish = Wish(TransferKind.HOLD, key, account, amount, reason, evidence, to, occurred_at=occurred_at,
                details=(until,))  # fmt: skip
    with atomically():
        transfer, again = take(wish, actor=actor, grant=grant)
        if again:
            return Hold.objects.select_related("account", "placed").get(placed=transfer)
        if until <= timezone.now():
            raise Invalid(_("This moment is over."), field="until")
        return _placed(wish, transfer, until)


def _placed(wish: Wish, transfer: Transfer, until: datetime) -> Hold:
    account, to = wish.account, wish.counterpart
    values = [str(account.pk), None if to is None else str(to.pk), str(account.area_id), str(wish.amount), until,
              str(transfer.pk)]  # fmt: skip
    (((hold_id,),),) = exchange([(PLACE, values)])
    made = Hold(id=hold_id, account=account, counterpart=to, area_id=account.area_id, amount=wish.amount, until=until,
                placed=transfer)  # fmt: skip
    made._state.adding, made._state.db = False, "default"
    set_timer(timer_key(made.pk), DUE, subject_id=made.pk, due_at=until)
    return made


def hold_post(hold: Hold, *, actor, evidence: Evidence | None = None) -> Transfer:
    """Redeem what was set aside: it was fulfilled. Raises NotPermitted, Conflict (``ended``)."""
    grant = granted(KEEPING, hold.account, actor)
    return _end(hold, TransferKind.POST, HoldStage.POSTED, actor=actor, grant=grant, evidence=evidence)


def hold_void(hold: Hold, *, actor) -> Transfer:
    """Release what was set aside, to the lots it came from. Raises NotPermitted, Conflict (``ended``)."""
    grant = granted(RELEASING, hold.account, actor)
    return _end(hold, TransferKind.VOID, HoldStage.VOIDED, actor=actor, grant=grant)


def hold_time_out(hold: Hold, *, actor) -> Transfer:
    """Release what was set aside because its time is up. Raises NotPermitted, Conflict (``ended``, ``not_due``)."""
    grant = granted(CLOCKS, hold.account, actor)
    if hold.until > timezone.now():
        raise Conflict(_("These points are set aside for longer."), code="not_due")
    return _end(hold, TransferKind.TIME_OUT, HoldStage.TIMED_OUT, actor=actor, grant=grant)


def _end(hold: Hold, kind: TransferKind, stage: HoldStage, *, actor, grant: Grant, evidence=None) -> Transfer:
    """End a hold in one way; asked for again it is the same answer, another way afterwards is a Conflict."""
    to = hold.counterpart if kind == TransferKind.POST else None
    wish = Wish(kind, f"hold:{hold.pk}:{kind}", hold.account, hold.amount, hold.placed.reason, evidence, to)
    reads = [(LOCK_HOLD, [str(hold.pk)]), (OF_LOTS, [str(hold.placed_id)])]
    with atomically():
        opening = begin(wish, actor=actor, reads=reads)
        if opening.repeated:
            return opening.transfer
        if opening.rows[0][0][0] != HoldStage.OPEN:
            raise Conflict(_("These points were redeemed or released already."), code="ended")
        moves = _posted(opening, hold) if kind == TransferKind.POST else _released(opening)
        ends = (END, [str(stage), str(opening.transfer.pk), str(hold.pk)])
        finish(opening, moves, actor=actor, grant=grant, more=[ends])
        if kind != TransferKind.TIME_OUT:
            cancel_timer(timer_key(hold.pk))
    return opening.transfer


def _posted(opening: Opening, hold: Hold) -> Moves:
    side = hold.counterpart_id or opening.sides[AccountKind.REDEEMED]
    entries = [(hold.account_id, Part.HELD, -hold.amount), (side, Part.AVAILABLE, hold.amount)]
    return Moves(entries, [(lot, Part.HELD, -part) for lot, part in opening.rows[1]])


def _released(opening: Opening) -> Moves:
    """Back to the same lots; points owed meanwhile are paid first, to the pool they are owed to."""
    account, amount = opening.wish.account.pk, opening.wish.amount
    back, paid = given_back(opening.rows[1], opening.balance.owed)
    entries = [(account, Part.HELD, -amount)]
    entries += [(account, Part.OWED, paid)] if paid else []
    entries += [(account, Part.AVAILABLE, amount - paid)] if amount > paid else []
    draws = [(lot, Part.HELD, -part) for lot, part in opening.rows[1]]
    return Moves(entries, draws + [(lot, Part.AVAILABLE, part) for lot, part in back])


@fires(DUE)
def hold_due(timer: Timer) -> None:
    """What happens when the time of a hold is up: it is released, if nothing ended it before."""
    hold = Hold.objects.with_rows().get(pk=timer.subject_id)
    if hold.stage != HoldStage.OPEN:
        return
    hold_time_out(hold, actor=User.objects.system("timers"))
