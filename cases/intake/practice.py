"""What of named sources a practice package holds: what they are called and how their messages are read.

Keys never travel. Unit and area are this place's own: at the other place a new source is the operations centre's, for
the whole city, and switched off until somebody there has looked at it.
"""

from django.utils.translation import gettext as _

from cases.models import IntakeSource
from governance.errors import Invalid
from governance.models import Area, OrgUnit, UnitKind, User
from governance.practice import Part, practice_part


def source_settles(source: IntakeSource, _actor: User) -> None:
    """Give a source that is new here an area and a unit. Raises Invalid where there is no city or no such centre."""
    city = Area.objects.filter(parent=None, is_active=True).order_by("code").first()
    centres = OrgUnit.objects.filter(kind=UnitKind.OPERATIONS_CENTRE, is_active=True)
    unit = centres.filter(area=city).order_by("code").first()
    if unit is None:
        raise Invalid(_("There is no operations centre here."), field="unit", code="does_not_exist")
    source.area, source.unit, source.is_active = city, unit, False


practice_part(
    Part(
        key="intake_sources",
        model=IntakeSource,
        fields=("code", "name", "kind", "mapping", "files_at_once", "silent_after"),
        here=source_settles,
        order=45,
    )
)
