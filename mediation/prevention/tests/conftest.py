"""A source of the hotline, for all tests of prevention."""

import pytest

from mediation.models import SignalSource
from mediation.prevention.tests.village import HOTLINE


@pytest.fixture
def hotline(county) -> SignalSource:
    """The hotline of the district, with its saved mapping."""
    return SignalSource.objects.create(code="hotline", name="热线", channel="hotline", area=county.area("district"),
                                       mapping=HOTLINE)  # fmt: skip
