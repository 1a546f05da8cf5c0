"""Admin of community partners; each topic in its own file."""

from partners.admin import ledger, rewards

__all__ = ["ledger", "rewards"]
