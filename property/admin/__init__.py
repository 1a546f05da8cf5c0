"""Admin of red property."""

from property.admin import books, cost_periods, disclosures, funds, money_lists

__all__ = ["books", "cost_periods", "disclosures", "funds", "money_lists"]
