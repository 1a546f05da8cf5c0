"""Who may view and change what belongs to neighbours' events. Transitions carry their own rule."""

from governance.models import Role
from governance.permissions import ADMIN_ONLY, permit
from property.assembly.querysets import LOOKING_ROLES, RUNNING_ROLES
from property.gatherings.querysets import RUN_BY

PLANNERS = frozenset(RUN_BY)
CONCERNED = frozenset([*RUN_BY, *LOOKING_ROLES])
KEEPERS = frozenset(RUNNING_ROLES)

permit("property.neighbourevent", view=CONCERNED, add=PLANNERS)
permit("property.signup", view=CONCERNED)
permit("property.volunteering", view=CONCERNED)
permit("property.eventphoto", view=CONCERNED)
permit("property.eventfeedback", view=CONCERNED)
permit("property.skillcategory", view=CONCERNED, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("property.skillentry", view=KEEPERS | frozenset(LOOKING_ROLES))
permit("property.skillmatch", view=KEEPERS | frozenset([Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE]))
