"""An assembly with seats, for the test of every sheet."""

from datetime import date, time

from property.models import Assembly, Seat
from property.party.tests.organisations import Party


def furnish_assembly(party: Party) -> Assembly:
    """Add an assembly of the estate, chaired by its branch; a unit and somebody by name hold seats."""
    city = party.place.city
    assembly = Assembly.objects.create(
        code="gy", name="桂园红色议事厅", chair=party.by_level["branch"], area=city.area("community"),
        estate=party.place.estate, starts=time(9, 30), valid_from=date(2026, 3, 1),
    )  # fmt: skip
    Seat.objects.create(
        assembly=assembly, position=1, role="property_company", unit=city.company, valid_from="2026-03-01"
    )
    Seat.objects.create(assembly=assembly, position=2, role="residents", name="罗建民", valid_from="2026-03-01")
    return assembly
