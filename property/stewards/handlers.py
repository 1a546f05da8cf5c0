"""What stewards hand over to mediation: a dispute they saw becomes a hazard of its community, within the same report.

The community's staff answer the sighting as before; the mediators assess the hazard, which is an answer where the
community has given none. Photos stay with the sighting.
"""

from governance.events import on
from mediation.models import DisputeType, Hazard, HazardUrgency
from mediation.prevention.handover import hazard_from_outside
from property.models import DisputeKind, DisputeSighting, DisputeUrgency
from property.stewards.sightings import HANDED_OVER, sighting_taken_by_mediation

# The type a kind of sighting most likely is; where none is said the words decide.
TYPE_OF = {
    DisputeKind.NEIGHBOURS: "neighbours", DisputeKind.NOISE: "neighbours", DisputeKind.PARKING: "neighbours",
    DisputeKind.LEAK: "neighbours", DisputeKind.PETS: "neighbours", DisputeKind.FAMILY: "marriage_family",
    DisputeKind.PROPERTY: "property_management",
}  # fmt: skip


@on(*HANDED_OVER)
def sighting_handed_over(event, sighting: DisputeSighting) -> None:
    """Take it as a hazard; fails with the report."""
    urgent = sighting.urgency == DisputeUrgency.URGENT
    spot = " ".join(str(part) for part in (sighting.building or sighting.estate, sighting.place) if part)
    hazard_from_outside(
        actor=sighting.reporter, area=sighting.area, words=sighting.words, origin=sighting, place=spot,
        urgency=HazardUrgency.URGENT if urgent else HazardUrgency.NORMAL, seen_at=sighting.seen_at,
        type=DisputeType.objects.filter(code=TYPE_OF.get(sighting.kind, ""), is_active=True).first(),
        occurred_at=event.occurred_at,
    )  # fmt: skip


@on("hazard.assessed")
def hazard_looked_at(event, hazard: Hazard) -> None:
    """Nobody is reminded of a sighting that a mediator has looked at; who reported it is told."""
    if hazard.origin_type == DisputeSighting._meta.label_lower:
        sighting_taken_by_mediation(hazard.origin_id, by=event.actor, at=event.occurred_at)
