"""What is learnt of filling, and what is forecast from it: by hand, and on bins that filled as we made them fill."""

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.bins.forecast import HORIZON, bins_of, reaches
from devices.bins.learning import bins_learn, rates_of
from devices.models import Device, FillRate, LatestValue, Reading

pytestmark = pytest.mark.django_db
HERE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, tzinfo=HERE)
HOUR = timedelta(hours=1)


def bin_hourly(at: datetime, *, weekday: float = 0.02, weekend: float = 0.04) -> float:
    """What the made-up bins fill in an hour: nothing at night, twice as much at the weekend."""
    if not 7 <= at.hour < 22:
        return 0.0
    return weekend if at.weekday() >= 5 else weekday


def history(start: datetime, end: datetime, *, step: timedelta, noise: float = 0.0, seed: int = 1, empty_at: int = 6,
            every: int = 2) -> list[tuple[datetime, float]]:  # fmt: skip
    """Readings of a bin that fills as ``bin_hourly`` says and is emptied at ``empty_at`` of every second day."""
    rng, level, at, rows = Random(seed), 0.1, start, []
    while at < end:
        if at.hour == empty_at and at.minute == 0 and at.toordinal() % every == 0:
            level = 0.02
        rows.append((at, min(max(level + rng.uniform(-noise, noise), 0.0), 1.0)))
        level = min(level + bin_hourly(at) * (step / HOUR), 1.0)
        at += step
    return rows


def keep(device: Device, rows: list[tuple[datetime, float]]) -> None:
    Reading.objects.bulk_create(
        [Reading(device=device, metric="fill", at=at, value=value, received_at=at) for at, value in rows]
    )
    at, value = rows[-1]
    LatestValue.objects.update_or_create(
        device=device, metric="fill", defaults={"value": value, "at": at, "received_at": at}
    )


def walked(level: float, at: datetime, limit: float, rates) -> datetime | None:
    """The oracle: go on minute by minute."""
    now = at
    while now < at + HORIZON:
        if level >= limit - 1e-9:
            return now
        level += rates[now.weekday() * 24 + now.hour] / 60
        now += timedelta(minutes=1)
    return None


@settings(max_examples=25, deadline=None)
@given(
    rates=st.lists(st.floats(0, 0.05), min_size=24, max_size=24), level=st.floats(0, 0.9),
    minutes=st.integers(0, 7 * 24 * 60), limit=st.sampled_from([0.8, 0.95]),
)  # fmt: skip
def test_a_forecast_is_what_going_on_minute_by_minute_gives(rates, level, minutes, limit):
    at = MONDAY + timedelta(minutes=minutes)
    found, wanted = reaches(level, at, limit, rates * 7), walked(level, at, limit, rates * 7)
    if wanted is None or found is None:
        late = wanted or found
        assert late is None or late > at + HORIZON - timedelta(minutes=3)
    else:
        assert abs(found - wanted) <= timedelta(minutes=2)


def test_without_experience_only_what_is_full_is_known():
    assert reaches(0.81, MONDAY, 0.8, None) == MONDAY
    assert reaches(0.79, MONDAY, 0.8, None) is None
    assert reaches(0.1, MONDAY, 0.8, [0.0] * 168) is None


def test_a_level_that_is_the_limit_but_for_rounding_is_full():
    # 0.1 + 0.7 is a little less than 0.8; at an hour in which nothing fills
    assert reaches(0.1 + 0.7, MONDAY, 0.8, [0.0] * 168) == MONDAY


def test_what_is_little_known_leans_on_what_is_known_better():
    # given four Mondays watched at 8, on which 0.1 was filled each time, and nothing else
    gains, hours = [0.0] * 168, [0.0] * 168
    gains[8], hours[8] = 0.4, 4.0
    rates = rates_of(gains, hours)
    usual = (0.4 + 5 * 0.1) / (4 + 5)
    assert rates[8] == pytest.approx((0.4 + 6 * usual) / (4 + 6))
    assert rates[24 + 8] == pytest.approx(usual)  # Tuesday at 8: as on working days
    assert rates[5 * 24 + 8] == pytest.approx(0.1)  # Saturday: as in the whole week
    # and nothing watched is nothing known, a loss is no filling
    assert rates_of([0.0] * 168, [0.0] * 168).sum() == 0
    assert rates_of([-0.1] * 168, [1.0] * 168).max() == 0


def test_rises_count_falls_are_emptyings_slips_and_silence_are_left_out(fleet):
    # given a day by hand: hourly rises of 0.05, a slip of the sensor, an emptying, a silence of eight hours
    levels = [0.40, 0.45, 0.50, 0.95, 0.55, 0.60, 0.02, 0.07, 0.12]
    rows = [(MONDAY + HOUR * (8 + place), level) for place, level in enumerate(levels)]
    keep(fleet.bin, [*rows, (MONDAY + HOUR * 24, 0.6), (MONDAY + HOUR * 25, 0.65)])
    assert bins_learn(now=MONDAY + HOUR * 30) == 1
    # then of three neighbours the middle one counts: 0.40 0.45 0.50 0.55 0.60 0.55 | 0.07 0.07 0.12 || 0.60 0.65
    gains, hours = [0.0] * 168, [0.0] * 168
    for hour, gain in {8: 0.05, 9: 0.05, 10: 0.05, 11: 0.05, 12: -0.05, 14: 0, 15: 0.05, 24: 0.05}.items():
        gains[hour], hours[hour] = gain, 1
    rate = FillRate.objects.get()
    assert (rate.emptyings, rate.emptied_at, rate.hours) == (1, MONDAY + HOUR * 14, pytest.approx(8))
    assert rate.rates == pytest.approx(rates_of(gains, hours).tolist())


def test_a_brim_full_bin_teaches_nothing_and_old_readings_are_forgotten(fleet):
    rows = [(MONDAY + HOUR * place, 1.0) for place in range(20)]
    keep(fleet.bin, rows)
    bins_learn(now=MONDAY + HOUR * 30)
    assert FillRate.objects.get().hours == 0
    # and what is older than four weeks is not looked at
    assert bins_learn(now=MONDAY + timedelta(days=40)) == 0


def test_too_little_experience_is_said(fleet):
    keep(fleet.bin, history(MONDAY - timedelta(days=2), MONDAY, step=HOUR))
    bins_learn(now=MONDAY)
    (found,) = bins_of(Device.objects.all(), at=MONDAY)
    assert not found.known and found.hours < 48 and found.full_at is None and found.level is not None
    # and of what was not heard for two days nothing is known
    (found,) = bins_of(Device.objects.all(), at=MONDAY + timedelta(days=3))
    assert found.level is None and found.full_at is None and found.level_at is not None


@pytest.mark.parametrize("noise", [0.0, 0.03])
def test_forecasts_of_bins_that_fill_regularly_come_true(fleet, noise):
    # given five weeks of a bin that fills by day, twice as fast at the weekend; four to learn from
    rows = history(MONDAY - timedelta(days=28), MONDAY, step=timedelta(minutes=30), noise=noise)
    keep(fleet.bin, rows)
    bins_learn(now=MONDAY)
    rate = FillRate.objects.get()
    assert rate.emptyings == 14 and rate.per_day == pytest.approx((5 * 0.3 + 2 * 0.6) / 7, abs=0.02)
    # when it is asked at many moments of the week after, from a bin just emptied and from one half full
    errors = []
    for hour in range(0, 168, 5):
        for level in (0.02, 0.5):
            at = MONDAY + HOUR * hour
            truth = walked(level, at, 0.8, [bin_hourly(MONDAY + HOUR * place) for place in range(168)])
            found = reaches(level, at, 0.8, rate.rates)
            errors.append(abs(found - truth) / HOUR)
    # then the forecast is mostly right to within some hours, though bins stand still all night
    errors.sort()
    assert errors[len(errors) // 2] < 2 and errors[int(len(errors) * 0.9)] < 10


def test_bins_are_sorted_by_when_they_will_be_full_with_fixed_statements(fleet):
    # given a bin that is full, one that fills slowly, one of which nothing was learnt, and covers that are no bins
    def a_bin(code, level, per_hour):
        other = Device.objects.create(
            code=code, name="桶", profile=fleet.bin.profile, area=fleet.city.grid, unit=fleet.city.municipal,
            longitude=112.905, latitude=28.205,
        )  # fmt: skip
        LatestValue.objects.create(device=other, metric="fill", value=level, at=MONDAY, received_at=MONDAY)
        if per_hour is not None:
            FillRate.objects.create(
                device=other, rates=[per_hour] * 168, hours=500, per_day=24 * per_hour, emptyings=3, learnt_at=MONDAY
            )

    a_bin("A", 0.5, 0.01)
    a_bin("B", 0.85, 0.01)
    a_bin("C", 0.7, None)

    def asked():
        with CaptureQueriesContext(connection) as statements:
            return bins_of(Device.objects.all(), at=MONDAY), len(statements)

    found, before = asked()
    assert [row.device.code for row in found] == ["B", "A", "C", "TB-001"]
    assert found[1].full_at - MONDAY == timedelta(hours=30)
    # the profile of the tests says nothing of overflowing: then it is at 0.95
    assert found[1].overflow_at - MONDAY == timedelta(hours=45)
    for number in range(5):
        a_bin(f"D{number}", 0.1, 0.02)
    assert asked()[1] == before == 3
