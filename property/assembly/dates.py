"""On which day of a month an assembly meets: its rule, moved away from public holidays. Pure.

A day will not do when it rests by a public holiday, or when it is a Saturday or Sunday on which people work (调休). The
State Council's calendar of the year comes in as a ``WorkCalendar``.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from governance.clock import WorkCalendar

DAY, WEEK = timedelta(days=1), timedelta(days=7)
SATURDAY = 5
# The kinds of rules, and what is done with a day that will not do; stored, never renamed.
NTH_WEEKDAY, LAST_WEEKDAY, MONTH_DAY = "nth_weekday", "last_weekday", "month_day"
NEXT_WEEK, NEXT_DAY, STAY = "next_week", "next_day", "stay"


@dataclass(frozen=True)
class SessionRule:
    """``kind`` with its figure: the ``nth`` (1-4) ``weekday`` (0 = Monday), the last one, or ``month_day`` (31 means
    the last day of shorter months). ``holiday_move``: a week later, the next day that will do, or not moved.
    """

    kind: str
    weekday: int | None = None
    nth: int | None = None
    month_day: int | None = None
    holiday_move: str = NEXT_WEEK

    def planned(self, month: date) -> date:
        """Return the day by the rule alone; ``month`` is any day of the month."""
        first, length = month.replace(day=1), monthrange(month.year, month.month)[1]
        if self.kind == MONTH_DAY:
            return first.replace(day=min(self.month_day, length))
        if self.kind == LAST_WEEKDAY:
            last = first.replace(day=length)
            return last - DAY * ((last.weekday() - self.weekday) % 7)
        return first + DAY * ((self.weekday - first.weekday()) % 7) + WEEK * (self.nth - 1)

    def day_in(self, month: date, calendar: WorkCalendar) -> date:
        """Return the day the assembly meets: later, else earlier in the month, where the planned one will not do.

        A month without any day that will do keeps the planned one.
        """
        planned = self.planned(month)
        if self.holiday_move == STAY or suits(planned, calendar):
            return planned
        pace = WEEK if self.holiday_move == NEXT_WEEK else DAY
        for step in (pace, -pace):
            day = planned + step
            while day.month == planned.month:
                if suits(day, calendar):
                    return day
                day += step
        return planned


def suits(day: date, calendar: WorkCalendar) -> bool:
    """Tell whether people can be asked to a meeting on ``day``."""
    worked_weekend = day.weekday() >= SATURDAY and calendar.is_workday(day)
    return not calendar.is_holiday(day) and not worked_weekend


def month_of(day: date) -> date:
    """Return the first day of its month."""
    return day.replace(day=1)


def months_after(month: date, number: int) -> date:
    """Return the first day of the month ``number`` months later (earlier, below 0)."""
    years, index = divmod(month.month - 1 + number, 12)
    return date(month.year + years, index + 1, 1)
