"""Admin of red property: one module a topic."""

from property.admin import (
    assembly,
    assembly_session,
    assembly_work,
    care,
    contract,
    drafts,
    parcel,
    party,
    party_tree,
    serving,
    serving_month,
    topics,
)

__all__ = [
    "assembly",
    "assembly_session",
    "assembly_work",
    "care",
    "contract",
    "drafts",
    "parcel",
    "party",
    "party_tree",
    "serving",
    "serving_month",
    "topics",
]
