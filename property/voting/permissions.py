"""Who may view and change rule sets, resolutions, rolls and ballots. Transitions and ballots carry their own rules."""

from django.utils.translation import gettext as _

from governance.configuration import guards, lies_in
from governance.errors import Conflict
from governance.models import Role
from governance.permissions import ADMIN_ONLY, permit
from property.models import RuleSet
from property.voting.querysets import PROPOSERS, WATCHERS

KEEPERS = frozenset(PROPOSERS)
CONCERNED = KEEPERS | frozenset(WATCHERS)
# What of a used rule may still change: it may end or go out of use, and its words may be put better.
LOOSE = ("name", "source", "valid_to", "is_active")

permit("property.ruleset", view=CONCERNED, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("property.resolution", view=CONCERNED, add=KEEPERS)
for name in ("rollentry", "ballot"):
    permit(f"property.{name}", view=KEEPERS | {Role.ADMINISTRATOR})


def places_of_rule_set(rule_set: RuleSet) -> list:
    """A rule set lies in its locality; one without holds for the whole city."""
    return [rule_set.area] if rule_set.area else []


def guard_rule_set(rule_set: RuleSet, stored: RuleSet | None, _actor) -> None:
    """Under a rule that a vote was announced with nothing is counted otherwise: a new version is made instead."""
    if stored is None or not stored.is_used:
        return
    names = [field.attname for field in RuleSet._meta.concrete_fields if field.name not in LOOSE]
    changed = [name for name in names if getattr(rule_set, name) != getattr(stored, name)]
    if changed:
        text = _("Votes were announced under this rule set. Make a new version instead.")
        raise Conflict(text, field=changed[0].removesuffix("_id"), code="used")


lies_in("property.ruleset", places_of_rule_set)
guards("property.ruleset", guard_rule_set)
