"""Admin of community partners; each topic in its own file."""

from partners.admin import (
    adjustments,
    credit,
    credit_lists,
    earning,
    earning_books,
    ledger,
    needs,
    offers,
    projects,
    recruiting,
    rewards,
    survey_lists,
    surveys,
)

__all__ = [
    "adjustments",
    "credit",
    "credit_lists",
    "earning",
    "earning_books",
    "ledger",
    "needs",
    "offers",
    "projects",
    "recruiting",
    "rewards",
    "survey_lists",
    "surveys",
]
