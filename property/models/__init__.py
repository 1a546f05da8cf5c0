"""Models of red property; each topic in its own file."""

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
from property.models.fund import FundEntry, FundEntryKind, FundUse, MaintenanceFund
from property.models.party import (
    CrossAppointment,
    CrossDirection,
    CrossProcedure,
    PartyLevel,
    PartyMembership,
    PartyOrganisation,
    PartyPost,
)
from property.models.ruleset import HeadBy, Method, ResolutionKind, RuleSet, SplitHeads
from property.voting.workflow import ResolutionState

__all__ = [
    "AgreedShare",
    "AreaSource",
    "Ballot",
    "BallotDecision",
    "BallotReading",
    "BallotStage",
    "Channel",
    "Charge",
    "Choice",
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
    "EstateBooks",
    "FundEntry",
    "FundEntryKind",
    "FundUse",
    "HeadBy",
    "Holder",
    "IncomeDirection",
    "IncomeEntry",
    "IncomeKind",
    "MaintenanceFund",
    "Method",
    "OwnersRoll",
    "PartyLevel",
    "PartyMembership",
    "PartyOrganisation",
    "PartyPost",
    "Payment",
    "PaymentKind",
    "PaymentMethod",
    "Resolution",
    "ResolutionKind",
    "ResolutionState",
    "RollEntry",
    "RuleSet",
    "Secrecy",
    "SplitHeads",
]
