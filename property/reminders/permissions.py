"""Who may view and change reminders of terms: they hold for the whole city."""

from governance.permissions import ADMIN_ONLY, STAFF, permit

permit("property.termreminder", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY)
