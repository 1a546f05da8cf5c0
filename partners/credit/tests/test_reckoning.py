"""The score by formula against a plain oracle with fractions."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partners.credit.facts import Fact
from partners.credit.reckoning import MEANS, Weight, reckon
from partners.models.credit import LOWERING, RAISING


def hundredths(low: int, high: int):
    return st.integers(low, high).map(lambda number: Decimal(number) / 100)


def weights_for(lines, low: int, high: int):
    thousandths = st.integers(low, high).map(lambda number: Decimal(number) / 1000)
    return [st.builds(Weight, st.just(line), thousandths, hundredths(0, 5000)) for line in lines]


all_weights = st.tuples(*weights_for(RAISING, 0, 9999), *weights_for(LOWERING, -9999, 0))
figures = st.dictionaries(st.sampled_from(RAISING + LOWERING), st.lists(hundredths(1, 20000), max_size=9))
bounds = st.tuples(hundredths(0, 5000), hundredths(0, 2000), hundredths(0, 9000))


def half_up(exact: Fraction) -> Fraction:
    """To hundredths, halves away from zero."""
    sign = -1 if exact < 0 else 1
    return sign * Fraction(math.floor(abs(exact) * 100 + Fraction(1, 2)), 100)


def oracle(base, floor, ceiling, weights, found) -> Fraction:
    total = Fraction(base)
    for weight in weights:
        rows = [Fraction(one) for one in found.get(weight.line, [])]
        figure = sum(rows)
        if weight.line in MEANS and rows:
            figure = Fraction(figure, len(rows))
        exact = figure * Fraction(weight.weight)
        if abs(exact) > weight.cap:
            exact = Fraction(weight.cap) * (1 if exact > 0 else -1)
        total += half_up(exact)
    return min(max(total, Fraction(floor)), Fraction(ceiling))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(all_weights, figures, bounds)
def test_the_score_is_that_of_the_oracle(weights, found, parts):
    floor, up, more = parts
    base, ceiling = floor + up, floor + up + more
    result = reckon(base, (floor, ceiling), weights, found)
    assert Fraction(result.score) == oracle(base, floor, ceiling, weights, found)
    # and the lines add up to what the score is cut from, exactly
    assert result.raw == base + sum(line.value for line in result.lines)
    assert all(line.value <= 0 for line in result.lines if line.line in LOWERING)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(all_weights, figures, bounds, st.sampled_from(LOWERING), hundredths(1, 500))
def test_one_more_fact_that_lowers_never_raises(weights, found, parts, line, figure):
    base = parts[0] + parts[1]
    limits = (parts[0], base + parts[2])
    more = found | {line: [*found.get(line, []), figure]}
    assert reckon(base, limits, weights, more).score <= reckon(base, limits, weights, found).score


def test_a_fact_says_rightly_whether_it_lowers():
    with pytest.raises(ValueError, match="lowers"):
        Fact("absent", "x", None, ("a.b", 1), lowers=False)
    with pytest.raises(ValueError, match="lowers"):
        Fact("points", "x", None, ("a.b", 1), lowers=True)
