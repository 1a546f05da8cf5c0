"""Who may view and change the rows of cases in the admin and the API. Transitions carry their own rule."""

from cases.models import FilingStandard, UnitAlias
from governance.configuration import lies_in
from governance.models import Role
from governance.permissions import ADMIN_ONLY, STAFF, permit

REPORTERS = frozenset(
    [
        Role.OPERATIONS_CENTRE,
        Role.REGISTRAR,
        Role.DISPATCHER,
        Role.GRID_WORKER,
        Role.COMMUNITY_STAFF,
        Role.HANDLER,
    ]
)

permit("cases.case", view=STAFF, add=REPORTERS)
for name in ("casecategory", "filingstandard", "standardunit", "unitalias"):
    permit(f"cases.{name}", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("cases.stagelimit", view=STAFF, change=ADMIN_ONLY)
permit("cases.duplicaterule", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY)
DECIDERS = frozenset([Role.OPERATIONS_CENTRE, Role.DISPATCHER, Role.REGISTRAR, Role.ADMINISTRATOR])
for name in ("caserequest", "casereturn", "caseappeal"):
    permit(f"cases.{name}", view=DECIDERS)


def places_of_alias(alias: UnitAlias) -> list:
    """An alias directs the cases of its area; the unit may be one of the whole city's."""
    return [alias.area]


def places_of_standard(_standard: FilingStandard) -> list:
    """Standards hold for the whole city."""
    return []


lies_in("cases.unitalias", places_of_alias)
lies_in("cases.filingstandard", places_of_standard)
lies_in("cases.duplicaterule", places_of_standard)
