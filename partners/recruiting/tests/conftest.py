"""The city with a recruitment page in its community, and people who apply."""

import pytest

from partners.recruiting.tests.desk import build_desk


@pytest.fixture
def desk(city):
    """A community that takes applications."""
    return build_desk(city)
