"""Models of red property; each topic in its own file."""

from property.models.ballot import Ballot, BallotDecision, BallotReading, BallotStage, Channel, Choice
from property.models.care import CareReceiver, CareVisit, Condition, VisitState
from property.models.contract import ContractEvaluation, ContractState, HandOverItem, PropertyContract, Selection
from property.models.decision import AreaSource, Holder, OwnersRoll, Resolution, RollEntry, Secrecy
from property.models.parcel import Parcel, ParcelState
from property.models.party import (
    CrossAppointment,
    CrossDirection,
    CrossProcedure,
    HouseholdCare,
    PartyLevel,
    PartyMembership,
    PartyOrganisation,
    PartyPost,
)
from property.models.ruleset import HeadBy, Method, ResolutionKind, RuleSet, SplitHeads
from property.models.serving import (
    ListState,
    RecordState,
    ServiceField,
    ServiceGroup,
    ServiceItem,
    ServiceList,
    ServiceRating,
    ServiceRecord,
    ServiceRule,
)
from property.voting.workflow import ResolutionState

__all__ = [
    "AreaSource",
    "Ballot",
    "BallotDecision",
    "BallotReading",
    "BallotStage",
    "CareReceiver",
    "CareVisit",
    "Channel",
    "Choice",
    "Condition",
    "ContractEvaluation",
    "ContractState",
    "CrossAppointment",
    "CrossDirection",
    "CrossProcedure",
    "HandOverItem",
    "HeadBy",
    "Holder",
    "HouseholdCare",
    "ListState",
    "Method",
    "OwnersRoll",
    "Parcel",
    "ParcelState",
    "PartyLevel",
    "PartyMembership",
    "PartyOrganisation",
    "PartyPost",
    "PropertyContract",
    "RecordState",
    "Resolution",
    "ResolutionKind",
    "ResolutionState",
    "RollEntry",
    "RuleSet",
    "Secrecy",
    "Selection",
    "ServiceField",
    "ServiceGroup",
    "ServiceItem",
    "ServiceList",
    "ServiceRating",
    "ServiceRecord",
    "ServiceRule",
    "SplitHeads",
    "VisitState",
]
