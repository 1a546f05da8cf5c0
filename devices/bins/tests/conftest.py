import pytest

from devices.tests.fleet import Fleet, build_fleet


@pytest.fixture
def fleet(city) -> Fleet:
    return build_fleet(city)
