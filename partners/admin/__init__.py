"""Admin of community partners; each topic in its own file."""

from partners.admin import ledger, needs

__all__ = ["ledger", "needs"]
