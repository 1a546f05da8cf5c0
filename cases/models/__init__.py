"""Models of cases; each topic in its own file."""

from cases.models.case import Case, CaseSource, CaseState, CaseUnit, UnitPart
from cases.models.catalogue import CaseCategory, CategoryKind, FilingStandard, StandardUnit, UnitAlias
from cases.models.open311 import OpenRequest
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
from cases.models.source import DeadLetter, IntakeReceipt, IntakeSource, SourceHour, SourceKey

__all__ = [
    "Case",
    "CaseCategory",
    "CaseEvidence",
    "CaseRating",
    "CaseReporter",
    "CaseSource",
    "CaseState",
    "CaseUnit",
    "CategoryKind",
    "CheckIn",
    "DeadLetter",
    "Dispatch",
    "DispatchMethod",
    "FilingStandard",
    "IntakeReceipt",
    "IntakeSource",
    "MissedPoint",
    "OpenRequest",
    "Patrol",
    "PatrolFinding",
    "PatrolPlan",
    "PatrolPoint",
    "PatrolRoute",
    "PatrolRule",
    "PatrolState",
    "Solved",
    "SourceHour",
    "SourceKey",
    "Stage",
    "StageClock",
    "StageLimit",
    "StandardUnit",
    "UnitAlias",
    "UnitPart",
]
