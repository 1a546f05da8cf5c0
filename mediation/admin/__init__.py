"""Admin of mediation; each topic in its own file."""

from mediation.admin import disputes, disputes_work, recusals, rules

__all__ = [
    "disputes",
    "disputes_work",
    "recusals",
    "rules",
]
