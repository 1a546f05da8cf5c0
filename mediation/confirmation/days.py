"""The civil-procedure day count: until when both parties may apply for confirmation. Pure; no models, no I/O.

民事诉讼法 2023 [T]: 85 the day on which a term begins is not counted; a last day on a statutory rest day rolls
forward to the first day after it; time in the post does not count. 205: within 30 days of taking effect. Rest days are
weekends and public holidays; a weekend day that is worked in exchange (调休) is a working day [J].

Of a year whose State Council notice is not known yet, the holidays with a fixed date are known all the same
(全国年节及纪念日放假办法, as amended for 2025); those by the lunar calendar are not, and ``LastDay.certain`` says so.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from governance.clock import WorkCalendar

# Month and day of the holidays that do not move.
FIXED = frozenset([(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)])
# The court: admit within 3 days, decide within 15, 10 more in special circumstances (法释〔2011〕5号).
ADMIT_DAYS, DECIDE_DAYS, DECIDE_MORE_DAYS = 3, 15, 10
APPLY_DAYS = 30  # 人民调解法 33, 民事诉讼法 205 [T]: to apply for confirmation; no place sets others


@dataclass(frozen=True)
class LastDay:
    """The last day of a term; ``certain`` False: the holidays of that time are not all known yet."""

    day: date
    certain: bool


def rests(day: date, calendar: WorkCalendar) -> bool:
    """Tell whether a term that would end on ``day`` rolls forward."""
    if not calendar.is_workday(day):
        return True
    return not calendar.knows(day.year) and (day.month, day.day) in FIXED


def last_day(begins: date, days: int, calendar: WorkCalendar) -> LastDay:
    """Return the last day of a term of ``days`` days that begins by what happened on ``begins``, which is day 0.

    Raises ValueError: ``days`` below 1. OverflowError: the calendar of the world ends before.
    """
    if days < 1:
        raise ValueError("days: at least 1")
    day = begins + timedelta(days=days)
    certain = calendar.knows(day.year)
    while rests(day, calendar):
        day += timedelta(days=1)
        certain = certain and calendar.knows(day.year)
    return LastDay(day, certain)


def day_of_term(begins: date, on: date) -> int:
    """Return which day of the term ``on`` is: 1 is the day after it began."""
    return (on - begins).days
