"""Admin of mediation, by topic."""

from mediation.admin import hazards, hazards_work, signals

__all__ = ["hazards", "hazards_work", "signals"]
