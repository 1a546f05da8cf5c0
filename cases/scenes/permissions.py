"""Who may view and change scenes. A scene lies in its area: a district's administrator keeps the district's."""

from governance.permissions import ADMIN_ONLY, STAFF, permit

for name in ("scene", "scenecategory", "sceneunit"):
    permit(f"cases.{name}", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY)
