"""Who may view and keep what belongs to disputes. Transitions carry their own rules."""

from governance.models import Role
from governance.permissions import ADMIN_ONLY, permit
from mediation.disputes.querysets import BREAKERS, SUPERVISES, WORKS

WORKERS = frozenset(WORKS)
READERS = WORKERS | frozenset(BREAKERS)
COUNTERS = frozenset([Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE, Role.TOWNSHIP_MEDIATOR, Role.COUNTY_CENTRE])

permit("mediation.disputetype", view=READERS | {Role.JUDGES_CLERK}, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("mediation.dispute", view=READERS, add=WORKERS - {Role.GRID_WORKER})
permit("mediation.party", view=READERS)
permit("mediation.formername", view=READERS)
permit("mediation.tierchange", view=READERS)
permit("mediation.disputeaccess", view=frozenset(SUPERVISES))
permit("mediation.breakglass", view=READERS)
permit("mediation.consent", view=READERS)
permit("mediation.routestold", view=READERS)
permit("mediation.recusal", view=READERS)
permit("mediation.policereport", view=READERS)
permit("mediation.mediationrule", view=READERS | {Role.JUDGES_CLERK}, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("mediation.partylink", view=READERS)
permit("mediation.partyreply", view=READERS)
