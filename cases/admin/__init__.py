"""Admin of cases and of what they are filed under."""

from cases.admin import (
    case,
    catalogue,
    dead_letter,
    my_work,
    patrol,
    patrol_plans,
    patrol_work,
    scores,
    source,
)  # fmt: skip

__all__ = [
    "case", "catalogue", "dead_letter", "my_work", "patrol", "patrol_plans", "patrol_work", "scores", "source",
]  # fmt: skip
