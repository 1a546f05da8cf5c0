"""Days and spans of weeks: what counts are kept by, and how they make up any stretch of days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

# Spans begin at a fixed Monday and fit into each other, so that each day lies in exactly one of each.
EPOCH = date(2000, 1, 3)
WEEK = 7
SPANS = (84, 28, WEEK)
LONGEST = 366
DAY = timedelta(days=1)


def start_of(span: int, day: date) -> date:
    """Return the first day of the span of so many days that holds ``day``."""
    return day - (day - EPOCH).days % span * DAY


def start_sql(span: int, column: str) -> str:
    """Return ``start_of`` as an SQL expression of a date column."""
    return f"({column} - (({column} - DATE '{EPOCH}') %% {span} + {span}) %% {span})"


def pieces(first: date, last: date, spans: Sequence[int] = SPANS) -> Iterator[tuple[int, date]]:
    """Yield the fewest (span, first day) that make up the days from ``first`` to ``last``, in order."""
    day = first
    while day <= last:
        for span in (*spans, 1):
            if (span == 1 or start_of(span, day) == day) and day + (span - 1) * DAY <= last:
                yield span, day
                day += span * DAY
                break


@dataclass(frozen=True)
class Window:
    """A stretch of days, both ends included, and the one of the same length before it that it is compared with."""

    first: date
    last: date

    @classmethod
    def ending(cls, last: date, days: int) -> "Window":
        """Return the window of ``days`` days that ends with ``last``."""
        return cls(last - (days - 1) * DAY, last)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Window":
        return Window.ending(self.first - DAY, self.days)

    def starts(self, spans: Sequence[int] = SPANS) -> dict[int, list[date]]:
        """Return the first days of the spans that make up the window and the one before it, by span."""
        found: dict[int, list[date]] = {span: [] for span in (*spans, 1)}
        for window in (self.before, self):
            for span, day in pieces(window.first, window.last, spans):
                found[span].append(day)
        return found
