"""Opening accounts, and what is on them."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import REASON_NEEDED, Conflict, Invalid
from governance.events import record
from governance.models import Area, AreaKind, OrgUnit, User
from governance.transactions import atomically
from partners.ledger.permissions import KEEPING, granted, refuse_own_account
from partners.models import SIDES, Account, AccountKind, Lot

LONGEST_REASON = 500
SOON = 30  # days before their last one in which points are said to end soon


def account_open(
    area: Area, *, actor, user: User | None = None, unit: OrgUnit | None = None, kind: str = AccountKind.MEMBER
) -> Account:
    """Open the account of a person or a unit in a community, or return the one there is; with it the community's sides.

    Raises NotPermitted, Invalid (``area``: no community; ``owner``: not exactly one), Conflict (``inactive``).
    """
    wanted = Account(kind=kind, area=area, user=user, unit=unit)
    grant = granted(KEEPING, wanted, actor)
    if area.kind != AreaKind.COMMUNITY:
        raise Invalid(_("Points belong to a community."), field="area")
    if kind not in (AccountKind.MEMBER, AccountKind.MERCHANT):
        raise Invalid(_("Accounts are opened for members and merchants."), field="kind")
    if (user is None) == (unit is None) or (kind == AccountKind.MERCHANT and unit is None):
        raise Invalid(_("An account has one owner; a merchant is a unit."), field="owner")
    with atomically():
        sides = [Account(kind=side, area=area) for side in SIDES]
        Account.objects.bulk_create(sides, ignore_conflicts=True)
        account, made = Account.objects.with_rows().get_or_create(kind=kind, area=area, user=user, unit=unit)
        if made:
            payload = {"kind": kind, "user": user and user.pk, "unit": unit and unit.pk}
            record("points.account_opened", account, actor=actor, grant=grant, payload=payload)
    if not account.is_active:
        raise Conflict(_("This points account is not in use."), code="inactive")
    return account


def account_set_in_use(account: Account, *, actor, is_active: bool, reason: str) -> Account:
    """Take an account out of use (nothing is earned or spent there; holds end, reversals go on), or into use again.

    Raises NotPermitted (also to whose account it is), Invalid (no reason; a community's own sides are always in use).
    """
    grant = granted(KEEPING, account, actor)
    refuse_own_account(account, actor)
    if account.kind in SIDES:
        raise Invalid(_("Accounts are opened for members and merchants."), field="kind")
    if not reason.strip():
        raise Invalid(REASON_NEEDED, field="reason", code="required")
    if len(reason) > LONGEST_REASON:
        raise Invalid(_("At most %(most)d characters.") % {"most": LONGEST_REASON}, field="reason")
    with atomically():
        locked = Account.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
        if locked.is_active != is_active:
            locked.is_active = is_active
            locked.save(update_fields=["is_active"])
            payload = {"is_active": is_active}
            text = reason.strip()
            record("points.account_changed", locked, actor=actor, grant=grant, payload=payload, text=text)
    return locked


@dataclass(frozen=True)
class Balance:
    """Whole points. ``over``: of ``available`` those whose last day is over, which the nightly job will take.

    ``spendable`` = available − over; ``ending``: of those what ends within 30 days.
    """

    available: int
    held: int
    owed: int
    over: int
    ending: int

    @property
    def spendable(self) -> int:
        return self.available - self.over


def balance_of(account: Account, today: date | None = None) -> Balance:
    """Return what a member has; two statements, however long the history is."""
    today = today or timezone.localdate()
    found = Account.objects.values("available", "held", "owed").get(pk=account.pk)
    free = Lot.objects.filter(account=account, remaining__gt=F("held"))
    points = Coalesce(Sum(F("remaining") - F("held")), 0)
    over = free.filter(expires_on__lt=today).aggregate(points=points)["points"]
    until = today + timedelta(days=SOON)
    ending = free.filter(expires_on__range=(today, until)).aggregate(points=points)["points"]
    return Balance(**found, over=over, ending=ending)
