"""Models of cases; each topic in its own file."""

from cases.models.case import Case, CaseSource, CaseState, CaseUnit, UnitPart
from cases.models.catalogue import CaseCategory, CategoryKind, FilingStandard, StandardUnit, UnitAlias
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
from cases.models.proposal import DispatchProposal, ProposalMethod
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
from cases.models.rule import DispatchRule, RuleCategory, RuleState, RuleTrial, RuleUnit
from cases.models.scene import Scene, SceneCategory, SceneUnit

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
    "DispatchProposal",
    "DispatchRule",
    "FilingStandard",
    "MissedPoint",
    "Patrol",
    "PatrolFinding",
    "PatrolPlan",
    "PatrolPoint",
    "PatrolRoute",
    "PatrolRule",
    "PatrolState",
    "ProposalMethod",
    "RuleCategory",
    "RuleState",
    "RuleTrial",
    "RuleUnit",
    "Scene",
    "SceneCategory",
    "SceneUnit",
    "Solved",
    "Stage",
    "StageClock",
    "StageLimit",
    "StandardUnit",
    "UnitAlias",
    "UnitPart",
]
