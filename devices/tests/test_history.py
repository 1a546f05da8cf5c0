"""The past of a figure: readings while few, hours beyond, never more points than asked for."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.history import MOST_POINTS, RAW_SPAN, Point, series, width_of
from devices.models import Reading, ReadingHour, RollUpProgress
from devices.tests.fleet import NOW, at, message
from governance.errors import Invalid


def put(device, minutes, value, **more):
    Reading.objects.create(device=device, metric="tilt", at=at(minutes), value=value, received_at=NOW, **more)


def test_few_readings_are_the_line(fleet):
    fleet.ingest(message(-10, metrics={"tilt": 3}), message(-5, metrics={"tilt": 5}), message(0, status="normal"))
    put(fleet.cover, -7, 900, quality="bad")

    found = series(fleet.cover, "tilt", at(-10), at(0))

    assert found == [Point(at(-10), 3, 3, 3, 1), Point(at(-5), 5, 5, 5, 1)]
    assert series(fleet.cover, "tilt", at(-10), at(-5)) == found[:1]
    assert series(fleet.far, "tilt", at(-10), at(0)) == series(fleet.cover, "fill", at(-10), at(0)) == []


def test_many_readings_are_brought_together(fleet):
    for minute in range(10):
        put(fleet.cover, minute, minute)

    found = series(fleet.cover, "tilt", at(0), at(10), most=2)

    assert found == [Point(at(0), 0, 2, 4, 5), Point(at(5), 5, 7, 9, 5)]


def test_long_spans_are_hours_rolled_up_or_not_yet(fleet):
    RollUpProgress.objects.create(id=1, covered_until=at(-60))
    for hours, low, mean, high, count in [(-3, 1, 2, 3, 10), (-2, 2, 4, 6, 30), (-1, 99, 99, 99, 1)]:
        ReadingHour.objects.create(
            device=fleet.cover, metric="tilt", hour=at(60 * hours), low=low, mean=mean, high=high, count=count
        )
    put(fleet.cover, -100, 7)  # of an hour that is rolled up: counted there
    put(fleet.cover, -30, 8)
    put(fleet.cover, -20, 9)
    since = NOW - timedelta(days=3)

    found = series(fleet.cover, "tilt", since, NOW)

    expected = [Point(at(-180), 1, 2, 3, 10), Point(at(-120), 2, 4, 6, 30), Point(at(-60), 8, 8.5, 9, 2)]
    assert found == expected
    # two points of 36 hours: all is in the second
    assert series(fleet.cover, "tilt", since, NOW, most=2) == [Point(at(-180), 1, pytest.approx(157 / 42), 9, 42)]


def test_no_more_points_than_asked_for(fleet):
    rows = [
        ReadingHour(device=fleet.cover, metric="tilt", hour=NOW - timedelta(hours=n), low=0, mean=1, high=2, count=1)
        for n in range(1, 2000)
    ]
    ReadingHour.objects.bulk_create(rows)
    RollUpProgress.objects.create(id=1, covered_until=NOW)

    found = series(fleet.cover, "tilt", NOW - timedelta(hours=1990, minutes=1), NOW)

    assert 400 < len(found) <= MOST_POINTS
    assert sum(point.count for point in found) == 1991


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        (NOW, NOW, "to"),
        (NOW, NOW.replace(tzinfo=None), "to"),
        (NOW.replace(tzinfo=None), NOW, "from"),
        (NOW - timedelta(days=4000), NOW, "from"),
    ],
)
def test_spans_that_cannot_be_are_refused(fleet, since, until, field):
    with pytest.raises(Invalid) as refused:
        series(fleet.cover, "tilt", since, until)
    assert refused.value.field == field


def test_two_statements_at_most(fleet, django_assert_max_num_queries):
    put(fleet.cover, -1, 7)
    with django_assert_max_num_queries(2):
        series(fleet.cover, "tilt", NOW - RAW_SPAN, NOW, most=0 + 1)
    with django_assert_max_num_queries(1):
        series(fleet.cover, "tilt", NOW - timedelta(days=30), NOW)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.dictionaries(st.integers(0, 600), st.floats(-50, 50), max_size=30),
    since=st.integers(0, 300), length=st.integers(1, 300), most=st.integers(1, 12),
)  # fmt: skip
def test_points_are_what_one_counts_by_hand(fleet, rows, since, length, most):
    # given readings of minutes and one of another metric
    Reading.objects.all().delete()
    told = [("fill", minute, value) for minute, value in rows.items()] + [("battery", since, 7.0)]
    Reading.objects.bulk_create(
        Reading(device=fleet.bin, metric=metric, at=at(minute), value=value, received_at=NOW)
        for metric, minute, value in told
    )
    # when they are put together
    start, end = at(since), at(since + length)
    found = series(fleet.bin, "fill", start, end, most=most)
    # then few are themselves, and of many each lies in its part of the time
    inside = {minute: value for minute, value in rows.items() if since <= minute < since + length}
    width = width_of(start, end, most) if len(inside) > most else timedelta(minutes=1)
    parts: dict[int, list[float]] = {}
    for minute, value in inside.items():
        parts.setdefault((at(minute) - start) // width, []).append(value)
    wanted = [(min(kept), max(kept), len(kept)) for _part, kept in sorted(parts.items())]
    assert [(point.min, point.max, point.count) for point in found] == wanted
    assert len(found) <= most
    means = [sum(kept) / len(kept) for _part, kept in sorted(parts.items())]
    assert [point.mean for point in found] == pytest.approx(means)
