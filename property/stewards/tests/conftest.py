"""Fixtures of the tests of stewards."""

import pytest
import time_machine

from property.stewards.tests.teams import NOON, Stewards, build_stewards
from property.tests.neighbourhood import neighbourhood


@pytest.fixture(autouse=True)
def noon():
    """It is noon: a shift around now lies on one day, whenever the tests are run."""
    with time_machine.travel(NOON):
        yield


@pytest.fixture
def stewards(neighbourhood) -> Stewards:
    """The team of the small estate with a lead and a volunteer."""
    return build_stewards(neighbourhood)


__all__ = ["neighbourhood", "stewards"]
