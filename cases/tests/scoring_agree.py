"""Compares the two computations of every figure: the product's, and the oracle's."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import pytest
from django.db import transaction

from cases.scoring.dimensions import dimension_named
from cases.scoring.figures import Days, figures_by, live_ground, whole
from cases.tests import scoring_oracle
from cases.tests.scoring_keys import keys_by
from cases.tests.scoring_oracle import History
from conftest import City, build_city
from governance.models import User


@contextmanager
def a_city(blocker) -> Iterator[City]:
    """A city for the tests of a module, rolled back after them."""
    with blocker.unblock(), transaction.atomic():
        yield build_city()
        transaction.set_rollback(True)


def agree(told: list[History], by: str, first: date, last: date, as_of: datetime) -> int:
    """Compare both computations of every figure; return of how many. ``told``: the oracle's histories."""
    days, ground = Days(first, last), live_ground(User.objects.system("public"))
    plain = scoring_oracle.compute(told, first, last, as_of, keys_by(by))
    counted = {None: whole(ground, days)} if by == "whole" else figures_by(ground, days, dimension_named(by))
    found = {
        (name, key): (figure.numerator, figure.denominator, pytest.approx(figure.value))
        for key, figures in counted.items()
        for name, figure in figures.items()
        if figure.denominator
    }
    assert set(found) == set(plain)
    wrong = {at: (found[at], plain[at]) for at in plain if found[at] != plain[at]}
    assert not wrong
    return len(plain)
