"""Admin of red property."""

from property.admin import drafts, party, party_tree, serving, serving_month

__all__ = ["drafts", "party", "party_tree", "serving", "serving_month"]
