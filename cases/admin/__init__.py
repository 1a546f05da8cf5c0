"""Admin of cases and of what they are filed under."""

from cases.admin import (
    aside,
    board,
    case,
    catalogue,
    dead_letter,
    duplicates,
    hotspot_work,
    hotspots,
    my_work,
    patrol,
    patrol_plans,
    patrol_work,
    rules,
    scenes,
    scores,
    source,
)

__all__ = [
    "aside",
    "board",
    "case",
    "catalogue",
    "dead_letter",
    "duplicates",
    "hotspot_work",
    "hotspots",
    "my_work",
    "patrol",
    "patrol_plans",
    "patrol_work",
    "rules",
    "scenes",
    "scores",
    "source",
]
