"""What all steps of rewards and redemptions have in common: who acts by itself, figures, refusals of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import User
from governance.scoping import Grant, Rule, grant_for
from partners.models import Redemption, Reward


def machine() -> User:
    """Return the actor that moves points and books rooms for redemptions; who asked stands on the redemption."""
    return User.objects.system("rewards")


def granted(rule: Rule, obj: models.Model, actor: User) -> Grant:
    """Return the grant by which ``actor`` may do this. Raises NotPermitted."""
    found = grant_for(rule, obj, actor)
    if found is None:
        raise NotPermitted(_("You may not do this here."))
    return found


def figures_of(obj: models.Model) -> dict:
    """Return what every event about ``obj`` tells: ids, codes and numbers."""
    if isinstance(obj, Reward):
        return {"kind": obj.kind, "cost": obj.cost, "stocked": obj.stocked, "taken": obj.taken}
    return {"reward": obj.reward_id, "kind": obj.kind, "cost": obj.cost, "account": obj.account_id, "hold": obj.hold_id}


def sold_out() -> Conflict:
    """Return the refusal of what there is no more of."""
    return Conflict(_("Nothing of it is left."), code="out_of_stock")


def changed_meanwhile() -> Conflict:
    """Return the refusal of what is not offered as it was shown."""
    return Conflict(_("This offer was changed in the meantime. Look at it again."), code="changed")


@contextmanager
def database_refusals() -> Iterator[None]:
    """Turn what the triggers refuse when two come at once into typed refusals; other faults stay what they are."""
    try:
        yield
    except IntegrityError as error:
        name = error.__cause__.diag.constraint_name
        if name == "reward_not_oversold":
            raise sold_out() from error
        if name == "redemption_as_offered":
            raise changed_meanwhile() from error
        if name and name.startswith("partners_reward_code"):
            raise Invalid(_("This code is taken."), field="code", code="unique") from error
        raise


def check_row(row: models.Model) -> None:
    """Judge the fields of a row. Raises Invalid naming the first wrong one."""
    try:
        row.full_clean()
    except ValidationError as error:
        field, found = next(iter(error.error_dict.items()))
        known = {one.name for one in row._meta.fields}
        text = " ".join(found[0].messages)
        raise Invalid(text, field=field if field in known else None, code=found[0].code or "invalid") from error


def is_own(redemption: Redemption, actor: User) -> bool:
    """Tell whether it is a coupon of the person at the till: taking it oneself would turn points into money."""
    mine = actor.pk in (redemption.redeemed_by_id, redemption.account.user_id)
    return redemption.merchant_id is not None and mine


def own_coupon() -> str:
    """Say that nobody takes the own coupon."""
    return _("You redeemed this coupon yourself: somebody else of the shop takes it.")


def told(redemption: Redemption) -> str:
    """Return in words why a redemption cannot be fulfilled; empty while it can."""
    texts = {
        "fulfilled": _("This code was used on %(at)s.") % {"at": _day(redemption.ended_at)},
        "cancelled": _("This redemption was cancelled: the code is good no more."),
        "timed_out": expired(redemption),
        "returned": _("This was used and taken back: the code is good no more."),
    }
    return texts.get(redemption.state, "")


def expired(redemption: Redemption) -> str:
    """Say that the time of a redemption is over, whether the timer has seen it or not."""
    return _("This code has expired: it was good until %(at)s.") % {"at": _day(redemption.until)}


def _day(moment) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""
