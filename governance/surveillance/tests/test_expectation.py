"""The expectation-based scan, what it expects, and its thresholds, against slow plain versions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from governance.surveillance import null as null_module
from governance.surveillance.expectation import excesses, highest, nearest, night_of
from governance.surveillance.null import Null, _dealt, _worlds, simulated
from governance.surveillance.repeats import counted_once
from governance.surveillance.usual import NEEDED, RECENT, YEAR, Usual, usual_of

PLACES, DAYS = 9, 5
POINTS = np.random.default_rng(4).random((PLACES, 2))
NEAR = nearest(*POINTS.T, most=4)
few = arrays.arrays(np.int64, (PLACES, DAYS), elements=st.integers(0, 4))
likely = arrays.arrays(float, (PLACES, DAYS), elements=st.floats(0.01, 3))


def f(observed, expected, least=3) -> float:
    """The score as the facts page writes it."""
    if observed < least or observed <= expected:
        return 0.0
    return observed * math.log(observed / expected) + expected - observed


def plainly(counts, expected) -> dict[tuple, float]:
    """Every place, its 1 to 4 nearest, every window: {(places, days): score}."""
    found = {}
    for centre in range(PLACES):
        ranked = sorted(range(PLACES), key=lambda place: math.dist(POINTS[centre], POINTS[place]))
        for size in range(1, 5):
            zone = frozenset(ranked[:size])
            for days in range(1, DAYS + 1):
                observed = sum(int(counts[place, day]) for place in zone for day in range(DAYS - days, DAYS))
                usual = sum(float(expected[place, day]) for place in zone for day in range(DAYS - days, DAYS))
                found[zone, days] = f(observed, usual)
    return found


@given(few, likely)
@settings(max_examples=80, deadline=None)
def test_the_highest_score_is_that_of_a_plain_search(counts, expected):
    wanted = plainly(counts, expected)
    found = excesses(counts, expected, NEAR, most=3)
    assert bool(found) == (max(wanted.values()) > 0)
    most = max(wanted.values())
    assert highest(counts[:, None], expected[:, None], NEAR)[0] == pytest.approx(most, abs=1e-4)
    for floor in (1.0, 3.0):
        above = highest(np.stack([counts, counts * 0], axis=1), np.stack([expected] * 2, axis=1), NEAR, floor=floor)
        assert above.tolist() == pytest.approx([most if most > floor else 0, 0], abs=1e-4) or abs(most - floor) < 1e-4
    taken: set[int] = set()
    for excess in found:
        # each is the best of those that share no place with one before
        left = {key: score for key, score in wanted.items() if not taken & key[0]}
        assert excess.score == pytest.approx(max(left.values()), abs=1e-4)
        assert wanted[frozenset(excess.places), excess.days] == pytest.approx(excess.score, abs=1e-4)
        rows = list(excess.places)
        assert excess.observed == counts[rows, -excess.days :].sum()
        assert excess.expected == pytest.approx(expected[rows, -excess.days :].sum())
        taken |= set(excess.places)
    if len(found) < 3:
        assert not any(score > 1e-4 for key, score in wanted.items() if not taken & key[0])


@given(st.integers(0, 2**32), st.integers(0, 6), st.booleans())
@settings(max_examples=25, deadline=None)
def test_what_is_usual_is_rate_times_weekday_times_level(seed, first, visited):
    random = np.random.default_rng(seed)
    counts = random.poisson(random.uniform(0, 0.4, (4, 1)), (4, YEAR))
    visits = random.integers(0, 4, (4, YEAR)).astype(float) if visited else np.ones((4, YEAR))
    visits[0, 0] = 1
    usual = usual_of(counts, visits if visited else None, first_weekday=first)
    # worked out in sums and loops
    overall = (counts.sum() + 0.5) / visits.sum()
    means = [visits[place].sum() * overall for place in range(4)]
    beyond = sum((counts[place].sum() - means[place]) ** 2 - means[place] for place in range(4))
    years = sum(mean**2 for mean in means) / beyond / np.mean(means) if beyond > 0 else 5
    steady = visits.sum(axis=1).mean() * min(max(years, 28 / 364), 5)
    rates = [(counts[place].sum() + steady * overall) / (visits[place].sum() + steady) for place in range(4)]
    weekdays = []
    for weekday in range(7):
        days = [day for day in range(YEAR) if (first + day) % 7 == weekday]
        weekdays.append((counts[:, days].sum() + 10) / (overall * visits[:, days].sum() + 10))
    late = sum(rates[place] * visits[place, -RECENT:].sum() for place in range(4))
    level = (counts[:, -RECENT:].sum() + 10) / (late + 10)
    assert usual.rates == pytest.approx(rates) and usual.weekdays == pytest.approx(weekdays)
    assert usual.weight == pytest.approx([visits[place].sum() + steady for place in range(4)])
    assert float(usual.level) == pytest.approx(level)
    expected = usual.expected(np.array([2, 6]), np.full((4, 2), 2.0))
    assert expected[3, 1] == pytest.approx(rates[3] * weekdays[6] * level * 2)


def test_a_night_looks_at_a_year_that_ends_before_the_window():
    # given events on the last three weeks only, and one every Monday of the year before
    counts = np.zeros((2, NEEDED + 30), int)
    counts[:, -21:] = 50
    weekdays = (np.arange(counts.shape[1]) - counts.shape[1] + 1 + 3) % 7  # the last day is a Thursday
    counts[0, (weekdays == 0) & (np.arange(counts.shape[1]) < counts.shape[1] - 21)] = 1
    night = night_of(counts, 3)
    # then what is expected knows nothing of them, and knows Mondays
    assert night.expected.sum() < 3
    days = weekdays[-14:]
    assert night.expected[0, days == 0].min() > 4 * night.expected[0, days != 0].max()
    with pytest.raises(ValueError, match="days"):
        night_of(counts[:, -NEEDED + 1 :], 3)


def test_an_outbreak_is_found_where_and_since_when():
    random = np.random.default_rng(11)
    counts = random.poisson(0.1, (PLACES, NEEDED))
    near = NEAR.order[4][:3]
    counts[near, -4:] += 2
    night = night_of(counts, 2)
    (first, *_others) = excesses(night.counts, night.expected, NEAR)
    assert set(first.places) == set(near) and first.days == 4
    null = simulated(night.usual, NEAR, seed=1, drawn=2000)
    assert null.recurrence(first.score) == 2001


def test_alarms_without_cause_are_as_often_as_stated():
    # given six years of usual days in thirty villages, each with its own rate, and busier Mondays
    random = np.random.default_rng(7)
    points = random.random((30, 2))
    near = nearest(*points.T, most=10)
    rate = random.lognormal(0, 0.5, 30) * 0.1
    days = NEEDED + 1500
    counts = random.poisson(rate[:, None] * np.where(np.arange(days) % 7 == 0, 1.6, 0.9)[None])
    nights = [night_of(counts[:, : end + 1], end % 7) for end in range(NEEDED, days)]
    null = simulated(nights[0].usual, near, seed=3, drawn=6000)
    stacked = [np.stack([getattr(night, name) for night in nights], axis=1) for name in ("counts", "expected")]
    found = highest(*stacked, near)
    # then about one in fifty is above the threshold of fifty days: 30 wanted; neighbouring nights go together
    assert 12 <= (found > null.threshold(50)).sum() <= 56
    assert null.threshold(100) > null.threshold(50)
    assert null.recurrence(null.threshold(100)) == pytest.approx(100, rel=0.05)


def test_what_is_kept_of_a_draw_are_its_highest_scores(monkeypatch):
    # given a draw of which all is kept, and the same of which a few are
    usual = usual_of(np.random.default_rng(2).poisson(0.2, (PLACES, YEAR)), first_weekday=0)
    monkeypatch.setattr(null_module, "KEPT_SHARE", 1.0)
    whole = simulated(usual, NEAR, seed=9, drawn=4000)
    monkeypatch.setattr(null_module, "KEPT_SHARE", 0.01)
    few = simulated(usual, NEAR, seed=9, drawn=4000)
    # then scores that are too low to be kept were passed over, none of the others
    assert len(few.top) == 40 and (few.top == whole.top[:40]).all() and few.top[-1] > null_module.FLOOR


def test_visits_make_finds_usual():
    # given one village that is walked through ten times as often as others, and finds ten times as much
    random = np.random.default_rng(13)
    visits = np.ones((PLACES, NEEDED))
    visits[4, -5:] = 10
    counts = random.poisson(0.3 * visits)
    night = night_of(counts, 2, visits)
    null = simulated(night.usual, NEAR, seed=1, drawn=1000, exposure=visits[:, :YEAR].mean(axis=1))
    found = excesses(night.counts, night.expected, NEAR)
    assert not found or null.recurrence(found[0].score) < 100
    blind = night_of(counts, 2)
    assert 4 in excesses(blind.counts, blind.expected, NEAR)[0].places


def test_a_busy_county_is_simulated_like_a_quiet_one():
    # given rates at which events are dealt out one by one, and rates at which each cell is drawn
    for rate in (0.05, 3.0):
        usual = usual_of(np.random.default_rng(1).poisson(rate, (PLACES, YEAR)), first_weekday=0)
        null = simulated(usual, NEAR, seed=5, drawn=1500)
        assert 3 < null.threshold(50) < 12
        assert null.drawn == 1500 and (np.diff(null.top) <= 0).all()
    with pytest.raises(ValueError, match="recurrence"):
        Null(100, np.array([3.0, 2.0])).threshold(10)
    assert Null(99, np.array([6.0, 5.0])).recurrence(7) == 100
    assert Null(99, np.array([6.0, 5.0])).recurrence(6) == 50
    # rarer than every night that was drawn: that often at the most
    assert Null(99, np.array([6.0, 5.0])).exceeded(7) and not Null(99, np.array([6.0, 5.0])).exceeded(6)
    assert not Null(99, np.array([2.0, 1.0])).exceeded(2.9)
    # three where half a one is expected are nothing
    assert Null(99, np.array([2.0, 1.0])).recurrence(2.9) == 1


def test_worlds_have_rates_as_likely_as_any_after_what_was_counted():
    # given rates that rest on a week, or on so many days that they are known
    for days, beyond in ((7.0, 14.0 / 7), (1e9, 0.0)):
        for rate in (0.3, 2.0):  # dealt out one by one, and cell by cell
            usual = Usual(np.full(PLACES, rate), np.ones(7), np.array(1.0), np.full(PLACES, days))
            counts, _expected = _worlds(np.random.default_rng(3), usual, np.ones(PLACES), 4000, 14, 0)
            sums = counts.sum(axis=2)
            # then a place's fortnight varies as a negative binomial does, or as Poisson
            assert sums.mean(axis=1) == pytest.approx(np.full(PLACES, 14 * rate), rel=0.06)
            assert (sums.var(axis=1) / sums.mean(axis=1)).mean() == pytest.approx(1 + beyond, rel=0.08)


def test_events_are_dealt_out_by_the_rates_of_their_own_world():
    # given two worlds in which only one place has events
    daily = np.zeros((3, 2))
    daily[0, 0], daily[2, 1] = 0.9, 0.5
    counts = _dealt(np.random.default_rng(1), daily, np.ones((2, 400)))
    assert counts.shape == (3, 2, 400)
    assert (counts.sum(axis=2) > 0).tolist() == [[True, False], [False, False], [False, True]]
    assert counts[0, 0].sum() == pytest.approx(360, abs=60)


@pytest.mark.parametrize(
    ("counts", "expected", "named"),
    [(np.ones((3, 2)), np.ones((3, 2)), "counts"), (-np.ones((PLACES, 2)), np.ones((PLACES, 2)), "none below 0"),
     (np.ones((PLACES, 2)), np.zeros((PLACES, 2)), "events where none"),
     (np.ones((PLACES, 2)), np.full((PLACES, 2), np.nan), "finite")],
)  # fmt: skip
def test_wrong_input_is_named(counts, expected, named):
    with pytest.raises(ValueError, match=named):
        excesses(counts, expected, NEAR)


def test_wrong_years_and_places_are_named():
    with pytest.raises(ValueError, match="places by"):
        usual_of(np.ones((2, 5)), first_weekday=0)
    with pytest.raises(ValueError, match="exposure"):
        usual_of(np.ones((2, YEAR)), np.zeros((2, YEAR)), first_weekday=0)
    with pytest.raises(ValueError, match="coordinates"):
        nearest([0, np.inf], [0, 0])
    with pytest.raises(ValueError, match="coordinates"):
        nearest([], [])


def test_villages_at_one_spot_are_each_their_own_nearest():
    near = nearest([0.0] * 6 + [1.0], [0.0] * 6 + [0.0], most=3)
    assert near.order[:, 0].tolist() == list(range(7))
    assert all(len(set(row)) == 3 for row in near.order.tolist())


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 90)), max_size=25))
@settings(max_examples=80, deadline=None)
def test_one_caller_is_one_event_for_thirty_days(rows):
    counts = counted_once(rows)
    for key in ("a", "b"):
        kept = sorted(day for (one, day), counted in zip(rows, counts, strict=True) if one == key and counted)
        assert all(later - earlier >= 30 for earlier, later in zip(kept, kept[1:], strict=False))
        for one, day in rows:
            assert one != key or any(day - 30 < other <= day for other in kept)
    assert all(counted for (key, _day), counted in zip(rows, counts, strict=True) if key is None)
    assert sum(counted_once([("x", 3)] * 50)) == 1
