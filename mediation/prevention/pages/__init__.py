"""Phone pages of hazards."""
