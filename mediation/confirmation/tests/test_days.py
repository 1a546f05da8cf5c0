"""The civil-procedure day count against examples worked by hand from the State Council's notices, 2024 to 2026.

Effect on the first day, 30 days, the last day, and why. None of them was computed with the product.
"""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.clock import WorkCalendar
from governance.work_calendars import NATIONAL
from mediation.confirmation.days import day_of_term, last_day, rests

EXAMPLES = [
    ("2023-12-03", "2024-01-02", "Tuesday after New Year's Day"),
    ("2023-12-02", "2024-01-02", "New Year's Day, a Monday, rolls on"),
    ("2023-11-30", "2024-01-02", "Saturday before New Year's Day: Saturday, Sunday and holiday in a row"),
    ("2024-01-05", "2024-02-04", "a Sunday that is worked before the Spring Festival"),
    ("2024-01-10", "2024-02-09", "New Year's Eve 2024 was no statutory holiday"),
    ("2024-01-11", "2024-02-18", "first day of the Spring Festival; Sunday 18 February was worked"),
    ("2024-01-18", "2024-02-18", "last day of the Spring Festival"),
    ("2024-01-19", "2024-02-18", "Sunday worked in exchange"),
    ("2024-01-30", "2024-02-29", "the leap day is a day"),
    ("2024-02-29", "2024-04-01", "Saturday rolls over the Sunday"),
    ("2024-03-05", "2024-04-07", "Qingming; Sunday 7 April was worked"),
    ("2024-03-29", "2024-04-28", "Sunday worked before Labour Day"),
    ("2024-04-01", "2024-05-06", "Labour Day, five days"),
    ("2024-04-11", "2024-05-11", "Saturday worked after Labour Day"),
    ("2024-04-12", "2024-05-13", "the Sunday after it is not"),
    ("2024-05-09", "2024-06-11", "Saturday before the Dragon Boat Festival on Monday"),
    ("2024-08-15", "2024-09-14", "Saturday worked before Mid-Autumn"),
    ("2024-08-16", "2024-09-18", "Mid-Autumn, three days"),
    ("2024-09-01", "2024-10-08", "National Day, seven days"),
    ("2024-09-12", "2024-10-12", "Saturday worked after National Day"),
    ("2024-12-02", "2025-01-02", "New Year's Day, one day only"),
    ("2024-12-27", "2025-01-26", "Sunday worked before the Spring Festival"),
    ("2024-12-29", "2025-02-05", "New Year's Eve 2025 is a holiday; eight days"),
    ("2025-01-09", "2025-02-08", "Saturday worked after the Spring Festival"),
    ("2025-03-01", "2025-03-31", "effect 1 March: day 30 is 31 March, a Monday"),
    ("2025-03-05", "2025-04-07", "Qingming on a Friday, and the weekend"),
    ("2025-03-28", "2025-04-27", "Sunday worked before Labour Day"),
    ("2025-04-03", "2025-05-06", "in the middle of Labour Day"),
    ("2025-05-01", "2025-06-03", "Dragon Boat Festival, Saturday to Monday"),
    ("2025-08-29", "2025-09-28", "Sunday worked before National Day"),
    ("2025-09-01", "2025-10-09", "National Day and Mid-Autumn, eight days"),
    ("2025-09-08", "2025-10-09", "the last of the eight days"),
    ("2025-09-11", "2025-10-11", "Saturday worked after National Day"),
    ("2025-09-12", "2025-10-13", "the Sunday after it is not"),
    ("2025-12-01", "2025-12-31", "the last day of the year"),
    ("2025-12-02", "2026-01-04", "three days; Sunday 4 January is worked"),
    ("2025-12-11", "2026-01-12", "an ordinary weekend"),
    ("2026-01-15", "2026-02-14", "Saturday worked before the Spring Festival"),
    ("2026-01-16", "2026-02-24", "Spring Festival, nine days"),
    ("2026-01-29", "2026-02-28", "Saturday worked after it"),
    ("2026-03-01", "2026-03-31", "effect 1 March: 31 March is day 30, 1 April day 31"),
    ("2026-03-05", "2026-04-07", "Qingming on a Saturday, Monday off"),
    ("2026-04-05", "2026-05-06", "the last day of Labour Day"),
    ("2026-04-09", "2026-05-09", "Saturday worked after it"),
    ("2026-05-20", "2026-06-22", "Dragon Boat Festival on a Friday"),
    ("2026-08-21", "2026-09-20", "Sunday worked before Mid-Autumn"),
    ("2026-08-26", "2026-09-28", "Mid-Autumn, Friday to Sunday"),
    ("2026-09-03", "2026-10-08", "in the middle of National Day"),
    ("2026-09-10", "2026-10-10", "Saturday worked after it"),
    ("2026-11-26", "2026-12-28", "effect 26 November 2026: an ordinary weekend"),
]


def test_there_are_at_least_forty_examples():
    assert len(EXAMPLES) >= 40 and len({effect for effect, *_rest in EXAMPLES}) == len(EXAMPLES)


@pytest.mark.parametrize(("effect", "last", "why"), EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_last_day_as_worked_by_hand(effect, last, why):
    # given an agreement that took effect on a day
    begins = date.fromisoformat(effect)

    # when the last of the 30 days is asked for
    found = last_day(begins, 30, NATIONAL)

    # then it is the day worked out by hand, and the holidays are known
    assert found.day == date.fromisoformat(last), why
    assert found.certain


def test_the_first_day_does_not_count():
    assert day_of_term(date(2026, 3, 1), date(2026, 3, 31)) == 30
    assert day_of_term(date(2026, 3, 1), date(2026, 4, 1)) == 31


@pytest.mark.parametrize(
    ("begins", "days", "last"),
    [
        ("2026-06-02", 3, "2026-06-05"),  # the court admits within three days
        ("2026-06-03", 3, "2026-06-08"),  # Saturday rolls to Monday
        ("2026-06-05", 15, "2026-06-22"),  # Dragon Boat Festival Friday to Sunday
        ("2026-09-18", 15, "2026-10-08"),  # ends on 3 October
        ("2026-09-18", 25, "2026-10-13"),  # ten days more
    ],
)
def test_terms_of_the_court(begins, days, last):
    assert last_day(date.fromisoformat(begins), days, NATIONAL).day == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("effect", "last"),
    [
        ("2026-12-02", "2027-01-04"),  # New Year's Day 2027 is a Friday, known without a notice; then a weekend
        ("2027-04-01", "2027-05-03"),  # 1 May, a Saturday, then 2 May
        ("2027-09-01", "2027-10-04"),  # 1 to 3 October
    ],
)
def test_fixed_holidays_are_known_before_the_notice_and_the_rest_is_said_to_be_uncertain(effect, last):
    found = last_day(date.fromisoformat(effect), 30, NATIONAL)
    assert found.day == date.fromisoformat(last) and not found.certain


def test_an_exception_of_the_calendar_moves_the_last_day():
    # given a day of rest that the library does not know
    local = WorkCalendar(overrides={date(2026, 3, 31): False})

    # then the term ends on the day after it
    assert last_day(date(2026, 3, 1), 30, local).day == date(2026, 4, 1)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dates(date(2010, 1, 1), date(2026, 10, 1)), st.integers(1, 60))
def test_never_early_never_on_a_day_of_rest_and_never_over_a_working_day(begins, days):
    found = last_day(begins, days, NATIONAL).day
    plain = begins + timedelta(days=days)
    assert found >= plain and not rests(found, NATIONAL)
    assert all(rests(plain + timedelta(days=more), NATIONAL) for more in range((found - plain).days))


def test_no_term_of_no_days():
    with pytest.raises(ValueError, match="days"):
        last_day(date(2026, 1, 5), 0, NATIONAL)
