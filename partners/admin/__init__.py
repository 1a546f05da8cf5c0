"""Admin of community partners; each topic in its own file."""

from partners.admin import ledger, offers, recruiting

__all__ = ["ledger", "offers", "recruiting"]
