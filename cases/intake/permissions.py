"""Who may view and change named sources and dead letters. Keys are made and revoked by who may change their source."""

from governance.models import Role
from governance.permissions import ADMIN_ONLY, permit

WATCHERS = frozenset(
    [
        Role.ADMINISTRATOR,
        Role.OPERATIONS_CENTRE,
        Role.REGISTRAR,
        Role.DISPATCHER,
        Role.HANDLER,
        Role.SUPERVISOR,
    ]
)
MENDERS = frozenset([Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE])

permit("cases.intakesource", view=WATCHERS, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("cases.sourcekey", view=ADMIN_ONLY)
permit("cases.deadletter", view=MENDERS)
permit("cases.openrequest", view=MENDERS | {Role.REGISTRAR, Role.DISPATCHER})
