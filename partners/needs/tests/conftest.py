"""Fixtures of the tests of needs."""

import pytest
import time_machine

from partners.needs.tests.hall import NOW, Hall, build_hall


@pytest.fixture
def clock():
    """It is Tuesday 2026-06-02, 10:00."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def hall(clock, city) -> Hall:
    """The small city with residents who need something."""
    return build_hall(city)
