"""Fixtures of the tests of shared costs."""

import pytest

from property.costs.tests.estate import Estate, build_books
from property.tests.neighbourhood import neighbourhood

__all__ = ["neighbourhood"]


@pytest.fixture
def estate(neighbourhood) -> Estate:
    """The small estate with its books."""
    return build_books(neighbourhood)
