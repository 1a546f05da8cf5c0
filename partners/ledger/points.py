"""Earning, spending and giving points, and settling with merchants."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.transactions import atomically
from partners.ledger.lots import given_back, open_lots, taken
from partners.ledger.permissions import KEEPING, OWNING, granted
from partners.ledger.posting import Moves, Opening, Wish, begin, exchange, finish, in_use
from partners.ledger.taking import take
from partners.models import Account, AccountKind, Part, Transfer, TransferKind

Evidence = tuple[str, int]


def _of_member(account: Account, field: str = "account") -> None:
    if account.kind != AccountKind.MEMBER:
        raise Invalid(_("Only members have points to earn and spend."), field=field)


def points_earn(
    account: Account, *, actor, amount: int, key: str, reason: str, evidence: Evidence,
    expires_on: date | None = None, occurred_at: datetime | None = None,
) -> Transfer:  # fmt: skip
    """Book ``amount`` points earned, out of the community's pool; points owed are paid of them first.

    ``evidence``: (model label, id) of the approved record that earned them; ``expires_on``: their last day (none: they
    stay good). Raises NotPermitted, Invalid, Conflict (``key_reused``, ``inactive``).
    """
    grant = granted(KEEPING, account, actor)
    _of_member(account)
    if not evidence or not evidence[0]:
        raise Invalid(_("Points come from evidence only."), field="evidence")
    if expires_on is not None and expires_on < timezone.localdate():
        raise Invalid(_("Points cannot be good until a day that is over."), field="expires_on")
    wish = Wish(TransferKind.EARN, key, account, amount, reason, evidence, occurred_at=occurred_at,
                details=(expires_on,))  # fmt: skip
    with atomically():
        opening = begin(wish, actor=actor)
        if not opening.repeated:
            in_use(opening)
            paid = min(opening.balance.owed, amount)
            entries = [(opening.sides[AccountKind.POOL], Part.AVAILABLE, -amount)]
            entries += [(account.pk, Part.OWED, paid)] if paid else []
            entries += [(account.pk, Part.AVAILABLE, amount - paid)] if amount > paid else []
            lots = [(amount - paid, expires_on)] if amount > paid else []
            finish(opening, Moves(entries, lots=lots, lots_of=account.pk), actor=actor, grant=grant)
    return opening.transfer


def points_spend(
    account: Account, *, actor, amount: int, key: str, reason: str, evidence: Evidence | None = None,
    to: Account | None = None, occurred_at: datetime | None = None,
) -> Transfer:  # fmt: skip
    """Spend points of the earliest lots at once: to a merchant (``to``), or for what the community offers.

    No door leads here: people redeem rewards, which are set aside and posted (docs/decisions/0031). It is what those
    two are together, measured and raced as the ledger's plain way of spending. Raises NotPermitted, Invalid, Conflict
    (``insufficient``, ``key_reused``, ``inactive``).
    """
    grant = granted(OWNING, account, actor)
    check_spender(account, to)
    wish = Wish(TransferKind.SPEND, key, account, amount, reason, evidence, to, occurred_at=occurred_at)
    transfer, _again = take(wish, actor=actor, grant=grant)
    return transfer


def check_spender(account: Account, to: Account | None) -> None:
    """Refuse to spend what is no member's, or to what is no merchant in use. Raises Invalid, Conflict."""
    _of_member(account)
    if to is not None and to.kind != AccountKind.MERCHANT:
        raise Invalid(_("Points are spent at a merchant."), field="to")
    if to is not None and not to.is_active:
        raise Conflict(_("This points account is not in use."), field="to", code="inactive")


def points_give(
    account: Account, *, actor, to: Account, amount: int, key: str, reason: str, occurred_at: datetime | None = None
) -> Transfer:
    """Give points to another member of the community: they stay good as long as they were.

    Who owes points gives none away; of those given, what the other member owes is paid first. Raises NotPermitted,
    Invalid, Conflict (``owed``, ``insufficient``, ``key_reused``, ``inactive``).
    """
    grant = granted(OWNING, account, actor)
    _of_member(account)
    _of_member(to, "to")
    if to.pk == account.pk:
        raise Invalid(_("Points are given to another member."), field="to")
    wish = Wish(TransferKind.GIVE, key, account, amount, reason, counterpart=to, occurred_at=occurred_at)
    with atomically():
        opening = begin(wish, actor=actor, reads=[open_lots(account.pk)])
        if not opening.repeated:
            in_use(opening)
            if opening.balance.owed:
                raise Conflict(_("Points are owed on this account: until they are paid, none are given."), code="owed")
            finish(opening, _given(opening, to), actor=actor, grant=grant)
    return opening.transfer


def _given(opening: Opening, to: Account) -> Moves:
    account, amount = opening.wish.account, opening.wish.amount
    lots = taken(opening.rows[0], amount)
    rest, paid = given_back([(day, part) for _lot, part, day in lots], opening.balances[to.pk].owed)
    entries = [(account.pk, Part.AVAILABLE, -amount)]
    entries += [(to.pk, Part.OWED, paid)] if paid else []
    entries += [(to.pk, Part.AVAILABLE, amount - paid)] if amount > paid else []
    draws = [(lot, Part.AVAILABLE, -part) for lot, part, _day in lots]
    return Moves(entries, draws, [(part, day) for day, part in rest], lots_of=to.pk)


UNSETTLED = "SELECT coalesce(sum(amount), 0) FROM partners_entry WHERE account_id = %s::bigint"


def points_settle(merchant: Account, *, actor, amount: int, key: str, reason: str, evidence: Evidence) -> Transfer:
    """Settle points with a merchant: those are paid for elsewhere, as ``evidence`` shows.

    One settlement of a merchant at a time. Raises NotPermitted, Invalid, Conflict (``insufficient``, ``key_reused``).
    """
    grant = granted(KEEPING, merchant, actor)
    if merchant.kind != AccountKind.MERCHANT:
        raise Invalid(_("Only merchants are settled with."), field="account")
    wish = Wish(TransferKind.SETTLE, key, merchant, amount, reason, evidence)
    with atomically():
        opening = begin(wish, actor=actor, reads=[(UNSETTLED, [str(merchant.pk)])])
        if not opening.repeated:
            has = opening.rows[0][0][0]
            if has < amount:
                text = _("Not enough points: %(free)d of %(asked)d.") % {"free": has, "asked": amount}
                raise Conflict(text, field="amount", code="insufficient")
            entries = [(merchant.pk, Part.AVAILABLE, -amount),
                       (opening.sides[AccountKind.SETTLED], Part.AVAILABLE, amount)]  # fmt: skip
            finish(opening, Moves(entries), actor=actor, grant=grant)
    return opening.transfer


def unsettled(merchant: Account) -> int:
    """Return the points a merchant was given and not yet settled with; below 0 after a return of settled ones."""
    (((total,),),) = exchange([(UNSETTLED, [str(merchant.pk)])])
    return total
