"""Fixtures of the tests of what is done for an estate."""

from property.tests.neighbourhood import neighbourhood

__all__ = ["neighbourhood"]
