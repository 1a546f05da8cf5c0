"""The work calendar: how long a limit really is, and how much of it has run.

Limits in filing standards name one of four clocks (``ClockUnit``). The urgent clocks run day and night; the working
clocks run 08:00-12:00 and 14:00-18:00 on working days, leaving out weekends and public holidays and counting the
working weekends (调休). One ``work_day`` is one full working day of running time (8 hours with the usual hours), so
n work days from 10:00 on a Tuesday end at 10:00 on the nth working day after it.

Pure: no models and no I/O. Overrides and hours come in as arguments, moments are aware datetimes, running time is an
exact ``timedelta`` (microseconds, no floats). The calendar is "plain weeks plus a sorted list of the dates that
differ", searched by bisection: a span of decades costs no more than one of hours.

Rules at the edges:

* A start outside working hours begins to run at the next working moment.
* A deadline is the first moment at which the whole span has run: one that is exactly the end of a working period
  stays there (12:00, not 14:00; Friday 18:00, not Monday 08:00).
* While suspended no clock runs. A deadline reached exactly when a suspension begins stays there.
* Working time is counted on the local wall clock, urgent time on the absolute one. They differ only where the zone
  changes its offset within working hours; Asia/Shanghai has not changed its offset since 1991.

Sources: the clocks are as published in Chinese cities' filing standards (城市管理部件事件立案结案标准); public holidays
and working weekends are the State Council's yearly notices as packaged by ``chinesecalendar``.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

import chinese_calendar


class ClockUnit(StrEnum):
    """What a limit is counted in. The values are stored: never rename them."""

    URGENT_HOUR = "urgent_hour"  # 紧急工作时: runs day and night
    URGENT_DAY = "urgent_day"  # 紧急工作日: 24 hours a day, every day
    WORK_HOUR = "work_hour"  # 工作时: runs in working hours only
    WORK_DAY = "work_day"  # 工作日: one full working day of working hours

    @property
    def is_urgent(self) -> bool:
        """Whether this clock runs day and night."""
        return self in (ClockUnit.URGENT_HOUR, ClockUnit.URGENT_DAY)


# The stored values, for a model's choices.
CLOCK_UNITS: tuple[str, ...] = tuple(unit.value for unit in ClockUnit)
AnyUnit = ClockUnit | str
# Local working periods of a working day, in order.
WORKING_HOURS = ((time(8), time(12)), (time(14), time(18)))
SHANGHAI = ZoneInfo("Asia/Shanghai")
# Over a thousand years of hours: refuses typing errors before they become huge integers.
MAX_AMOUNT = 10_000_000
# Intervals (start, end) in which no clock runs, in any order; end None means not ended yet.
Suspensions = Iterable[tuple[datetime, datetime | None]]

_MICROSECOND = timedelta(microseconds=1)
_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
_FOREVER = datetime.max.replace(tzinfo=UTC)
# Wide enough that MAX_AMOUNT days in microseconds multiply without rounding; independent of the caller's context.
_ARITHMETIC = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Span:
    """An amount of one clock, such as 2 urgent hours.

    ``amount`` (Decimal, int or a decimal string) must be above zero and at most ``MAX_AMOUNT``; floats are refused
    because they are not exact. Raises ValueError naming ``amount`` or ``unit``.
    """

    amount: Decimal
    unit: ClockUnit

    def __post_init__(self) -> None:
        if isinstance(self.amount, bool) or not isinstance(self.amount, (Decimal, int, str)):
            raise ValueError(f"amount: expected a Decimal, an int or a decimal string, got {self.amount!r}")
        try:
            amount = Decimal(self.amount)
        except DecimalException as error:
            raise ValueError(f"amount: {self.amount!r} is not a number") from error
        if not amount.is_finite() or not 0 < amount <= MAX_AMOUNT:
            raise ValueError(f"amount: must be above 0 and at most {MAX_AMOUNT}, got {self.amount!r}")
        object.__setattr__(self, "amount", amount)
        object.__setattr__(self, "unit", _unit(self.unit))


def _unit(unit: AnyUnit) -> ClockUnit:
    try:
        return ClockUnit(unit)
    except ValueError as error:
        raise ValueError(f"unit: {unit!r} is not one of {', '.join(CLOCK_UNITS)}") from error


@dataclass(frozen=True, slots=True)
class _Exceptions:
    """Dates that are not what their weekday says, as day numbers, with the running sum of +1 (works) and -1 (rests)."""

    days: tuple[int, ...]
    sums: tuple[int, ...]

    @classmethod
    def of(cls, changes: Mapping[date, bool]) -> "_Exceptions":
        days = sorted(day for day, works in changes.items() if works != (day.weekday() < 5))
        sums = (0, *accumulate(1 if changes[day] else -1 for day in days))
        return cls(days=tuple(day.toordinal() for day in days), sums=sums)

    def workdays_before(self, ordinal: int) -> int:
        """How many working days lie before a day number (1 = 1 January of year 1, a Monday)."""
        weeks, rest = divmod(ordinal - 1, 7)
        return weeks * 5 + min(rest, 5) + self.sums[bisect_left(self.days, ordinal)]


@lru_cache(maxsize=1)
def _public_calendar() -> tuple[dict[date, bool], range]:
    """The library's holidays and working weekends, date -> works, and the years it knows."""
    changes = dict.fromkeys(chinese_calendar.holidays, False) | dict.fromkeys(chinese_calendar.workdays, True)
    years = {day.year for day in chinese_calendar.holidays}
    return changes, range(min(years), max(years) + 1)


class WorkCalendar:
    """Working days and hours of one place, and the arithmetic of its clocks.

    overrides: local date -> works (True) or rests (False); wins over the library.
    hours: working periods of a working day, ascending, not overlapping; an end of 00:00 means midnight.
    tz: the zone in which dates and hours are meant.
    confirmed_years: years whose public holidays an administrator has entered as overrides, so that they no longer
        count as unknown.

    In a year the library does not know, Monday to Friday work but for overrides; ``unknown_years`` names such years.
    Raises ValueError naming ``overrides`` or ``hours``. Building one costs about a millisecond: keep it.
    """

    def __init__(
        self,
        overrides: Mapping[date, bool] | None = None,
        hours: Iterable[tuple[time, time]] = WORKING_HOURS,
        tz: ZoneInfo = SHANGHAI,
        confirmed_years: Collection[int] = (),
    ) -> None:
        overrides = dict(overrides or {})
        if any(isinstance(day, datetime) or not isinstance(day, date) for day in overrides):
            raise ValueError("overrides: keys must be dates")
        public, self._library_years = _public_calendar()
        self._changes = public | overrides
        self._exceptions = _Exceptions.of(self._changes)
        self._confirmed_years = frozenset(confirmed_years)
        self._periods = _periods(hours)
        self._work_day = sum(end - start for start, end in self._periods)
        self.tz = tz

    def is_workday(self, day: date) -> bool:
        """Whether people work on a local date: override, else public calendar, else Monday to Friday.

        Raises ValueError for a datetime, whose date depends on the zone.
        """
        if isinstance(day, datetime):
            raise ValueError("day: expected a date, not a datetime")
        return self._changes.get(day, day.weekday() < 5)

    def is_holiday(self, day: date) -> bool:
        """Whether a local date rests by a public holiday or a local exception, and not merely as a weekend."""
        return self._changes.get(day) is False

    def knows(self, year: int) -> bool:
        """Whether the public holidays of a year are known (from the library or confirmed by an administrator)."""
        return year in self._library_years or year in self._confirmed_years

    def unknown_years(self, start: date, end: date) -> tuple[int, ...]:
        """The years from ``start`` to ``end`` (dates or datetimes, both included) counted by plain weekdays only."""
        return tuple(year for year in range(start.year, end.year + 1) if not self.knows(year))

    def length(self, span: Span) -> timedelta:
        """The running time of a span: 2 work days = 16 hours. Rounded to a microsecond; ValueError if that is none."""
        exact = _ARITHMETIC.multiply(span.amount, Decimal(self._unit_length(span.unit)))
        microseconds = int(exact.to_integral_value(rounding=ROUND_HALF_EVEN))
        if not microseconds:
            raise ValueError(f"amount: {span.amount} is shorter than a microsecond")
        return microseconds * _MICROSECOND

    def amount(self, running: timedelta, unit: AnyUnit) -> Decimal:
        """Running time as an amount of a unit: 16 hours = 2 work days (50 digits where it does not come out even)."""
        exact = Decimal(running // _MICROSECOND)
        return Context(prec=50).divide(exact, Decimal(self._unit_length(_unit(unit))))

    def deadline(self, start: datetime, span: Span, suspensions: Suspensions = ()) -> datetime:
        """The first moment at which ``span`` has run since ``start``, in the calendar's zone.

        Raises ValueError naming ``start`` where it is naive, ``suspensions`` where one that has not ended comes
        before the deadline (there is none yet), ``amount`` where the deadline lies beyond year 9999.
        """
        clock = self._clock(span.unit)
        try:
            target = clock.position(_aware("start", start)) + self.length(span) // _MICROSECOND
            due = clock.moment(target)
            for begin, end in _merged(suspensions, after=start):
                if begin >= due:
                    break
                if end == _FOREVER:
                    raise ValueError(f"suspensions: the one from {begin.isoformat()} has not ended, no deadline yet")
                target += clock.position(end) - clock.position(begin)
                due = clock.moment(target)
        except OverflowError as error:
            raise ValueError(f"amount: {span.amount} {span.unit} ends beyond year 9999") from error
        return due.astimezone(self.tz)

    def elapsed(self, start: datetime, end: datetime, unit: AnyUnit, suspensions: Suspensions = ()) -> timedelta:
        """Running time of a unit's clock from ``start`` to ``end`` without suspensions; negative if end is earlier.

        Hours and days of a kind share one clock, so the unit only says which clock runs; use ``amount`` to count in
        it. Raises ValueError naming ``start``, ``end``, ``unit`` or ``suspensions``.
        """
        start, end = _aware("start", start), _aware("end", end)
        if end < start:
            return -self.elapsed(end, start, unit, suspensions)
        clock = self._clock(_unit(unit))
        running = clock.position(end) - clock.position(start)
        for begin, stop in _merged(suspensions, after=start):
            if begin < end:
                running -= clock.position(min(stop, end)) - clock.position(begin)
        return running * _MICROSECOND

    def remaining(self, now: datetime, due: datetime, unit: AnyUnit, suspensions: Suspensions = ()) -> timedelta:
        """Running time left until ``due``; negative when overdue. Errors as for ``elapsed``."""
        return self.elapsed(now, due, unit, suspensions)

    def _unit_length(self, unit: ClockUnit) -> int:
        """Running microseconds of one unit."""
        return {ClockUnit.URGENT_DAY: _DAY, ClockUnit.WORK_DAY: self._work_day}.get(unit, _HOUR)

    def _clock(self, unit: ClockUnit) -> "_UrgentClock | _WorkClock":
        if unit.is_urgent:
            return _UrgentClock()
        return _WorkClock(self._exceptions, self._periods, self._work_day, self.tz)


class _UrgentClock:
    """A clock that always runs. Positions are microseconds since the first moment of year 1 UTC."""

    _EPOCH = datetime.min.replace(tzinfo=UTC)

    def position(self, moment: datetime) -> int:
        return (moment - self._EPOCH) // _MICROSECOND

    def moment(self, position: int) -> datetime:
        return self._EPOCH + position * _MICROSECOND


@dataclass(frozen=True, slots=True)
class _WorkClock:
    """A clock that runs in working periods. Positions are working microseconds since year 1 on the local wall clock."""

    exceptions: _Exceptions
    periods: tuple[tuple[int, int], ...]
    day_length: int
    tz: ZoneInfo

    def position(self, moment: datetime) -> int:
        local = moment.astimezone(self.tz)
        ordinal = local.toordinal()
        before = self.exceptions.workdays_before(ordinal)
        if self.exceptions.workdays_before(ordinal + 1) == before:
            return before * self.day_length
        wall = (local.replace(tzinfo=None) - datetime.combine(local.date(), time())) // _MICROSECOND
        worked = sum(min(max(wall - start, 0), end - start) for start, end in self.periods)
        return before * self.day_length + worked

    def moment(self, position: int) -> datetime:
        """The first moment at which the clock shows ``position``: an end of a period, never the next one's start."""
        before, rest = divmod(position - 1, self.day_length)
        rest += 1
        for start, end in self.periods:
            if rest <= end - start:
                break
            rest -= end - start
        midnight = datetime.combine(self._workday(before), time())
        return (midnight + (start + rest) * _MICROSECOND).replace(tzinfo=self.tz)

    def _workday(self, before: int) -> date:
        """The working day that has ``before`` working days ahead of it."""
        # Five in seven days work but for the exceptions, so the answer is within their number of the plain guess.
        slack = 2 * len(self.exceptions.days) + 7
        guess = before * 7 // 5 + 1
        low, high = max(guess - slack, 1), guess + slack
        found = bisect_left(range(low, high), before + 1, key=lambda day: self.exceptions.workdays_before(day + 1))
        # Unlike date.fromordinal, whose ValueError says nothing, this overflows like all other date arithmetic.
        return date.min + timedelta(days=low + found - 1)


def _aware(name: str, moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{name}: needs a time zone, got the naive {moment.isoformat()}")
    return moment.astimezone(UTC)


def _periods(hours: Iterable[tuple[time, time]]) -> tuple[tuple[int, int], ...]:
    """Working periods as microseconds of the day, checked."""
    found = tuple((_of_day(start), _of_day(end) or _DAY) for start, end in hours)
    edges = [edge for period in found for edge in period]
    if not found or any(start >= end for start, end in found) or edges != sorted(edges):
        raise ValueError("hours: expected ascending periods that do not overlap, each with its start before its end")
    return found


def _of_day(moment: time) -> int:
    return (datetime.combine(date.min, moment.replace(tzinfo=None)) - datetime.min) // _MICROSECOND


def _merged(suspensions: Suspensions, after: datetime) -> list[tuple[datetime, datetime]]:
    """Suspended intervals in UTC, sorted, joined where they touch, cut at ``after``."""
    merged: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(_interval(begin, end) for begin, end in suspensions):
        begin = max(begin, _aware("start", after))
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif begin < end:
            merged.append((begin, end))
    return merged


def _interval(begin: datetime, end: datetime | None) -> tuple[datetime, datetime]:
    begin = _aware("suspensions", begin)
    end = _FOREVER if end is None else _aware("suspensions", end)
    if end < begin:
        raise ValueError(f"suspensions: one ends ({end.isoformat()}) before it begins ({begin.isoformat()})")
    return begin, end


class Limit(NamedTuple):
    """A limit read from a catalogue: the span, and a note (``制止``: the act must be stopped within it) or ''."""

    span: Span
    note: str


_LIMIT = re.compile(
    r"(?P<number>[0-9]{1,7}(?:\.[0-9]{1,6})?|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]|半)"
    r"(?:个(?P<half>半)?)?"
    r"(?P<unit>紧急工作(?:小时|时|日|天)|工作(?:小时|时|日|天)|小时|天|日|自然日|日历日)"
    r"(?P<tail>半)?(?:以?内)?(?P<note>制止)?"
)
_NUMERALS = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"两": 2}
_HALF = Decimal("0.5")


def parse_limit(
    text: str, *, plain_hour: AnyUnit = ClockUnit.WORK_HOUR, plain_day: AnyUnit = ClockUnit.WORK_DAY
) -> Limit:
    """Read a limit as catalogues write it: ``2紧急工作时``, ``4小时``, ``3个工作日``, ``一天半``, ``1紧急工作时制止``.

    Plain 小时 and 天 (日) name no clock: ``plain_hour`` and ``plain_day`` say which is meant (schemes differ).
    自然日 and 日历日 are calendar days of 24 hours. Chinese numerals are read up to 九十九.
    Raises ValueError naming the text where it is not a limit.
    """
    compact = "".join(unicodedata.normalize("NFKC", text).split())
    match = _LIMIT.fullmatch(compact)
    if match is None:
        raise ValueError(f"limit: cannot read {text!r}")
    unit = _limit_unit(match["unit"], _unit(plain_hour), _unit(plain_day))
    amount = _limit_number(match["number"])
    halves = bool(match["half"]) + bool(match["tail"])
    if halves and (halves == 2 or amount % 1):
        raise ValueError(f"limit: more than one half in {text!r}")
    try:
        return Limit(Span(amount + halves * _HALF, unit), match["note"] or "")
    except ValueError as error:
        raise ValueError(f"limit: cannot read {text!r}: {error}") from error


def _limit_unit(name: str, plain_hour: ClockUnit, plain_day: ClockUnit) -> ClockUnit:
    hour, day = plain_hour, plain_day
    if name.startswith(("紧急", "自然", "日历")):
        hour, day = ClockUnit.URGENT_HOUR, ClockUnit.URGENT_DAY
    elif name.startswith("工作"):
        hour, day = ClockUnit.WORK_HOUR, ClockUnit.WORK_DAY
    return hour if name.endswith("时") else day


def _limit_number(number: str) -> Decimal:
    if number == "半":
        return _HALF
    if number[0].isascii():
        return Decimal(number)
    tens, ten, ones = number.rpartition("十")
    if not ten:
        return Decimal(_NUMERALS[number])
    return Decimal(_NUMERALS.get(tens, 1) * 10 + _NUMERALS.get(ones, 0))
