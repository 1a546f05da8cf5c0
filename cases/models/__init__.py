"""Models of cases; each topic in its own file."""

from cases.models.case import Case, CaseSource, CaseState, CaseUnit, UnitPart
from cases.models.catalogue import CaseCategory, CategoryKind, FilingStandard, StandardUnit, UnitAlias
from cases.models.classifier import ExampleOrigin, Target, TextModel, TrainingExample
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
    "Dispatch",
    "DispatchMethod",
    "ExampleOrigin",
    "FilingStandard",
    "MissedPoint",
    "Patrol",
    "PatrolFinding",
    "PatrolPlan",
    "PatrolPoint",
    "PatrolRoute",
    "PatrolRule",
    "PatrolState",
    "Solved",
    "Stage",
    "StageClock",
    "StageLimit",
    "StandardUnit",
    "Target",
    "TextModel",
    "TrainingExample",
    "UnitAlias",
    "UnitPart",
]
