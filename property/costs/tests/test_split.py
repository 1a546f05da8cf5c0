"""The split of a period's cost: exact to the fen, whatever is shared, by whom and how."""

import os
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from property.costs.split import (
    HOUSEHOLD,
    INCOME,
    SUBSIDY,
    CannotSplit,
    Term,
    among_sources,
    by_weight,
    fen_of,
    share_out,
    yuan_of,
)

# A longer search by hand: COSTS_EXAMPLES=100000.
EXAMPLES = int(os.environ.get("COSTS_EXAMPLES", "300"))
search = settings(max_examples=EXAMPLES, deadline=None, derandomize="COSTS_EXAMPLES" not in os.environ, database=None)

amounts = st.integers(0, 10**10).map(yuan_of)
# Floor areas to the square centimetre, equal dwellings, agreed shares of any fraction.
areas = st.integers(1, 50_000).map(lambda area: Fraction(area, 100))
agreed = st.builds(Fraction, st.integers(0, 1000), st.integers(1, 97))
weighted = st.lists(areas, min_size=1, max_size=24) | st.lists(agreed, min_size=1, max_size=24).filter(any)
equal = st.integers(1, 500).map(lambda count: [Fraction(1)] * count)


@st.composite
def periods(draw):
    """A cost, the terms of its sources and the weights of the dwellings; households always bear the rest."""
    total = draw(amounts)
    fixed = draw(st.none() | st.integers(0, fen_of(total)).map(yuan_of))
    subsidy = Term(SUBSIDY, fixed=fixed) if fixed is not None else Term(SUBSIDY, draw(agreed))
    terms = [subsidy, Term(INCOME, draw(agreed)), Term(HOUSEHOLD, draw(areas))]
    weights = draw(weighted | equal)
    return total, terms, dict(enumerate(weights))


@search
@given(periods())
def test_the_parts_always_add_up_and_each_is_within_a_fen_of_its_exact_share(period):
    total, terms, weights = period
    # when the cost is shared out
    shared = share_out(total, terms, weights)
    # then the parts are the whole, to the fen
    assert sum(shared.parts.values()) == total
    assert sum(shared.charges.values()) == shared.parts[HOUSEHOLD]
    assert all(part >= 0 and part.as_tuple().exponent == -2 for part in shared.parts.values())
    # and nobody is a whole fen away from the exact share
    whole = sum(weights.values())
    for key, weight in weights.items():
        exact = Fraction(shared.parts[HOUSEHOLD]) * weight / whole
        assert abs(Fraction(shared.charges[key]) - exact) < Fraction(1, 100)
    # and more weight never pays less
    by_size = sorted(weights, key=lambda key: (weights[key], -key))
    assert all(
        shared.charges[small] <= shared.charges[large] + (Decimal("0.01") if weights[small] == weights[large] else 0)
        for small, large in zip(by_size, by_size[1:], strict=False)
    )


@pytest.mark.parametrize(
    ("fen", "weights", "expected"),
    [
        (100, [1, 1, 1], [34, 33, 33]),  # equal remainders: in the order given
        (10000, [1, 1, 1, 1, 1, 1], [1667, 1667, 1667, 1667, 1666, 1666]),
        (100, [50, 30, 20], [50, 30, 20]),
        (1, [1, 2], [0, 1]),  # the larger remainder gets the only fen
        (0, [1, 2], [0, 0]),
        (7, [0, 1, 0], [0, 7, 0]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
    ],
)
def test_worked_examples(fen, weights, expected):
    assert by_weight(fen, [Fraction(weight) for weight in weights]) == expected


def test_fixed_amounts_come_first_and_the_rest_goes_by_weight():
    # given 10,000.01 yuan, of which the street pays 3,000 and the rest goes 1 : 3
    terms = [Term(SUBSIDY, fixed=Decimal("3000.00")), Term(INCOME, Fraction(1)), Term(HOUSEHOLD, Fraction(3))]
    assert among_sources(Decimal("10000.01"), terms) == {
        SUBSIDY: Decimal("3000.00"), INCOME: Decimal("1750.00"), HOUSEHOLD: Decimal("5250.01"),
    }  # fmt: skip


def test_what_cannot_be_shared_is_refused():
    with pytest.raises(CannotSplit, match="too_much_fixed"):
        among_sources(Decimal("10.00"), [Term(SUBSIDY, fixed=Decimal("10.01")), Term(HOUSEHOLD, Fraction(1))])
    with pytest.raises(CannotSplit, match="nobody"):
        share_out(Decimal("10.00"), [Term(HOUSEHOLD, Fraction(1))], {})
    with pytest.raises(CannotSplit, match="nobody"):
        among_sources(Decimal("10.00"), [Term(SUBSIDY, fixed=Decimal("9.99")), Term(HOUSEHOLD)])
    with pytest.raises(ValueError, match="fen"):
        fen_of(Decimal("0.001"))
    with pytest.raises(ValueError, match="below 0"):
        by_weight(-1, [Fraction(1)])
