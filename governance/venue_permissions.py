"""Who may view and change venues, bookings and calendar links, besides what their transitions say."""

from django.utils.translation import gettext as _

from governance.configuration import guards
from governance.errors import Invalid
from governance.models import Role, Venue
from governance.permissions import ADMIN_ONLY, STAFF, permit

# Community staff keep hours and closures of the rooms in their own area.
KEEPERS = ADMIN_ONLY | {Role.COMMUNITY_STAFF}
EVERYBODY = STAFF | {Role.RESIDENT}

permit("governance.venue", view=EVERYBODY, add=ADMIN_ONLY, change=KEEPERS)
for name in ("openinghours", "venueclosure"):
    permit(f"governance.{name}", view=STAFF, add=KEEPERS, change=KEEPERS, delete=KEEPERS)
for name in ("booking", "bookingseries"):
    permit(f"governance.{name}", view=STAFF, add=STAFF)
permit("governance.calendarfeed", view=EVERYBODY, add=EVERYBODY)


def guard_venue(venue: Venue, stored: Venue | None, _actor) -> None:
    """A venue's area stays: its bookings carry it."""
    if stored is not None and stored.area_id != venue.area_id:
        raise Invalid(_("The area of a venue cannot be changed. Make a new venue."), field="area", code="fixed")


guards("governance.venue", guard_venue)
