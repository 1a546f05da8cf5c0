"""Fixtures of the sign-in tests."""

import pytest
from django.core.cache import cache

from governance.identity.tests.people import post
from governance.models import User

__all__ = ["post"]


@pytest.fixture(autouse=True)
def _nothing_counted(db):
    """Rate limits start at nothing; system actors exist, as in any database in use."""
    cache.clear()
    User.objects.system("public")


@pytest.fixture
def no_limits(settings, monkeypatch):
    """As often as one likes, for tests about something else."""
    monkeypatch.setattr("governance.identity.limits._count", lambda request, scope, key: None)
