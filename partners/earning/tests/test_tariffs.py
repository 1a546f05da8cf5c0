"""Points by tariff and caps: against a plain oracle, for any order of services."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.earning.deciding import month_of, months_later
from partners.earning.tariffs import Tariff, reckon, steps_told

caps = st.none() | st.integers(1, 200)
tariffs = st.tuples(st.integers(1, 60), st.sampled_from(["service", "item", "hour"]), caps, caps).map(
    lambda figures: Tariff(*figures)
)
hundredths = st.integers(1, 2400).map(lambda number: Decimal(number) / 100)
services = st.lists(
    st.tuples(st.integers(0, 62), st.integers(1, 9), hundredths, st.sampled_from([100, 50, 33, 0])), max_size=12
)
FIRST = date(2026, 10, 1)


def oracle(tariff: Tariff, done: list[tuple[date, int]], day: date, measure: Fraction) -> int:
    """One point after the other is given, as long as neither the day nor the month is full."""
    given_points = 0
    of_day = sum(points for when, points in done if when == day)
    of_month = sum(points for when, points in done if (when.year, when.month) == (day.year, day.month))
    while given_points + 1 <= tariff.points * measure:
        if tariff.day_cap is not None and of_day + given_points + 1 > tariff.day_cap:
            break
        if tariff.month_cap is not None and of_month + given_points + 1 > tariff.month_cap:
            break
        given_points += 1
    return given_points


@given(tariffs, services)
def test_points_are_those_of_the_oracle(tariff, rendered):
    done: list[tuple[date, int]] = []
    for offset, quantity, hours, share in rendered:
        day = FIRST + timedelta(days=offset)
        first, last = month_of(day)
        found = reckon(
            tariff, quantity=quantity, hours=hours, share=share,
            used_day=sum(points for when, points in done if when == day),
            used_month=sum(points for when, points in done if first <= when <= last),
        )  # fmt: skip
        measure = Fraction(hours) if tariff.per == "hour" else Fraction(quantity)
        assert found.points == oracle(tariff, done, day, measure * share / 100)
        assert found.points <= found.base
        assert steps_told(found.steps)
        done.append((day, found.points))
    for day in {when for when, _points in done}:
        of_day = sum(points for when, points in done if when == day)
        assert tariff.day_cap is None or of_day <= tariff.day_cap


def test_the_reason_is_told_step_by_step():
    found = reckon(Tariff(10, "service", 15), quantity=2, hours=None, used_day=0, used_month=0)
    assert (found.base, found.points) == (20, 15)
    assert steps_told(found.steps).startswith("10 × 2 = 20")
    found = reckon(Tariff(10, "hour", 15, 12), quantity=1, hours=Decimal("1.5"), used_day=10, used_month=10)
    assert (found.base, found.points) == (15, 2)
    assert [step[0] for step in found.steps] == ["tariff", "day", "month"]
    with pytest.raises(ValueError, match="hours"):
        reckon(Tariff(10, "hour"), quantity=1, hours=None, used_day=0, used_month=0)


def test_months_end_where_there_is_no_such_day():
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2026, 11, 26), 14) == date(2028, 1, 26)
