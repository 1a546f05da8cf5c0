"""Who may view and change assemblies and what belongs to them. Transitions carry their own rule."""

from django.utils.translation import gettext as _

from governance.configuration import guards
from governance.errors import Invalid
from governance.models import Role
from governance.permissions import permit
from governance.scoping import grant_for
from governance.venue_querysets import SEES_VENUE
from property.assembly.querysets import DOING_ROLES, LOOKING_ROLES, RUNNING_ROLES, UNIT_ROLES
from property.models import Assembly

KEEPERS = frozenset([Role.ADMINISTRATOR, *RUNNING_ROLES])
CONCERNED = frozenset([*RUNNING_ROLES, *LOOKING_ROLES, *UNIT_ROLES])

permit("property.assembly", view=CONCERNED, add=KEEPERS, change=KEEPERS)
permit("property.seat", view=CONCERNED, add=KEEPERS, change=KEEPERS)
permit("property.assemblysession", view=CONCERNED, add=frozenset(RUNNING_ROLES))
permit("property.invitation", view=CONCERNED)
permit("property.agendaitem", view=frozenset([*RUNNING_ROLES, *LOOKING_ROLES]))
permit("property.followupitem", view=CONCERNED | frozenset(DOING_ROLES))


def guard_assembly(assembly: Assembly, _stored: Assembly | None, actor) -> None:
    """The venue of the rule is one that whoever sets it may see: sessions book it by themselves."""
    if assembly.venue_id and grant_for(SEES_VENUE, assembly.venue, actor) is None:
        raise Invalid(_("This venue does not serve your area."), field="venue", code="elsewhere")


guards("property.assembly", guard_assembly)
