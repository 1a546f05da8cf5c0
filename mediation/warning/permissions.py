"""Who may look at early warnings and hot issues, and keep the watches. Verdicts carry their own rule."""

from governance.models import Role
from governance.permissions import ADMIN_ONLY, permit
from mediation.warning.querysets import SEES

WATCHERS = frozenset(SEES) - {Role.SYSTEM}

permit("mediation.earlywarning", view=WATCHERS)
permit("mediation.warningevent", view=WATCHERS)
permit("mediation.hotissue", view=WATCHERS)
permit("mediation.warningwatch", view=WATCHERS, add=ADMIN_ONLY, change=ADMIN_ONLY)
