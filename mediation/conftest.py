"""Fixtures of the tests of mediation, for all its topics."""

import pytest
import time_machine

from mediation.tests.county import NOW, County, build_county


@pytest.fixture
def clock():
    """It is Tuesday 2026-06-02, 10:00."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def county(clock, city) -> County:
    """The small city with mediation."""
    return build_county(city)
