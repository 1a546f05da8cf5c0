"""Who may view and change dispatch rules, and when: one that is switched on is not changed while it decides."""

from django.utils.translation import gettext as _

from cases.models import DispatchRule, RuleState
from governance.configuration import guards
from governance.errors import Conflict
from governance.permissions import ADMIN_ONLY, STAFF, permit

for name in ("dispatchrule", "rulecategory", "ruleunit"):
    permit(f"cases.{name}", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("cases.ruletrial", view=STAFF)


def guard_rule(rule: DispatchRule, stored: DispatchRule | None, _actor) -> None:
    """A rule in use is switched off before it is changed; nobody's form brings an older state back."""
    if stored is None:
        return
    if stored.state == RuleState.ON:
        raise Conflict(_("This rule is switched on. Switch it off before you change it."), code="switched_on")
    if rule.state != stored.state or rule.version != stored.version:
        raise Conflict(_("Somebody changed this in the meantime. Look at it again."), field="version")


guards("cases.dispatchrule", guard_rule)
