"""Admin of cases and of what they are filed under."""

from cases.admin import (
    case,
    catalogue,
    hotspot_work,
    hotspots,
    my_work,
    patrol,
    patrol_plans,
    patrol_work,
)

__all__ = ["case", "catalogue", "hotspot_work", "hotspots", "my_work", "patrol", "patrol_plans", "patrol_work"]
