"""Who may do what in the points bank.

- Those who keep a community's books (its staff, and administrators) book what was earned, redeem, reverse, settle and
  correct; so may the product's own processes, for what was approved elsewhere.
- Points are spent, given and set aside by their owner: the person, or whoever works for the unit.
- Only processes let time pass: expiry and time-outs.
- Nobody decides on an account that is their own, or that of the unit they work for.
"""

from django.utils.translation import gettext as _

from governance.errors import NotPermitted
from governance.models import Role
from governance.permissions import permit
from governance.scoping import Anywhere, Grant, InArea, Rule, grant_for, grants_of
from partners.ledger.querysets import KEEPERS, LOOKERS, OWNERS
from partners.models import Account

KEEPING: Rule = {role: InArea() for role in KEEPERS} | {Role.SYSTEM: Anywhere()}
OWNING: Rule = OWNERS | {Role.SYSTEM: Anywhere()}
RELEASING: Rule = OWNERS | {role: OWNERS[role] | InArea() for role in KEEPERS} | {Role.SYSTEM: Anywhere()}
AS_RESIDENT = Grant(Role.RESIDENT)
CLOCKS: Rule = {Role.SYSTEM: Anywhere()}
DECIDING: Rule = {role: InArea() for role in KEEPERS}

for name in ("account", "transfer", "hold", "adjustment"):
    permit(f"partners.{name}", view=frozenset(LOOKERS))


def granted(rule: Rule, account: Account, actor) -> Grant:
    """Return the grant by which ``actor`` may do this to an account. Raises NotPermitted.

    What everybody may do with the own account is asked first: it needs no look at appointments.
    """
    own = rule.get(Role.RESIDENT)
    if own and actor.is_authenticated and actor.is_active and own.holds(account, AS_RESIDENT, actor):
        return AS_RESIDENT
    found = grant_for(rule, account, actor)
    if found is None:
        raise NotPermitted(_("You may not do this with these points."))
    return found


def is_own_account(account: Account, actor) -> bool:
    """Tell whether an account is a person's own, or that of a unit they work for."""
    if account.user_id is not None:
        return account.user_id == actor.pk
    return account.unit_id is not None and any(grant.unit_id == account.unit_id for grant in grants_of(actor))


def refuse_own_account(account: Account, actor) -> None:
    """Refuse a decision on one's own account. Raises NotPermitted (``own``)."""
    if is_own_account(account, actor):
        raise NotPermitted(_("Another person decides on your own points."), code="own")
