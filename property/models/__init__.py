"""Models of red property; each topic in its own file."""

from property.assembly.agenda_workflow import AgendaState
from property.assembly.follow_up_workflow import FollowUpState
from property.assembly.invitation_workflow import InvitationState
from property.assembly.session_workflow import SessionState
from property.gatherings.event_workflow import EventState
from property.gatherings.photo_workflow import ConsentState, PhotoState
from property.gatherings.sign_up_workflow import SignUpState, VolunteeringState
from property.gatherings.skill_workflow import MatchState, SkillState
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
    SubsidyDirection,
    SubsidyLine,
)
from property.models.decision import AreaSource, Holder, OwnersRoll, Resolution, RollEntry, Secrecy
from property.models.disclosure import Disclosure, DisclosureKind, DisclosureRule
from property.models.event_record import CostStage, EventCostLine, EventFeedback, EventMoney, EventPhoto, PhotoConsent
from property.models.follow_up import FollowUpItem
from property.models.fund import FundEntry, FundEntryKind, FundUse, MaintenanceFund
from property.models.household import AccountOwner, HouseholdAccount
from property.models.neighbour_event import CountsBy, EventKind, NeighbourEvent, ProgrammeItem
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
from property.models.sign_up import SignUp, Volunteering, VolunteerTask
from property.models.skill import SkillCategory, SkillEntry, SkillMatch, SkillSide
from property.models.steward import JoinRequest, MemberKind, StewardMember, StewardRoute, StewardTeam
from property.models.steward_shift import ShiftDuty, StewardPlan, StewardShift
from property.models.steward_work import (
    DisputeKind,
    DisputeSighting,
    DisputeUrgency,
    HoursEntry,
    HoursKind,
    OutreachResult,
    OutreachVisit,
)
from property.stewards.workflow import DutyState, RequestState, ShiftState, SightingState
from property.voting.workflow import ResolutionState

__all__ = [
    "AccountOwner",
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
    "ConsentState",
    "ContractEvaluation",
    "ContractState",
    "CostBasis",
    "CostKind",
    "CostLine",
    "CostPart",
    "CostPeriod",
    "CostShare",
    "CostSource",
    "CostStage",
    "CountsBy",
    "CrossAppointment",
    "CrossDirection",
    "CrossProcedure",
    "Disclosure",
    "DisclosureKind",
    "DisclosureRule",
    "DisputeKind",
    "DisputeSighting",
    "DisputeUrgency",
    "DutyState",
    "Ending",
    "EstateBooks",
    "EventCostLine",
    "EventFeedback",
    "EventKind",
    "EventMoney",
    "EventPhoto",
    "EventState",
    "FollowUpItem",
    "FollowUpState",
    "FundEntry",
    "FundEntryKind",
    "FundUse",
    "HandOverItem",
    "HeadBy",
    "Holder",
    "HolidayMove",
    "HoursEntry",
    "HoursKind",
    "HouseholdAccount",
    "HouseholdCare",
    "IncomeDirection",
    "IncomeEntry",
    "IncomeKind",
    "Invitation",
    "InvitationState",
    "JoinRequest",
    "ListState",
    "MaintenanceFund",
    "MatchState",
    "MemberKind",
    "Method",
    "Minutes",
    "MinutesAnswer",
    "NeighbourEvent",
    "OutreachResult",
    "OutreachVisit",
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
    "PhotoConsent",
    "PhotoState",
    "ProgrammeItem",
    "PropertyContract",
    "RecordState",
    "RequestState",
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
    "ShiftDuty",
    "ShiftState",
    "SightingState",
    "SignUp",
    "SignUpState",
    "SkillCategory",
    "SkillEntry",
    "SkillMatch",
    "SkillSide",
    "SkillState",
    "SplitHeads",
    "StewardMember",
    "StewardPlan",
    "StewardRoute",
    "StewardShift",
    "StewardTeam",
    "SubsidyDirection",
    "SubsidyLine",
    "TermReminder",
    "TopicSecond",
    "TopicSource",
    "VisitState",
    "VolunteerTask",
    "Volunteering",
    "VolunteeringState",
]
