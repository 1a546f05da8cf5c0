"""Models of mediation, by topic."""

from mediation.disputes.states import (
    ConsentAnswer,
    ConsentTo,
    DeclineGround,
    DisputeSource,
    DisputeState,
    DisputeTier,
    DisputeUrgency,
    PartyKind,
    PartySide,
    RecusalGround,
    RecusalState,
    ReferredTo,
    ReportGround,
    TellingWay,
    TerminationGround,
)
from mediation.models.access import AccessKind, BreakGlass, DisputeAccess
from mediation.models.consent import Consent, RoutesTold
from mediation.models.dispute import Dispute, DisputeType, TierChange
from mediation.models.hazard import Hazard
from mediation.models.party import Party
from mediation.models.police import PoliceReport
from mediation.models.recusal import Recusal
from mediation.models.rule import MediationRule
from mediation.models.signal import Signal, SignalKey, SignalSource
from mediation.prevention.states import HazardSource, HazardState, HazardUrgency, SignalChannel

__all__ = [
    "AccessKind",
    "BreakGlass",
    "Consent",
    "ConsentAnswer",
    "ConsentTo",
    "DeclineGround",
    "Dispute",
    "DisputeAccess",
    "DisputeSource",
    "DisputeState",
    "DisputeTier",
    "DisputeType",
    "DisputeUrgency",
    "Hazard",
    "HazardSource",
    "HazardState",
    "HazardUrgency",
    "MediationRule",
    "Party",
    "PartyKind",
    "PartySide",
    "PoliceReport",
    "Recusal",
    "RecusalGround",
    "RecusalState",
    "ReferredTo",
    "ReportGround",
    "RoutesTold",
    "Signal",
    "SignalChannel",
    "SignalKey",
    "SignalSource",
    "TellingWay",
    "TerminationGround",
    "TierChange",
]
