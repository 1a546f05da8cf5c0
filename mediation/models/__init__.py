"""Models of mediation, by topic."""

from mediation.disputes.states import (
    DisputeSource,
    DisputeState,
    DisputeTier,
    DisputeUrgency,
    PartyKind,
    PartySide,
)
from mediation.models.access import AccessKind, BreakGlass, DisputeAccess
from mediation.models.dispute import Dispute, DisputeType, TierChange
from mediation.models.party import Party

__all__ = [
    "AccessKind",
    "BreakGlass",
    "Dispute",
    "DisputeAccess",
    "DisputeSource",
    "DisputeState",
    "DisputeTier",
    "DisputeType",
    "DisputeUrgency",
    "Party",
    "PartyKind",
    "PartySide",
    "TierChange",
]
