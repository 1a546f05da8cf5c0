"""Fixtures of the tests of questionnaires."""

import pytest
import time_machine
from django.core.cache import cache

from partners.surveys import needs_link
from partners.surveys.tests.place import NOW, Place, build_place


@pytest.fixture
def clock():
    """It is Tuesday 2026-06-02, 10:00."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def place(clock, city) -> Place:
    """The small estate with neighbours; no address has sent anything yet."""
    cache.clear()
    return build_place(city)


@pytest.fixture
def no_needs(monkeypatch):
    """Nobody makes needs; whoever a test registers is forgotten, and who was registered before is back after it."""
    monkeypatch.setattr(needs_link, "_makers", [])
