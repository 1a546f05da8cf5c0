"""Admin of red property."""

from property.admin import (
    ballots,
    care,
    contract,
    drafts,
    parcel,
    party,
    party_tree,
    resolutions,
    rolls,
    rulesets,
    serving,
    serving_month,
)

__all__ = [
    "ballots",
    "care",
    "contract",
    "drafts",
    "parcel",
    "party",
    "party_tree",
    "resolutions",
    "rolls",
    "rulesets",
    "serving",
    "serving_month",
]
