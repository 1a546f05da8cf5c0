"""Fixtures of the tests of decisions."""

from property.tests.neighbourhood import neighbourhood

__all__ = ["neighbourhood"]
