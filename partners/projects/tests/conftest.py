"""Fixtures of the tests of projects."""

import pytest

from partners.projects.tests.works import Works, build_works


@pytest.fixture
def works(city) -> Works:
    """A community with partners, people to evaluate and a form, and no project yet."""
    return build_works(city)
