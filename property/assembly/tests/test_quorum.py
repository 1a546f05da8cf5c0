"""The quorum at its edges, by hand and against counting with exact fractions."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from property.assembly.quorum import Quorum, counted

HALF, THIRDS = Fraction(1, 2), Fraction(2, 3)
EDGES = [  # share, more than, minimum, invited, present, whether that is enough
    (HALF, True, 0, 10, 5, False),
    (HALF, True, 0, 10, 6, True),
    (HALF, False, 0, 10, 5, True),
    (HALF, False, 0, 11, 5, False),
    (HALF, True, 0, 11, 6, True),
    (THIRDS, False, 0, 9, 6, True),
    (THIRDS, True, 0, 9, 6, False),
    (THIRDS, False, 0, 10, 6, False),
    (THIRDS, False, 0, 10, 7, True),
    (HALF, True, 3, 2, 2, False),
    (HALF, True, 3, 5, 3, True),
    (Fraction(1), False, 0, 4, 4, True),
    (Fraction(0), False, 0, 4, 0, True),
    (HALF, False, 0, 0, 0, False),
]


@pytest.mark.parametrize(("share", "more", "minimum", "invited", "present", "enough"), EDGES)
def test_edges(share, more, minimum, invited, present, enough):
    seats = [("residents", number < present) for number in range(invited)]
    assert counted(Quorum(share, more, minimum), seats).reached is enough


def test_a_role_that_must_be_there():
    quorum = Quorum(HALF, roles=("party", "property_company"))
    seats = [("party", True), ("property_company", False), ("residents", True)]
    assert counted(quorum, seats).missing_roles == ("property_company",)
    assert not counted(quorum, seats).reached
    assert counted(quorum, [("party", True), ("property_company", True), ("residents", False)]).reached


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 12), st.integers(1, 12), st.booleans(), st.integers(0, 5), st.lists(st.booleans(), max_size=40))
def test_it_agrees_with_the_definition(numerator, denominator, more, minimum, there):
    share = Fraction(min(numerator, denominator), denominator)
    found = counted(Quorum(share, more, minimum), [("residents", one) for one in there])
    present, invited = sum(there), len(there)
    enough = present * share.denominator > share.numerator * invited if more else Fraction(present) >= share * invited
    assert found.reached is (invited > 0 and enough and present >= minimum)
