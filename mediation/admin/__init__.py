"""Admin of mediation; each topic in its own file."""

from mediation.admin import agreements, agreements_work, confirmations, disputes, disputes_work, glass, recusals, rules

__all__ = ["agreements", "agreements_work", "confirmations", "disputes", "disputes_work", "glass", "recusals", "rules"]
