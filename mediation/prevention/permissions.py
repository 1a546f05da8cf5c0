"""Who may view and keep hazards and signals. Transitions and reporting carry their own rules."""

from governance.models import Role
from governance.permissions import ADMIN_ONLY, permit
from mediation.prevention.querysets import BRINGING_ROLES, COUNTING_ROLES, KEEPS, REPORTING_ROLES

KEEPERS = frozenset(KEEPS)
REPORTERS = frozenset(REPORTING_ROLES)
COUNTERS = frozenset(COUNTING_ROLES)
BRINGERS = frozenset(BRINGING_ROLES)

permit("mediation.hazard", view=KEEPERS, add=KEEPERS)
permit("mediation.signalsource", view=BRINGERS, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("mediation.signalkey", view=ADMIN_ONLY)
permit("mediation.signalbatch", view=BRINGERS)
permit("mediation.signal", view=BRINGERS | KEEPERS, add=BRINGERS | {Role.SYSTEM})
