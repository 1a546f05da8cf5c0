"""Admin of cases and of what they are filed under."""

from cases.admin import case, catalogue, dead_letter, my_work, open_request, patrol, patrol_plans, patrol_work, source

__all__ = [
    "case",
    "catalogue",
    "dead_letter",
    "my_work",
    "open_request",
    "patrol",
    "patrol_plans",
    "patrol_work",
    "source",
]
