"""REST doors of mediation."""
