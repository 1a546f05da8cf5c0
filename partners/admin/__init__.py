"""Admin of community partners; each topic in its own file."""

from partners.admin import ledger, survey_lists, surveys

__all__ = ["ledger", "survey_lists", "surveys"]
