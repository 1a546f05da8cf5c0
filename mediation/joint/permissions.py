"""Who may view and keep what belongs to joint work. Transitions carry their own rules."""

from governance.models import Role
from governance.permissions import permit
from mediation.disputes.permissions import READERS, WORKERS
from mediation.disputes.querysets import MEDIATING_ROLES
from mediation.joint.querysets import REGISTER_ROLES, UPPER_ROLES

MEDIATORS = frozenset(MEDIATING_ROLES)
ORGANS = frozenset([Role.JOINT_DEPARTMENT, Role.JUDGES_CLERK])

permit("mediation.escalationrequest", view=READERS, add=WORKERS)
permit("mediation.track", view=READERS | ORGANS, add=frozenset(UPPER_ROLES))
permit("mediation.departmenttask", view=READERS | {Role.JOINT_DEPARTMENT}, add=frozenset([Role.COUNTY_CENTRE]))
permit("mediation.formerresult", view=READERS | ORGANS)
permit("mediation.formeranswer", view=READERS | {Role.JOINT_DEPARTMENT})
permit("mediation.sitting", view=READERS, add=WORKERS)
permit("mediation.mediationnote", view=READERS, add=WORKERS)
permit("mediation.respectedhelper", view=MEDIATORS | {Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE},
       add=frozenset(REGISTER_ROLES))  # fmt: skip
permit("mediation.helperinvitation", view=READERS | {Role.RESPECTED_HELPER}, add=WORKERS)
