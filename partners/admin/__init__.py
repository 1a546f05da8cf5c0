"""Admin of community partners; each topic in its own file."""

from partners.admin import (
    adjustments,
    earning,
    earning_books,
    ledger,
    needs,
    offers,
    recruiting,
    rewards,
    survey_lists,
    surveys,
)

__all__ = [
    "adjustments",
    "earning",
    "earning_books",
    "ledger",
    "needs",
    "offers",
    "recruiting",
    "rewards",
    "survey_lists",
    "surveys",
]
