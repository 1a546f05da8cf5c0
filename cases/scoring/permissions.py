"""Who may view and change formulas, periods, lines and appeals. Transitions and appeals carry their own rule."""

from governance.models import Role
from governance.permissions import ADMIN_ONLY, STAFF, permit

KEEPERS = frozenset([Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE])

for name in ("scoreformula", "scoreweight", "scoreexclusion"):
    permit(f"cases.{name}", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("cases.scoreperiod", view=STAFF, add=KEEPERS)
permit("cases.scoreline", view=STAFF)
permit("cases.scoreappeal", view=STAFF, add=STAFF)
for name in ("casefact", "spellfact"):
    permit(f"cases.{name}", view=STAFF)
