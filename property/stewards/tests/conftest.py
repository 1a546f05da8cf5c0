"""Fixtures of the tests of stewards."""

import pytest

from property.stewards.tests.teams import Stewards, build_stewards
from property.tests.neighbourhood import neighbourhood


@pytest.fixture
def stewards(neighbourhood) -> Stewards:
    """The team of the small estate with a lead and a volunteer."""
    return build_stewards(neighbourhood)


__all__ = ["neighbourhood", "stewards"]
