"""The weighted result against a plain oracle that works in whole numbers."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partners.projects.result import Given, lines_of, result_of, rounded

PARTIES = ("residents", "staff", "third")
FIVES = st.builds(Given, st.integers(1, 5), st.integers(1, 100), st.just(False))
HUNDREDS = st.builds(Given, st.integers(0, 100), st.integers(1, 100), st.just(True))
PERSONS = st.lists(st.lists(FIVES | HUNDREDS, min_size=1, max_size=5), max_size=4)


@st.composite
def weights(draw):
    first = draw(st.integers(0, 100))
    second = draw(st.integers(0, 100 - first))
    return dict(zip(PARTIES, (first, second, 100 - first - second), strict=True))


def oracle(weights: dict, answers: dict) -> tuple[int, int] | None:
    """Return the result as numerator and denominator, without fractions in between."""
    top, bottom, whole = 0, 1, 0
    for party in PARTIES:
        persons = answers[party]
        if not persons or not weights[party]:
            continue
        whole += weights[party]
        for marks in persons:
            total = sum((one.mark if one.full else 20 * one.mark) * one.weight for one in marks)
            below = sum(one.weight for one in marks) * len(persons)
            top, bottom = top * below + weights[party] * total * bottom, bottom * below
    return (top, bottom * whole) if whole else None


# a crowded machine draws slowly; what is drawn is small
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(weights(), st.fixed_dictionaries(dict.fromkeys(PARTIES, PERSONS)))
def test_the_result_is_that_of_the_oracle_and_its_lines_add_up(weights, answers):
    lines = lines_of(weights, answers)
    result, expected = result_of(lines), oracle(weights, answers)
    if expected is None:
        assert result is None
        return
    assert result == Fraction(*expected) == sum(line.counted for line in lines)
    assert 0 <= result <= 100
    assert sum(line.part for line in lines if line.part is not None) == 1
    # rounding: to the nearest hundredth, a half upwards
    top, bottom = expected
    assert rounded(result) == Decimal((200 * top + bottom) // (2 * bottom)).scaleb(-2)
    assert abs(Fraction(rounded(result)) - result) <= Fraction(1, 200)


def test_rounding_is_half_up_where_binary_and_bankers_rounding_go_wrong():
    assert [str(rounded(Fraction(n, 1000))) for n in (84005, 84015, 84014, 100000)] == [
        "84.01",
        "84.02",
        "84.01",
        "100.00",
    ]
    assert str(rounded(Fraction(250, 3))) == "83.33"
