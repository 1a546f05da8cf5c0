"""Decisions: owners' rolls, resolutions, ballots, and the count under a versioned rule set."""
