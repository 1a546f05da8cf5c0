"""Giving points to another member, as with a bank: who gives knows the number of the account and whose it is.

Members are not listed and not looked up: a number alone, or a name alone, tells nothing; the doors count the tries.
"""

from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.identity.limits import KeyThrottle, throttled
from partners.ledger.permissions import OWNING, granted
from partners.ledger.points import points_give
from partners.models import Account, AccountKind, Transfer

TRIES = "gift-try"  # rate in the settings


def count_try(actor) -> None:
    """Count that somebody names an account. Raises TooMany. Call it outside of what a refusal would undo."""
    throttled(KeyThrottle(f"user:{actor.pk}"), TRIES)


def gift_make(account: Account, *, actor, number: int, name: str, amount: int, key: str) -> Transfer:
    """Give points of ``account`` to the member of the same community with this account ``number`` and ``name``.

    ``key``: of the giver's own, at most 60 characters; the same wish sent again has one effect. Raises NotPermitted,
    Invalid (``to``: there is no such member; nobody gives to the own account), Conflict as ``points_give``.
    """
    granted(OWNING, account, actor)
    if not 1 <= len(key) <= 60:
        raise Invalid(_("A key of 1 to 60 characters is needed."), field="key")
    to = _member(account, number, name)
    return points_give(account, actor=actor, to=to, amount=amount, key=f"give:{account.pk}:{key}", reason="gift")


def _member(account: Account, number: int, name: str) -> Account:
    """Return the account that number and name are both of. Raises one and the same Invalid whatever does not fit."""
    rows = Account.objects.filter(kind=AccountKind.MEMBER, area=account.area_id).with_rows()
    found = rows.filter(pk=number).first()
    if found is None or found.owner_name.strip() != name.strip():
        text = _("No member of this community has an account with this number and name.")
        raise Invalid(text, field="to", code="does_not_exist")
    return found
