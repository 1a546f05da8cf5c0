"""On which day an assembly meets: the whole year 2026 worked out by hand from the State Council's notice.

Rest: 1-3 January, 15-23 February, 4-6 April, 1-5 May, 19-21 June, 25-27 September, 1-7 October. Weekends worked: 4
January, 14 and 28 February, 9 May, 20 September, 10 October.
"""

from calendar import monthrange
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.clock import WorkCalendar
from property.assembly.dates import SessionRule, months_after, suits

CALENDAR = WorkCalendar()
FIRST_SATURDAY = {"kind": "nth_weekday", "weekday": 5, "nth": 1}
LAST_SATURDAY = {"kind": "last_weekday", "weekday": 5}
YEAR = [  # rule, what is done on holidays, the days of the twelve months
    (FIRST_SATURDAY, "next_week", [10, 7, 7, 11, 16, 6, 4, 1, 5, 17, 7, 5]),
    (FIRST_SATURDAY, "next_day", [5, 7, 7, 7, 6, 6, 4, 1, 5, 8, 7, 5]),
    (FIRST_SATURDAY, "stay", [3, 7, 7, 4, 2, 6, 4, 1, 5, 3, 7, 5]),
    # later would leave the month: 28 February is worked, 21 is Spring Festival, 14 is worked; so the 7th
    (LAST_SATURDAY, "next_week", [31, 7, 28, 25, 30, 27, 25, 29, 19, 31, 28, 26]),
    (LAST_SATURDAY, "next_day", [31, 27, 28, 25, 30, 27, 25, 29, 28, 31, 28, 26]),
    ({"kind": "nth_weekday", "weekday": 4, "nth": 3}, "next_week", [16, 27, 20, 17, 15, 26, 17, 21, 18, 16, 20, 18]),
    ({"kind": "nth_weekday", "weekday": 6, "nth": 4}, "next_week", [25, 8, 22, 26, 24, 28, 26, 23, 13, 25, 22, 27]),
    ({"kind": "month_day", "month_day": 31}, "next_day", [31, 27, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
    ({"kind": "month_day", "month_day": 1}, "next_day", [5, 1, 1, 1, 6, 1, 1, 1, 1, 8, 1, 1]),
    ({"kind": "month_day", "month_day": 20}, "next_day", [20, 24, 20, 20, 20, 22, 20, 20, 21, 20, 20, 20]),
]


@pytest.mark.parametrize(("rule", "move", "days"), YEAR)
def test_a_year_by_hand(rule, move, days):
    made = SessionRule(**rule, holiday_move=move)
    assert [made.day_in(date(2026, month, 15), CALENDAR).day for month in range(1, 13)] == days


def test_a_local_day_of_rest_moves_it_too():
    calendar = WorkCalendar(overrides={date(2026, 11, 7): False})
    assert SessionRule(**FIRST_SATURDAY).day_in(date(2026, 11, 1), calendar) == date(2026, 11, 14)


def test_a_month_in_which_no_day_will_do_keeps_its_own():
    calendar = WorkCalendar(overrides={date(2026, 11, day): False for day in range(1, 31)})
    assert SessionRule(**FIRST_SATURDAY, holiday_move="next_day").day_in(date(2026, 11, 1), calendar).day == 7


def test_a_year_that_the_calendar_does_not_know_goes_by_plain_weekdays():
    assert SessionRule(**FIRST_SATURDAY).day_in(date(2031, 5, 1), CALENDAR) == date(2031, 5, 3)


@settings(max_examples=60, deadline=None)
@given(
    month=st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    kind=st.sampled_from(["nth_weekday", "last_weekday", "month_day"]),
    weekday=st.integers(0, 6),
    nth=st.integers(1, 4),
    month_day=st.integers(1, 31),
    move=st.sampled_from(["next_week", "next_day"]),
)
def test_it_stays_in_its_month_and_on_a_day_that_will_do_if_there_is_one(month, kind, weekday, nth, month_day, move):
    rule = SessionRule(kind, weekday, nth, month_day, move)
    day = rule.day_in(month, CALENDAR)
    assert (day.year, day.month) == (month.year, month.month)
    planned, length = rule.planned(month), monthrange(month.year, month.month)[1]
    days = [month.replace(day=number) for number in range(1, length + 1)]
    same = [one for one in days if move == "next_day" or one.weekday() == planned.weekday()]
    assert suits(day, CALENDAR) or not any(suits(one, CALENDAR) for one in same)
    assert day == planned or not suits(planned, CALENDAR)


def test_months_are_counted_over_the_year():
    assert months_after(date(2026, 11, 1), 2) == date(2027, 1, 1)
    assert months_after(date(2026, 1, 1), -1) == date(2025, 12, 1)
