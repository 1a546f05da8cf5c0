"""Admin of red property."""

from property.admin import care, contract, drafts, parcel, party, party_tree, serving, serving_month

__all__ = ["care", "contract", "drafts", "parcel", "party", "party_tree", "serving", "serving_month"]
