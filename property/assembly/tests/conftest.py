"""Fixtures of the tests of assemblies."""

import pytest
import time_machine

from property.assembly.tests.assemblies import NOW, House, build_house
from property.tests.neighbourhood import neighbourhood

__all__ = ["neighbourhood"]


@pytest.fixture
def clock():
    """It is Tuesday 2026-06-02, 10:00: before anybody is appointed."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def house(clock, neighbourhood) -> House:
    """The small estate with an assembly, seats and a hall."""
    return build_house(neighbourhood)
