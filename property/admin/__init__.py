"""Admin of red property."""

from property.admin import ballots, resolutions, rolls, rulesets

__all__ = ["ballots", "resolutions", "rolls", "rulesets"]
