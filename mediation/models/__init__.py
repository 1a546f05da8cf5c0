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
from mediation.models.party import Party
from mediation.models.police import PoliceReport
from mediation.models.recusal import Recusal
from mediation.models.rule import MediationRule

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
    "TellingWay",
    "TerminationGround",
    "TierChange",
]
