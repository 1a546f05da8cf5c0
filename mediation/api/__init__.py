"""REST doors of mediation, by topic."""
