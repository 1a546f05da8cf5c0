"""Who may look at hot spots, keep the watches and see the signals. Transitions carry their own rule."""

from cases.hotspots.querysets import COUNTED_FOR, SEES_SIGNAL
from governance.models import Role
from governance.permissions import ADMIN_ONLY, permit

WATCHERS = frozenset(SEES_SIGNAL) - {Role.SYSTEM}

permit("cases.daytally", view=COUNTED_FOR)
permit("cases.hotspotsignal", view=WATCHERS)
permit("cases.hotspotrule", view=WATCHERS, add=ADMIN_ONLY, change=ADMIN_ONLY)
