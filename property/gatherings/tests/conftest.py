"""Fixtures of the tests of neighbours' events."""

import pytest
import time_machine

from property.gatherings.tests.festival import NOW, Square, build_square
from property.tests.neighbourhood import neighbourhood

__all__ = ["neighbourhood"]


@pytest.fixture
def clock():
    """It is Tuesday 2026-06-02, 10:00: before anybody is appointed."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def square(clock, neighbourhood) -> Square:
    """The small estate with a hall and neighbours."""
    return build_square(neighbourhood)
