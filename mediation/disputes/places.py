"""Which unit a dispute of some tier belongs to."""

from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import Area, AreaKind, OrgUnit, UnitKind
from mediation.disputes.states import DisputeTier

KINDS = {
    DisputeTier.GENERAL: UnitKind.MEDIATION_COMMITTEE,
    DisputeTier.COMPLEX: UnitKind.MEDIATION_CENTRE,
    DisputeTier.MAJOR: UnitKind.GOVERNANCE_CENTRE,
}


def unit_for_tier(area: Area, tier: str) -> OrgUnit:
    """Return the nearest unit that handles disputes of ``tier`` in ``area``: the committee of the place, the centre of
    the township, the county's. Raises Invalid naming ``area`` where there is none.
    """
    units = OrgUnit.objects.filter(kind=KINDS[tier], is_active=True, area__in=area.lineage)
    found = units.select_related("area").order_by("-area__path", "code").first()
    if found is None:
        kind = UnitKind(KINDS[tier]).label
        raise Invalid(_("There is no unit of this kind for this place: %(kind)s.") % {"kind": kind}, field="area",
                      code="no_unit")  # fmt: skip
    return found


def place_check(area: Area) -> None:
    """Refuse areas a dispute does not lie in. Raises Invalid naming ``area``."""
    if area.kind not in (AreaKind.COMMUNITY, AreaKind.GRID):
        raise Invalid(_("Disputes belong to a community or one of its grids."), field="area", code="kind")
