"""Fixtures of the tests of disputes."""

import pytest

from mediation.disputes import completeness


@pytest.fixture(autouse=True)
def _own_papers_only(monkeypatch):
    """What other topics ask for before archiving is theirs to test."""
    mine = [check for check in completeness._checks if check.__module__.startswith("mediation.disputes.")]
    monkeypatch.setattr(completeness, "_checks", mine)
