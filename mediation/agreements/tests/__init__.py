"""Tests of mediation agreements."""
