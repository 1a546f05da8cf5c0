"""Models of red property; each topic in its own file."""

from property.assembly.agenda_workflow import AgendaState
from property.assembly.follow_up_workflow import FollowUpState
from property.assembly.invitation_workflow import InvitationState
from property.assembly.session_workflow import SessionState
from property.models.agenda import AgendaItem, TopicSecond, TopicSource
from property.models.assembly import Assembly, HolidayMove, RuleKind, Seat, SeatRole
from property.models.assembly_session import AssemblySession, Invitation, Minutes, MinutesAnswer
from property.models.ballot import Ballot, BallotDecision, BallotReading, BallotStage, Channel, Choice
from property.models.books import (
    EstateBooks,
    IncomeDirection,
    IncomeEntry,
    IncomeKind,
    Payment,
    PaymentKind,
    PaymentMethod,
)
from property.models.care import CareReceiver, CareVisit, Condition, VisitState
from property.models.contract import ContractEvaluation, ContractState, HandOverItem, PropertyContract, Selection
from property.models.costs import (
    AgreedShare,
    Charge,
    CostBasis,
    CostKind,
    CostLine,
    CostPart,
    CostPeriod,
    CostShare,
    CostSource,
)
from property.models.decision import AreaSource, Holder, OwnersRoll, Resolution, RollEntry, Secrecy
from property.models.disclosure import Disclosure, DisclosureKind, DisclosureRule
from property.models.follow_up import FollowUpItem
from property.models.fund import FundEntry, FundEntryKind, FundUse, MaintenanceFund
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
from property.models.reminder import Ending, TermReminder
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
    "AgendaItem",
    "AgendaState",
    "AgreedShare",
    "AreaSource",
    "Assembly",
    "AssemblySession",
    "Ballot",
    "BallotDecision",
    "BallotReading",
    "BallotStage",
    "CareReceiver",
    "CareVisit",
    "Channel",
    "Charge",
    "Choice",
    "Condition",
    "ContractEvaluation",
    "ContractState",
    "CostBasis",
    "CostKind",
    "CostLine",
    "CostPart",
    "CostPeriod",
    "CostShare",
    "CostSource",
    "CrossAppointment",
    "CrossDirection",
    "CrossProcedure",
    "Disclosure",
    "DisclosureKind",
    "DisclosureRule",
    "Ending",
    "EstateBooks",
    "FollowUpItem",
    "FollowUpState",
    "FundEntry",
    "FundEntryKind",
    "FundUse",
    "HandOverItem",
    "HeadBy",
    "Holder",
    "HolidayMove",
    "HouseholdCare",
    "IncomeDirection",
    "IncomeEntry",
    "IncomeKind",
    "Invitation",
    "InvitationState",
    "ListState",
    "MaintenanceFund",
    "Method",
    "Minutes",
    "MinutesAnswer",
    "OwnersRoll",
    "Parcel",
    "ParcelState",
    "PartyLevel",
    "PartyMembership",
    "PartyOrganisation",
    "PartyPost",
    "Payment",
    "PaymentKind",
    "PaymentMethod",
    "PropertyContract",
    "RecordState",
    "Resolution",
    "ResolutionKind",
    "ResolutionState",
    "RollEntry",
    "RuleKind",
    "RuleSet",
    "Seat",
    "SeatRole",
    "Secrecy",
    "Selection",
    "ServiceField",
    "ServiceGroup",
    "ServiceItem",
    "ServiceList",
    "ServiceRating",
    "ServiceRecord",
    "ServiceRule",
    "SessionState",
    "SplitHeads",
    "TermReminder",
    "TopicSecond",
    "TopicSource",
    "VisitState",
]
