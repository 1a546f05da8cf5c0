"""Admin of red property."""

from property.admin import party, party_tree

__all__ = ["party", "party_tree"]
