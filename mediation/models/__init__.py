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
from mediation.models.hazard import Hazard
from mediation.models.party import Party
from mediation.models.signal import Signal, SignalKey, SignalSource
from mediation.models.warning import EarlyWarning, HotIssue, StreamNull, WarningEvent, WarningWatch
from mediation.prevention.states import HazardSource, HazardState, HazardUrgency, SignalChannel
from mediation.warning.states import WarningLevel, WarningMethod, WarningState, WarningStream

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
    "EarlyWarning",
    "Hazard",
    "HazardSource",
    "HazardState",
    "HazardUrgency",
    "HotIssue",
    "Party",
    "PartyKind",
    "PartySide",
    "Signal",
    "SignalChannel",
    "SignalKey",
    "SignalSource",
    "StreamNull",
    "TierChange",
    "WarningEvent",
    "WarningLevel",
    "WarningMethod",
    "WarningState",
    "WarningStream",
    "WarningWatch",
]
