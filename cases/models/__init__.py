"""Models of cases; each topic in its own file."""

from cases.models.case import Case, CaseSource, CaseState, CaseUnit, UnitPart
from cases.models.catalogue import CaseCategory, CategoryKind, FilingStandard, StandardUnit, UnitAlias
from cases.models.hotspot import HotSpotRule, HotSpotSignal, SignalState, Watched
from cases.models.patrol import (
    CheckIn,
    MissedPoint,
    Patrol,
    PatrolFinding,
    PatrolPlan,
    PatrolPoint,
    PatrolRoute,
    PatrolRule,
    PatrolState,
)
from cases.models.record import (
    CaseEvidence,
    CaseRating,
    CaseReporter,
    Dispatch,
    DispatchMethod,
    Solved,
    Stage,
    StageClock,
    StageLimit,
)
from cases.models.tally import AreaTally, CaseChange, CaseSpot, CellTally, DayTally, TallyState

__all__ = [
    "AreaTally",
    "Case",
    "CaseCategory",
    "CaseChange",
    "CaseEvidence",
    "CaseRating",
    "CaseReporter",
    "CaseSource",
    "CaseSpot",
    "CaseState",
    "CaseUnit",
    "CategoryKind",
    "CellTally",
    "CheckIn",
    "DayTally",
    "Dispatch",
    "DispatchMethod",
    "FilingStandard",
    "HotSpotRule",
    "HotSpotSignal",
    "MissedPoint",
    "Patrol",
    "PatrolFinding",
    "PatrolPlan",
    "PatrolPoint",
    "PatrolRoute",
    "PatrolRule",
    "PatrolState",
    "SignalState",
    "Solved",
    "Stage",
    "StageClock",
    "StageLimit",
    "StandardUnit",
    "TallyState",
    "UnitAlias",
    "UnitPart",
    "Watched",
]
