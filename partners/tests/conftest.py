"""Fixtures of the tests of community partners."""

import pytest

from partners.tests.bank import Bank, build_bank


@pytest.fixture
def bank(city) -> Bank:
    """The small city with a points bank in ``community``."""
    return build_bank(city)
