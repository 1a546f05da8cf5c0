"""Fixtures of the tests of party organisations."""

from property.tests.neighbourhood import neighbourhood

__all__ = ["neighbourhood"]
