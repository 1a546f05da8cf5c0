"""REST door of mediation; each topic in its own file."""
