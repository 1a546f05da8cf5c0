"""Admin of cases and of what they are filed under."""

from cases.admin import case, catalogue, my_work, patrol, patrol_plans, patrol_work, text_model

__all__ = ["case", "catalogue", "my_work", "patrol", "patrol_plans", "patrol_work", "text_model"]
