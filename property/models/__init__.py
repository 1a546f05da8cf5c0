"""Models of red property; each topic in its own file."""

from property.models.care import CareReceiver, CareVisit, Condition, VisitState
from property.models.contract import ContractEvaluation, ContractState, HandOverItem, PropertyContract, Selection
from property.models.parcel import Parcel, ParcelState
from property.models.ballot import Ballot, BallotDecision, BallotReading, BallotStage, Channel, Choice
from property.models.decision import AreaSource, Holder, OwnersRoll, Resolution, RollEntry, Secrecy
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

__all__ = [
    "CareReceiver",
    "CareVisit",
    "Condition",
    "ContractEvaluation",
    "ContractState",
    "CrossAppointment",
    "CrossDirection",
    "CrossProcedure",
    "HandOverItem",
    "HouseholdCare",
    "ListState",
    "Parcel",
    "ParcelState",
from property.models.ruleset import HeadBy, Method, ResolutionKind, RuleSet, SplitHeads
from property.voting.workflow import ResolutionState

__all__ = [
    "AreaSource",
    "Ballot",
    "BallotDecision",
    "BallotReading",
    "BallotStage",
    "Channel",
    "Choice",
    "CrossAppointment",
    "CrossDirection",
    "CrossProcedure",
    "HeadBy",
    "Holder",
    "Method",
    "OwnersRoll",
    "PartyLevel",
    "PartyMembership",
    "PartyOrganisation",
    "PartyPost",
    "PropertyContract",
    "RecordState",
    "Selection",
    "ServiceField",
    "ServiceGroup",
    "ServiceItem",
    "ServiceList",
    "ServiceRating",
    "ServiceRecord",
    "ServiceRule",
    "VisitState",
    "Resolution",
    "ResolutionKind",
    "ResolutionState",
    "RollEntry",
    "RuleSet",
    "Secrecy",
    "SplitHeads",
]
