"""Admin of community partners; each topic in its own file."""

from partners.admin import ledger, offers, recruiting, recruiting_work

__all__ = ["ledger", "offers", "recruiting", "recruiting_work"]
