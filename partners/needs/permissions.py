"""Who may view and keep what belongs to needs. Transitions and registering carry their own rules."""

from governance.models import Role
from governance.permissions import ADMIN_ONLY, permit
from partners.needs.querysets import HEARING_ROLES, KEEPING_ROLES, LOOKING_ROLES, UNIT_ROLES

KEEPERS = frozenset(KEEPING_ROLES)
CONCERNED = frozenset([*KEEPING_ROLES, *LOOKING_ROLES, *HEARING_ROLES])
READERS = CONCERNED | frozenset([*UNIT_ROLES, Role.STEWARD, Role.DISPATCHER])

permit("partners.need", view=READERS, add=KEEPERS)
permit("partners.needvisit", view=CONCERNED | {Role.STEWARD})
permit("partners.needcategory", view=READERS, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("partners.needlimit", view=CONCERNED, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("partners.needraiser")
