"""Models of red property; each topic in its own file."""

from property.models.ballot import Ballot, BallotDecision, BallotReading, BallotStage, Channel, Choice
from property.models.decision import AreaSource, Holder, OwnersRoll, Resolution, RollEntry, Secrecy
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
    "Resolution",
    "ResolutionKind",
    "ResolutionState",
    "RollEntry",
    "RuleSet",
    "Secrecy",
    "SplitHeads",
]
