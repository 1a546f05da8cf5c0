"""Corrections without evidence: one person proposes with a reason, another decides."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import REASON_NEEDED, Conflict, Invalid, NotPermitted
from governance.events import record
from governance.scoping import Grant
from governance.transactions import atomically
from partners.ledger.accounts import LONGEST_REASON
from partners.ledger.lots import given_back, open_lots, taken
from partners.ledger.permissions import DECIDING, granted, refuse_own_account
from partners.ledger.posting import LARGEST, Moves, Opening, Wish, begin, finish, in_use
from partners.models import Account, AccountKind, Adjustment, AdjustmentStage, Part, Transfer, TransferKind


def adjustment_propose(
    account: Account, *, actor, amount: int, reason: str, expires_on: date | None = None
) -> Adjustment:
    """Propose to add points, or to take some away (negative). Raises NotPermitted, Invalid, Conflict (``inactive``)."""
    grant = granted(DECIDING, account, actor)
    _check(account, amount, reason, expires_on)
    with atomically():
        made = Adjustment.objects.create(account=account, area_id=account.area_id, amount=amount,
                                         expires_on=expires_on, reason=reason.strip(), proposed_by=actor)  # fmt: skip
        payload = {"account": account.pk, "amount": amount}
        record("points.adjustment_proposed", made, actor=actor, grant=grant, payload=payload, text=made.reason)
    return made


def _check(account: Account, amount: int, reason: str, expires_on: date | None) -> None:
    if account.kind != AccountKind.MEMBER:
        raise Invalid(_("Only members have points to earn and spend."), field="account")
    if not account.is_active:
        raise Conflict(_("This points account is not in use."), code="inactive")
    if isinstance(amount, bool) or not isinstance(amount, int) or not 1 <= abs(amount) <= LARGEST:
        raise Invalid(_("Whole points from 1 to %(most)d are needed.") % {"most": LARGEST}, field="amount")
    if not reason.strip():
        raise Invalid(REASON_NEEDED, field="reason", code="required")
    if len(reason) > LONGEST_REASON:
        raise Invalid(_("At most %(most)d characters.") % {"most": LONGEST_REASON}, field="reason")
    if expires_on is not None and (amount < 0 or expires_on < timezone.localdate()):
        raise Invalid(_("Points cannot be good until a day that is over."), field="expires_on")


def adjustment_approve(adjustment: Adjustment, *, actor) -> Transfer:
    """Approve a proposed adjustment and book it.

    Raises NotPermitted (also to who proposed it, or whose points they are), Conflict (``ended``; ``insufficient``:
    there are not as many points; ``over``: the last day of the points to add is over).
    """
    grant = _deciding(adjustment, actor)
    account, amount, last = adjustment.account, adjustment.amount, adjustment.expires_on
    if adjustment.stage == AdjustmentStage.PROPOSED and last is not None and last < timezone.localdate():
        raise Conflict(_("The last day of these points is over: propose it again."), code="over")
    wish = Wish(TransferKind.ADJUST, f"adjust:{adjustment.pk}", account, abs(amount), "adjustment",
                ("partners.adjustment", adjustment.pk))  # fmt: skip
    with atomically():
        opening = begin(wish, actor=actor, reads=[open_lots(account.pk)])
        if opening.repeated:
            return opening.transfer
        in_use(opening)
        locked = _locked(adjustment)
        moves = _added(opening, locked) if amount > 0 else _taken_away(opening)
        finish(opening, moves, actor=actor, grant=grant)
        _decide(locked, AdjustmentStage.APPROVED, actor, opening.transfer)
    return opening.transfer


def adjustment_decline(adjustment: Adjustment, *, actor, reason: str) -> Adjustment:
    """Decline a proposed adjustment.

    Raises NotPermitted (also to who proposed it, or whose points they are), Invalid, Conflict (``ended``).
    """
    grant = _deciding(adjustment, actor)
    if not reason.strip():
        raise Invalid(REASON_NEEDED, field="reason", code="required")
    with atomically():
        locked = _locked(adjustment)
        _decide(locked, AdjustmentStage.DECLINED, actor, None)
        payload = {"account": adjustment.account_id, "amount": adjustment.amount}
        record("points.adjustment_declined", locked, actor=actor, grant=grant, payload=payload, text=reason.strip())
    return locked


def _deciding(adjustment: Adjustment, actor) -> Grant:
    grant = granted(DECIDING, adjustment.account, actor)
    if actor.pk == adjustment.proposed_by_id:
        raise NotPermitted(_("Another person decides what you proposed."), code="same_person")
    refuse_own_account(adjustment.account, actor)
    return grant


def _locked(adjustment: Adjustment) -> Adjustment:
    locked = Adjustment.objects.select_for_update(of=("self",)).get(pk=adjustment.pk)
    if locked.stage != AdjustmentStage.PROPOSED:
        raise Conflict(_("This adjustment was decided already."), code="ended")
    return locked


def _decide(locked: Adjustment, stage: AdjustmentStage, actor, transfer: Transfer | None) -> None:
    locked.stage, locked.decided_by, locked.decided_at, locked.transfer = stage, actor, timezone.now(), transfer
    locked.save(update_fields=["stage", "decided_by", "decided_at", "transfer"])


def _added(opening: Opening, adjustment: Adjustment) -> Moves:
    """Points owed are paid first: so two persons may also let a debt go."""
    account, amount = opening.wish.account.pk, opening.wish.amount
    rest, paid = given_back([(adjustment.expires_on, amount)], opening.balance.owed)
    entries = [(opening.sides[AccountKind.POOL], Part.AVAILABLE, -amount)]
    entries += [(account, Part.OWED, paid)] if paid else []
    entries += [(account, Part.AVAILABLE, amount - paid)] if amount > paid else []
    return Moves(entries, lots=[(part, day) for day, part in rest], lots_of=account)


def _taken_away(opening: Opening) -> Moves:
    account, amount = opening.wish.account.pk, opening.wish.amount
    draws = [(lot, Part.AVAILABLE, -part) for lot, part, _day in taken(opening.rows[0], amount)]
    entries = [(account, Part.AVAILABLE, -amount), (opening.sides[AccountKind.POOL], Part.AVAILABLE, amount)]
    return Moves(entries, draws)
