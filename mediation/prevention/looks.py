"""Colours of hazards, for every door."""

from mediation.models import Hazard, HazardState, HazardUrgency

HAZARD_TONES = {
    HazardState.REPORTED: "amber", HazardState.ASSESSED: "blue", HazardState.WATCHED: "violet",
    HazardState.EXCLUDED: "grey", HazardState.CONVERTED: "green",
}  # fmt: skip
URGENCY_TONES = {HazardUrgency.NORMAL: "grey", HazardUrgency.URGENT: "red"}


def hazard_tone(hazard: Hazard) -> str:
    """Return the colour of a hazard: red where nobody assessed it in time."""
    return "red" if hazard.late else HAZARD_TONES[hazard.state]
