"""Admin of cases and of what they are filed under."""

from cases.admin import (
    aside,
    board,
    case,
    catalogue,
    duplicates,
    my_work,
    patrol,
    patrol_plans,
    patrol_work,
    rules,
    scenes,
)

__all__ = [
    "aside",
    "board",
    "case",
    "catalogue",
    "duplicates",
    "my_work",
    "patrol",
    "patrol_plans",
    "patrol_work",
    "rules",
    "scenes",
]
