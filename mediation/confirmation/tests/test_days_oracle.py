"""The day count against a second, plain count that shares nothing with the product.

The oracle knows the days of rest from the State Council's notices on the holidays of 2024, 2025 and 2026, typed in by
hand, and counts on its fingers: the first day is not counted (民事诉讼法 85), a last day of rest rolls to the next day
that is none.
"""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.work_calendars import NATIONAL
from mediation.confirmation.days import last_day

DAY = timedelta(days=1)
HOLIDAYS = [  # first and last day of each
    ("2024-01-01", "2024-01-01"), ("2024-02-10", "2024-02-17"), ("2024-04-04", "2024-04-06"),
    ("2024-05-01", "2024-05-05"), ("2024-06-10", "2024-06-10"), ("2024-09-15", "2024-09-17"),
    ("2024-10-01", "2024-10-07"),
    ("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"), ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"), ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
]  # fmt: skip
# Saturdays and Sundays that are worked in exchange.
WORKED = {
    "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
}  # fmt: skip
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)


def _rests() -> set[date]:
    """Return every day of rest of the three years."""
    found = {FIRST + DAY * n for n in range((LAST - FIRST).days + 1) if (FIRST + DAY * n).isoweekday() > 5}
    found -= {date.fromisoformat(day) for day in WORKED}
    for first, last in HOLIDAYS:
        begins = date.fromisoformat(first)
        found |= {begins + DAY * n for n in range((date.fromisoformat(last) - begins).days + 1)}
    return found


RESTS = _rests()


def counted(begins: date, days: int) -> date:
    """Return the last day of a term, counted day by day."""
    today, left = begins, days
    while left:
        today, left = today + DAY, left - 1
    while today in RESTS:
        today += DAY
    return today


def test_every_term_of_thirty_days_of_three_years():
    """Each day on which an agreement can have taken effect: month ends, the leap day, all holidays."""
    begins, wrong = date(2023, 12, 2), []
    while begins <= date(2026, 11, 26):
        found = last_day(begins, 30, NATIONAL)
        if found.day != counted(begins, 30):
            wrong.append((begins, found.day, counted(begins, 30)))
        begins += DAY
    assert not wrong


@settings(deadline=None)
@given(st.dates(date(2024, 1, 1), date(2026, 10, 20)), st.integers(1, 60))
def test_a_term_of_any_length(begins, days):
    """3, 15 and 25 days of the court, 30 of the parties, and all others up to sixty."""
    assert last_day(begins, days, NATIONAL).day == counted(begins, days)


@pytest.mark.parametrize(("begins", "ends"), [("2024-01-30", "2024-02-29"), ("2023-12-02", "2024-01-02"),
                                              ("2026-01-16", "2026-02-24"), ("2025-09-01", "2025-10-09")])  # fmt: skip
def test_the_oracle_itself_against_the_notices(begins, ends):
    """The leap day, New Year's Day, nine days of Spring Festival, National Day with Mid-Autumn."""
    assert counted(date.fromisoformat(begins), 30) == date.fromisoformat(ends)
