"""Admin of mediation; each topic in its own file."""

from mediation.admin import agreements, agreements_work, confirmations, followup, followup_work

__all__ = ["agreements", "agreements_work", "confirmations", "followup", "followup_work"]
