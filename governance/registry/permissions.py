"""Who may view, add and change rows of the registry. Transitions carry their own rule."""

from governance.models import Role
from governance.permissions import STAFF, permit

# The community keeps its registry; administrators may do it for them.
KEEPERS = frozenset([Role.ADMINISTRATOR, Role.COMMUNITY_STAFF])

for name in ("estate", "building", "entrance", "dwelling"):
    permit(f"governance.{name}", view=STAFF, add=KEEPERS, change=KEEPERS)
for name in ("residency", "ownership"):
    permit(f"governance.{name}", view=KEEPERS | {Role.GRID_WORKER}, add=KEEPERS)
