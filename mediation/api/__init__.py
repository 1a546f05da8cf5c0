"""REST of mediation."""
