"""Fixtures of the tests of joint work."""

import pytest

from mediation.joint.tests.work import Work


@pytest.fixture
def work(county) -> Work:
    """The county with what joint work needs."""
    return Work(county)
