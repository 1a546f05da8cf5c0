"""Measures of mediation that are hard to game."""
