"""Fixtures of the tests of credit files."""

import pytest

from partners.credit.tests.files import Files, build_files


@pytest.fixture
def files(city) -> Files:
    """The small city with partners and a formula in force in ``community``."""
    return build_files(city)
