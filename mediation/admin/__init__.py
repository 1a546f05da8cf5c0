"""Admin of mediation; each topic in its own file."""

from mediation.admin import (
    agreements,
    agreements_work,
    confirmations,
    disputes,
    disputes_work,
    hazards,
    hazards_work,
    helpers,
    joint,
    joint_work,
    recusals,
    rules,
    signals,
    sittings,
    warning,
    warning_work,
)

__all__ = [
    "agreements",
    "agreements_work",
    "confirmations",
    "disputes",
    "disputes_work",
    "hazards",
    "hazards_work",
    "helpers",
    "joint",
    "joint_work",
    "recusals",
    "rules",
    "signals",
    "sittings",
    "warning",
    "warning_work",
]
