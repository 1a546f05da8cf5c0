"""Fixtures of the tests of earning points."""

import pytest

from partners.earning.tests.house import House, build_house


@pytest.fixture
def house(city) -> House:
    """The small city with partners, kinds of service and rules in ``community``."""
    return build_house(city)
