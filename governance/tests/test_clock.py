"""The work calendar: hand-worked spans, a slow oracle, and the limits of a real catalogue."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, localcontext
from itertools import count, islice, takewhile
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.clock import CLOCK_UNITS, SHANGHAI, ClockUnit, Span, WorkCalendar, parse_limit

CATALOGUE = Path(__file__).resolve().parents[3] / "shared/data/case_catalogue_city.tsv"
CALENDAR = WorkCalendar()
MINUTE = timedelta(minutes=1)
# No time limit per example: a busy machine is no failure.
MANY, FEW = settings(deadline=None), settings(max_examples=60, deadline=None)

UH, UD, WH, WD = ClockUnit.URGENT_HOUR, ClockUnit.URGENT_DAY, ClockUnit.WORK_HOUR, ClockUnit.WORK_DAY


def at(text: str) -> datetime:
    """A moment in Shanghai: "2026-03-03 10:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def march(text: str) -> datetime:
    """A moment in March 2026 in Shanghai: "3 10:00"."""
    return datetime.strptime(f"2026-03-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def intervals(text: str) -> list[tuple[datetime, datetime | None]]:
    """Suspensions in March 2026: "3 10:00/3 11:00 + 4 09:00/", with nothing after the stroke for one still open."""
    pairs = [pair.strip().split("/") for pair in text.split("+")]
    return [(march(begin), march(end) if end else None) for begin, end in pairs]


# Weekdays used below: 2026-03-02 is a Monday, so 03-03 Tue, 03-06 Fri, 03-07 Sat, 03-09 Mon.
# Public calendar 2026: off 01-01 (Thu) to 01-03, works Sun 01-04; works Sat 02-14, off 02-15 to 02-23 (Mon), works
# Sat 02-28; off Mon 04-06; off 05-01 (Fri) to 05-05 (Tue), works Sat 05-09; works Sun 09-20, off Fri 09-25;
# off 10-01 (Thu) to 10-07 (Wed), works Sat 10-10. 2025: off 10-01 (Wed) to 10-08 (Wed), works Sun 09-28, Sat 10-11.
SPANS = [
    # Urgent clocks: plain addition.
    ("urgent hours run through the night", "2026-03-03 23:00", "2", UH, "2026-03-04 01:00"),
    ("urgent hours run through lunch", "2026-03-03 11:30", "1", UH, "2026-03-03 12:30"),
    ("urgent hours run through a weekend", "2026-03-07 09:00", "4", UH, "2026-03-07 13:00"),
    ("urgent hours run through a public holiday", "2026-10-01 10:00", "2", UH, "2026-10-01 12:00"),
    ("half an urgent hour is 30 minutes", "2026-03-03 10:00", "0.5", UH, "2026-03-03 10:30"),
    ("urgent hours cross the year end", "2026-12-31 23:30", "1", UH, "2027-01-01 00:30"),
    ("an urgent day is 24 hours, also over a Sunday", "2026-03-07 15:20", "1", UD, "2026-03-08 15:20"),
    ("two urgent days over the Spring Festival", "2026-02-16 08:00", "2", UD, "2026-02-18 08:00"),
    ("half an urgent day is 12 hours", "2026-03-03 20:00", "0.5", UD, "2026-03-04 08:00"),
    ("urgent days count 29 February", "2028-02-28 10:00", "2", UD, "2028-03-01 10:00"),
    # Working hours within a day.
    ("inside the morning", "2026-03-03 09:00", "2", WH, "2026-03-03 11:00"),
    ("exactly to noon stays at noon", "2026-03-03 10:00", "2", WH, "2026-03-03 12:00"),
    ("lunch is left out: 1 h before it, 1 h after it", "2026-03-03 11:00", "2", WH, "2026-03-03 15:00"),
    ("a start in the lunch break begins at 14:00", "2026-03-03 12:30", "1", WH, "2026-03-03 15:00"),
    ("a start at noon sharp begins at 14:00", "2026-03-03 12:00", "1", WH, "2026-03-03 15:00"),
    ("a start at 14:00 sharp runs at once", "2026-03-03 14:00", "1", WH, "2026-03-03 15:00"),
    ("a start before 08:00 begins at 08:00", "2026-03-03 06:00", "1", WH, "2026-03-03 09:00"),
    ("exactly to the close of day stays at 18:00", "2026-03-03 16:00", "2", WH, "2026-03-03 18:00"),
    ("the whole day: 8 h from 08:00", "2026-03-03 08:00", "8", WH, "2026-03-03 18:00"),
    ("half an hour over lunch: 15 min + 15 min", "2026-03-03 11:45", "0.5", WH, "2026-03-03 14:15"),
    ("seconds are kept over lunch: 12:00 - 11:59:30 = 30 s", "2026-03-03 11:59:30", "1", WH, "2026-03-03 14:59:30"),
    # Night.
    ("1 h left before 18:00, 3 h next morning", "2026-03-03 17:00", "4", WH, "2026-03-04 11:00"),
    ("a start at 18:00 sharp begins next morning", "2026-03-03 18:00", "1", WH, "2026-03-04 09:00"),
    ("a start at 22:00 begins next morning", "2026-03-03 22:00", "4", WH, "2026-03-04 12:00"),
    # Weekends.
    ("Friday 17:00 + 2 h: 1 h, then Monday 09:00", "2026-03-06 17:00", "2", WH, "2026-03-09 09:00"),
    ("Friday 18:00 deadline does not slip to Monday", "2026-03-06 16:30", "1.5", WH, "2026-03-06 18:00"),
    ("a start on Saturday begins on Monday", "2026-03-07 10:00", "4", WH, "2026-03-09 12:00"),
    ("a start on Sunday night begins on Monday", "2026-03-08 23:59", "2", WH, "2026-03-09 10:00"),
    # Working days: one is 8 working hours, so the time of day comes back.
    ("1 day from Tue 10:00 is Wed 10:00", "2026-03-03 10:00", "1", WD, "2026-03-04 10:00"),
    ("2 days from Tue 10:00 is Thu 10:00", "2026-03-03 10:00", "2", WD, "2026-03-05 10:00"),
    ("1 day from 08:00 ends the same day at 18:00", "2026-03-03 08:00", "1", WD, "2026-03-03 18:00"),
    ("1 day from 14:00: 4 h today, 4 h to tomorrow noon", "2026-03-03 14:00", "1", WD, "2026-03-04 12:00"),
    ("half a day from 10:00: 2 h + 2 h after lunch", "2026-03-03 10:00", "0.5", WD, "2026-03-03 16:00"),
    ("1.5 days from 10:00: Wed 10:00 + 4 h", "2026-03-03 10:00", "1.5", WD, "2026-03-04 16:00"),
    ("5 days from Tue 10:00 is next Tue 10:00", "2026-03-03 10:00", "5", WD, "2026-03-10 10:00"),
    ("1 day from Saturday is the close of Monday", "2026-03-07 10:00", "1", WD, "2026-03-09 18:00"),
    # Public holidays and working weekends.
    ("New Year: Wed 31 Dec 17:00 + 2 h ends on working Sunday", "2025-12-31 17:00", "2", WH, "2026-01-04 09:00"),
    ("working Saturday before Spring Festival counts", "2026-02-13 17:00", "2", WH, "2026-02-14 09:00"),
    ("Spring Festival: Sat 14 Feb 17:00, then Tue 24 Feb", "2026-02-14 17:00", "2", WH, "2026-02-24 09:00"),
    ("Fri 27 Feb 10:00 + 2 d: working Sat 28, Mon 2 Mar", "2026-02-27 10:00", "2", WD, "2026-03-02 10:00"),
    ("Qingming: Fri 3 Apr 10:00 + 1 d skips Mon 6 Apr", "2026-04-03 10:00", "1", WD, "2026-04-07 10:00"),
    ("May: Thu 30 Apr 10:00 + 3 d = Wed 6, Thu 7, Fri 8", "2026-04-30 10:00", "3", WD, "2026-05-08 10:00"),
    ("May: a fourth day is the working Saturday 9 May", "2026-04-30 10:00", "4", WD, "2026-05-09 10:00"),
    ("a start on a holiday that is a weekday", "2026-06-19 09:00", "1", WH, "2026-06-22 09:00"),
    ("October: Wed 30 Sep 16:00 + 1 d: 2 h, then Thu 8 Oct 6 h", "2026-09-30 16:00", "1", WD, "2026-10-08 16:00"),
    ("October 2025: Tue 30 Sep 10:00 + 3 d = 9, 10, 11 Oct", "2025-09-30 10:00", "3", WD, "2025-10-11 10:00"),
    ("a start on a working Sunday runs at once", "2026-09-20 08:00", "4", WH, "2026-09-20 12:00"),
    # Years the library cannot know yet: Monday to Friday. 2060-01-01 is a Thursday, 2061-01-03 a Monday.
    ("unknown year: 1 Jan 2060, a Thursday, works", "2059-12-31 10:00", "1", WD, "2060-01-01 10:00"),
    ("unknown year: the weekend is still left out", "2060-01-02 17:00", "2", WH, "2060-01-05 09:00"),
    ("unknown year: 1 Oct 2060, a Friday, works", "2060-09-30 10:00", "1", WD, "2060-10-01 10:00"),
    ("before the library: 1 May 2003, a Thursday, works", "2003-04-30 17:00", "2", WH, "2003-05-01 09:00"),
    ("260 days are 52 plain weeks", "2061-01-03 10:00", "260", WD, "2062-01-02 10:00"),
]


@pytest.mark.parametrize(("start", "amount", "unit", "due"), [row[1:] for row in SPANS], ids=[row[0] for row in SPANS])
def test_deadline_of_hand_worked_spans(start, amount, unit, due):
    # Given a span and its start, when the deadline is asked for, then it is the one worked out by hand
    span = Span(Decimal(amount), unit)
    assert CALENDAR.deadline(at(start), span) == at(due)
    # and exactly the span has run by then, the last microsecond of it not before.
    assert CALENDAR.elapsed(at(start), at(due), unit) == CALENDAR.length(span)
    just_before = at(due) - timedelta(microseconds=1)
    assert CALENDAR.elapsed(at(start), just_before, unit) < CALENDAR.length(span)


ELAPSED = [
    ("nothing runs from noon to 14:00", "2026-03-03 12:00", "2026-03-03 14:00", WH, timedelta(0)),
    ("nothing runs over a weekend", "2026-03-06 18:00", "2026-03-09 08:00", WH, timedelta(0)),
    ("one full day with its night", "2026-03-03 08:00", "2026-03-04 08:00", WH, timedelta(hours=8)),
    ("the week of Spring Festival: nothing in nine days", "2026-02-15 00:00", "2026-02-24 00:00", WD, timedelta(0)),
    # May 2026 has 21 weekdays, less 1, 4 and 5 May, plus working Saturday 9 May = 19 days.
    ("May 2026", "2026-05-01 00:00", "2026-06-01 00:00", WD, 19 * timedelta(hours=8)),
    # 2026 has 261 weekdays, less 19 holidays on weekdays, plus 6 working weekends = 248 days.
    ("the year 2026", "2026-01-01 00:00", "2027-01-01 00:00", WD, 248 * timedelta(hours=8)),
    ("urgent time is plain time", "2026-02-15 00:00", "2026-02-24 00:00", UH, timedelta(days=9)),
    ("backwards is negative", "2026-03-04 09:00", "2026-03-03 17:00", WH, timedelta(hours=-2)),
    # Summer time: on 1991-04-14 clocks went from 02:00 to 03:00, so that day had 23 hours.
    ("a day of 23 hours", "1991-04-14 00:00", "1991-04-15 00:00", UH, timedelta(hours=23)),
]


@pytest.mark.parametrize(("why", "start", "end", "unit", "running"), ELAPSED)
def test_elapsed_of_hand_worked_intervals(why, start, end, unit, running):
    # Given two moments, when the running time between is asked for, then it is the one worked out by hand.
    assert CALENDAR.elapsed(at(start), at(end), unit) == running, why


# All in March 2026: "3 09:00" is Tuesday 3 March.
SUSPENDED = [
    ("inside the morning: pushed by its hour", "3 09:00", 2, WH, "3 10:00/3 11:00", "3 12:00"),
    ("over lunch: only 11:30-12:00 was lost", "3 11:00", 1, WH, "3 11:30/3 14:00", "3 14:30"),
    ("at night: nothing was lost", "3 17:00", 2, WH, "3 19:00/4 07:00", "4 09:00"),
    ("before the start: cut at the start", "3 09:00", 2, WH, "3 07:00/3 10:00", "3 12:00"),
    ("wholly before the start: no effect", "3 09:00", 2, WH, "2 09:00/2 10:00", "3 11:00"),
    ("from the very deadline on: it was reached", "3 09:00", 2, WH, "3 11:00/4 11:00", "3 11:00"),
    ("after the deadline: no effect", "3 09:00", 2, WH, "3 15:00/3 16:00", "3 11:00"),
    ("one inside the push of another", "3 09:00", 2, WH, "3 11:30/3 12:00 + 3 10:00/3 11:00", "3 14:30"),
    ("overlapping ones count once", "3 09:00", 2, WH, "3 10:00/3 11:00 + 3 10:30/3 11:30", "3 14:30"),
    ("urgent: lost day and night", "3 09:00", 2, UH, "3 10:00/4 10:00", "4 11:00"),
    ("Thursday 10:00 plus a week of suspension", "3 10:00", 2, WD, "4 10:00/11 10:00", "12 10:00"),
    ("an open one after the deadline does not matter", "3 09:00", 2, WH, "3 15:00/", "3 11:00"),
]


@pytest.mark.parametrize(("why", "start", "amount", "unit", "pauses", "due"), SUSPENDED)
def test_suspensions_push_the_deadline_and_are_left_out_of_elapsed(why, start, amount, unit, pauses, due):
    # Given suspensions, when the deadline is asked for, then it is the hand-worked one and the span has run by then.
    start, due, span, pauses = march(start), march(due), Span(amount, unit), intervals(pauses)
    assert CALENDAR.deadline(start, span, pauses) == due, why
    assert CALENDAR.elapsed(start, due, unit, pauses) == CALENDAR.length(span), why


def test_an_open_suspension_stops_the_clock_and_leaves_no_deadline():
    # Given a case suspended at 10:00 and not resumed
    start, pauses = march("3 09:00"), intervals("3 10:00/")
    # when time passes, then only the hour before it has run
    assert CALENDAR.elapsed(start, at("2026-03-20 09:00"), WH, pauses) == timedelta(hours=1)
    # and there is no deadline to give.
    with pytest.raises(ValueError, match=r"^suspensions: .* has not ended"):
        CALENDAR.deadline(start, Span(2, WH), pauses)


def test_remaining_is_positive_before_and_negative_after_the_deadline():
    # Given a deadline on Wednesday 10:00
    due = at("2026-03-04 10:00")
    # when asked on Tuesday 17:00 and on Wednesday 15:00, then 3 h are left, and 3 h are over (lunch left out).
    assert CALENDAR.remaining(at("2026-03-03 17:00"), due, WH) == timedelta(hours=3)
    assert CALENDAR.remaining(at("2026-03-04 15:00"), due, WH) == timedelta(hours=-3)


def test_amount_counts_running_time_in_a_unit():
    # Given 12 hours of running time, when counted, then 12 work hours are one and a half work days.
    assert CALENDAR.amount(timedelta(hours=12), "work_hour") == Decimal(12)
    assert CALENDAR.amount(timedelta(hours=12), WD) == Decimal("1.5")
    assert CALENDAR.amount(timedelta(hours=12), UD) == Decimal("0.5")
    assert str(CALENDAR.amount(timedelta(hours=80_000), WD)) == "10000"
    # Given a caller whose decimals have three digits, when a length is asked for, then it is still exact.
    with localcontext(prec=3):
        assert CALENDAR.length(Span("12345.678901", UH)) == timedelta(hours=12345, seconds=2444, microseconds=43600)


def test_overrides_win_over_library_and_weekday():
    # Given a city that rests on Wednesday 4 March and works on Saturday 7 March and on 1 October 2026
    local = WorkCalendar({date(2026, 3, 4): False, date(2026, 3, 7): True, date(2026, 10, 1): True})
    # when asked, then its own days hold, and the deadlines follow.
    assert [local.is_workday(date(2026, m, d)) for m, d in ((3, 4), (3, 7), (10, 1))] == [False, True, True]
    assert local.deadline(at("2026-03-03 10:00"), Span(1, WD)) == at("2026-03-05 10:00")
    assert local.deadline(at("2026-03-06 17:00"), Span(2, WH)) == at("2026-03-07 09:00")
    # And the calendar without overrides is untouched by it.
    assert not CALENDAR.is_workday(date(2026, 10, 1))


def test_unknown_years_are_named_until_confirmed():
    # Given a library that cannot know 2059 yet, when a span reaches 2060, then the unknown years are named
    assert CALENDAR.knows(2026)
    assert not CALENDAR.knows(2060)
    assert CALENDAR.unknown_years(date(2025, 1, 1), date(2026, 12, 31)) == ()
    assert CALENDAR.unknown_years(at("2059-12-30 09:00"), date(2060, 1, 1)) == (2059, 2060)
    # and once an administrator has entered and confirmed a year, it no longer is, and its holidays hold.
    confirmed = WorkCalendar({date(2060, 1, 1): False}, confirmed_years=[2060])
    assert confirmed.unknown_years(date(2059, 12, 30), date(2060, 1, 1)) == (2059,)
    assert confirmed.deadline(at("2059-12-31 10:00"), Span(1, WD)) == at("2060-01-02 10:00")


def test_other_hours_change_the_length_of_a_work_day():
    # Given a service desk that works 09:00-17:00 and 22:00-24:00, when one day is asked for, then it is 10 hours.
    desk = WorkCalendar(hours=((time(9), time(17)), (time(22), time(0))))
    assert desk.length(Span(1, WD)) == timedelta(hours=10)
    assert desk.deadline(at("2026-03-03 09:00"), Span(1, WD)) == at("2026-03-04 00:00")
    assert desk.deadline(at("2026-03-03 23:00"), Span(2, WH)) == at("2026-03-04 10:00")


def test_zones_are_respected():
    # Given 02:00 UTC, which is 10:00 in Shanghai, when a work hour is added, then it is 11:00 in Shanghai.
    due = CALENDAR.deadline(datetime(2026, 3, 3, 2, tzinfo=UTC), Span(1, WH))
    assert (due, due.tzinfo) == (at("2026-03-03 11:00"), SHANGHAI)
    # Given the night New York skips 02:00 to 03:00, when 2 urgent hours are added, then the wall shows 3 more.
    new_york = ZoneInfo("America/New_York")
    due = WorkCalendar(tz=new_york).deadline(datetime(2026, 3, 8, 1, tzinfo=new_york), Span(2, UH))
    assert due.replace(tzinfo=None) == datetime(2026, 3, 8, 4)


@pytest.mark.parametrize("amount", [0, -1, "-0.5", "NaN", "Infinity", "many", 0.5, True, None, 10_000_001, "1e999999"])
def test_impossible_amounts_are_refused_by_name(amount):
    # Given an amount that is no positive exact number, when a span is made of it, then the field is named.
    with pytest.raises(ValueError, match=r"^amount: "):
        Span(amount, WH)


def test_other_wrong_arguments_are_refused_by_name():
    # Given wrong arguments, when used, then each error names its argument.
    naive, start, span = datetime(2026, 3, 3, 10), at("2026-03-03 10:00"), Span(1, WH)
    refused = {
        "unit": lambda: Span(1, "fortnight"),
        "start": lambda: CALENDAR.deadline(naive, span),
        "end": lambda: CALENDAR.elapsed(start, naive, WH),
        "suspensions": lambda: CALENDAR.deadline(start, span, [(start, start - MINUTE)]),
        "day": lambda: CALENDAR.is_workday(start),
        "amount": lambda: CALENDAR.deadline(start, Span(10_000_000, WD)),
        "hours": lambda: WorkCalendar(hours=((time(14), time(18)), (time(8), time(12)))),
        "overrides": lambda: WorkCalendar({start: True}),
    }
    for name, call in refused.items():
        with pytest.raises(ValueError, match=rf"^{name}: "):
            call()
    with pytest.raises(ValueError, match=r"^amount: .*shorter than a microsecond"):
        CALENDAR.deadline(start, Span("1e-999999", WH))
    with pytest.raises(ValueError, match=r"^amount: .*beyond year 9999"):
        CALENDAR.deadline(start, Span(5_000_000, UD))
    with pytest.raises(ValueError, match=r"^hours: "):
        WorkCalendar(hours=())


@pytest.mark.parametrize("unit", CLOCK_UNITS)
def test_a_span_of_decades_costs_no_more_than_a_short_one(unit):
    # Given a span of 9,000 units (34 years of work days), when its deadline and elapsed are asked for a hundred times,
    # then each takes far under a millisecond (a bound with room for a busy machine).
    start, span = at("2026-03-03 10:00"), Span(9_000, unit)
    began = perf_counter()
    for _round in range(100):
        CALENDAR.elapsed(start, CALENDAR.deadline(start, span), unit)
    assert (perf_counter() - began) / 100 < 0.003


# The oracle steps minute by minute through wall time, with no arithmetic shared with the calendar.
def running_minutes(calendar: WorkCalendar, unit: ClockUnit, start: datetime, pauses):
    """Every minute from ``start`` on in which a unit's clock runs, named by its beginning."""
    for minute in (start + number * MINUTE for number in count()):
        paused = any(begin <= minute < end for begin, end in pauses)
        at_work = calendar.is_workday(minute.date()) and (8 <= minute.hour < 12 or 14 <= minute.hour < 18)
        if (unit in (UH, UD) or at_work) and not paused:
            yield minute


# Minutes around two turns of the year, Spring Festival and the October holiday of 2026.
moments = st.sampled_from(("2025-12-29", "2026-02-12", "2026-09-28", "2026-12-29")).flatmap(
    lambda day: st.integers(0, 6 * 1440).map(lambda minute: at(f"{day} 00:00") + minute * MINUTE)
)
units = st.sampled_from(ClockUnit)
overrides = st.dictionaries(st.dates(date(2025, 12, 29), date(2026, 3, 1)), st.booleans(), max_size=4)
pauses = st.lists(
    st.tuples(moments, st.integers(0, 2000)).map(lambda pair: (pair[0], pair[0] + pair[1] * MINUTE)), max_size=3
)


@FEW
@given(moments, st.integers(1, 1200), units, overrides, pauses)
def test_deadline_agrees_with_the_oracle(start, minutes, unit, changes, suspensions):
    # Given any span of whole minutes, when its deadline is asked for, then it is the end of its last running minute.
    calendar = WorkCalendar(changes)
    last = next(islice(running_minutes(calendar, unit, start, suspensions), minutes - 1, None))
    span = Span(calendar.amount(minutes * MINUTE, unit), unit)
    assert calendar.deadline(start, span, suspensions) == last + MINUTE


@FEW
@given(moments, st.integers(0, 15_000), units, overrides, pauses)
def test_elapsed_agrees_with_the_oracle(start, minutes, unit, changes, suspensions):
    # Given any interval of whole minutes, when asked what ran in it, then it is the number of its running minutes.
    calendar, end = WorkCalendar(changes), start + minutes * MINUTE
    ran = list(takewhile(lambda minute: minute < end, running_minutes(calendar, unit, start, suspensions)))
    assert calendar.elapsed(start, end, unit, suspensions) == len(ran) * MINUTE


# Whole microseconds over forty years, wider than the library's.
instants = st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1)).map(lambda moment: moment.replace(tzinfo=SHANGHAI))
spans = st.builds(Span, st.decimals("0.000001", 4000, places=6), units)


@MANY
@given(instants, spans, st.lists(st.tuples(instants, instants).map(sorted).map(tuple), max_size=3))
def test_exactly_the_span_has_run_by_its_deadline(start, span, suspensions):
    # Given any span, when its deadline is reached, then exactly the span has run, and a microsecond before, less.
    due = CALENDAR.deadline(start, span, suspensions)
    assert CALENDAR.elapsed(start, due, span.unit, suspensions) == CALENDAR.length(span)
    before = CALENDAR.elapsed(start, due - timedelta(microseconds=1), span.unit, suspensions)
    assert before == CALENDAR.length(span) - timedelta(microseconds=1)


@MANY
@given(instants, instants, spans, st.decimals("0.000001", 4000, places=6))
def test_a_later_start_or_a_longer_span_never_has_an_earlier_deadline(first, second, span, more):
    # Given two starts and two spans of one clock, when deadlines are asked for, then they are in the same order.
    longer = Span(span.amount + more, span.unit)
    assert CALENDAR.deadline(min(first, second), span) <= CALENDAR.deadline(max(first, second), span)
    assert CALENDAR.deadline(first, span) < CALENDAR.deadline(first, longer)


@MANY
@given(instants, instants, instants, units)
def test_elapsed_adds_up_and_changes_sign(first, second, third, unit):
    # Given three moments in any order, when running times are added, then they make the whole.
    parts = CALENDAR.elapsed(first, second, unit) + CALENDAR.elapsed(second, third, unit)
    assert parts == CALENDAR.elapsed(first, third, unit) == -CALENDAR.elapsed(third, first, unit)


LIMITS = {
    (UH, "2"): ("2紧急工作时", "\uff12\u3000紧急工作时"),  # also full-width, as spreadsheets hold it
    (UD, "2"): ("2紧急工作日", "两自然日", "2个日历日"),
    (WH, "4"): ("4小时", "4工作时", "四个工作小时"),
    (WH, "1.5"): ("一个半小时", "1小时半", "1.5小时"),
    (WD, "0.5"): ("0.5天", "半天", "半个工作日"),
    (WD, "3"): ("3工作日", "3 个工作日内", "3天", "3日", "三日以内"),
    (WD, "15"): ("15天", "十五个工作日"),
    (WD, "20"): ("20天", "二十天"),
}


@pytest.mark.parametrize(("span", "text"), [(span, text) for span, texts in LIMITS.items() for text in texts])
def test_limits_as_catalogues_write_them(span, text):
    # Given a limit's text, when read, then amount and clock are what a clerk would say; 制止 is kept as a note.
    unit, amount = span
    assert parse_limit(text) == (Span(amount, unit), "")
    assert parse_limit(text + "制止") == (Span(amount, unit), "制止")


def test_plain_hours_and_days_follow_the_scheme():
    # Given a scheme whose plain hours and days run day and night, when read, then only the plain ones change.
    scheme = {"plain_hour": "urgent_hour", "plain_day": "urgent_day"}
    units_read = [parse_limit(text, **scheme).span.unit for text in ("4小时", "3天", "3工作日", "6工作时")]
    assert units_read == [UH, UD, WD, WH]


NO_LIMITS = ["", "天", "0天", "-1天", "3", "立即", "30分钟", "一二天", "3天或5天", "1个半天半", "1.5个半小时"]


@pytest.mark.parametrize("text", NO_LIMITS)
def test_what_is_no_limit_is_refused_by_its_text(text):
    # Given a text that is no limit, when read, then the error shows it.
    with pytest.raises(ValueError, match=r"^limit: ") as refused:
        parse_limit(text)
    assert repr(text) in str(refused.value)


def test_every_limit_of_a_real_catalogue_is_read():
    # Given one city's filing standards (not part of the repository)
    if not CATALOGUE.exists():
        pytest.skip(f"the city catalogue is not here: {CATALOGUE}")
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        texts = [row["limit"] for row in csv.DictReader(file, delimiter="\t")]
    assert len(texts) == 519
    # when each limit is read, then none fails, the notes are kept, and urgent ones are exactly those that say so.
    limits = [parse_limit(text) for text in texts]
    assert sum(limit.note == "制止" for limit in limits) == sum("制止" in text for text in texts) > 0
    assert [limit.span.unit.is_urgent for limit in limits] == ["紧急" in text for text in texts]
