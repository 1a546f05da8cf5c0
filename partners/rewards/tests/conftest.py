"""Fixtures of the tests of redemption."""

import pytest

from partners.rewards.tests.shop import Shop, build_shop
from partners.tests.bank import build_bank


@pytest.fixture
def shop(city) -> Shop:
    """The small city with a points bank and rewards of three kinds in ``community``."""
    return build_shop(build_bank(city))
