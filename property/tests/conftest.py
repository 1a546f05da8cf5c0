"""Fixtures of the tests of red property."""

from property.tests.neighbourhood import neighbourhood

__all__ = ["neighbourhood"]
