"""EARS C2 and the comparison of counts against plain computations, and how often they alarm for nothing."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.surveillance import c2_false_alarm_rate, ears_c2, false_discovery, rate_change


@given(st.lists(st.integers(0, 20), min_size=1, max_size=25))
@settings(max_examples=60, deadline=None)
def test_c2_is_what_the_paper_says(counts):
    judged = ears_c2(counts)
    for day, count in enumerate(counts):
        before = counts[max(day - 9, 0) : day - 2] if day >= 9 else []
        if len(before) < 7:
            assert np.isnan(judged.statistic[day]) and not judged.alarm[day]
            continue
        spread = max(statistics.stdev(before), 0.5)
        assert judged.expected[day] == pytest.approx(statistics.mean(before))
        assert judged.statistic[day] == pytest.approx((count - statistics.mean(before)) / spread)
        assert judged.alarm[day] == (judged.statistic[day] > 3)


@pytest.mark.parametrize("mean", [0.05, 0.5, 1, 5, 40])
def test_false_alarms_of_c2_are_as_stated(mean):
    # given four thousand series of ten usual days
    drawn = np.random.default_rng(3).poisson(mean, (4000, 10))
    rate = ears_c2(drawn).alarm[:, -1].mean()
    stated = c2_false_alarm_rate(mean)
    assert rate == pytest.approx(stated, abs=4 * math.sqrt(stated * (1 - stated) / 4000) + 0.0005)
    # and no mean alarms on more than 4 days in 100
    assert stated <= 0.04


def test_a_jump_alarms_and_its_first_days_do_not_hide_it():
    days = [2, 3, 2, 1, 3, 2, 2, 3, 2, 2, 9, 9, 9]
    assert ears_c2(days).alarm.tolist() == [False] * 10 + [True] * 3
    # and many series at once are judged like each alone
    many = ears_c2(np.array([days, days[::-1]]))
    assert many.alarm.tolist() == [ears_c2(days).alarm.tolist(), ears_c2(days[::-1]).alarm.tolist()]


@pytest.mark.parametrize(
    ("given_", "named"),
    [({"counts": [-1]}, "counts"), ({"counts": [np.nan]}, "counts"), ({"baseline": 1}, "baseline"),
     ({"guard": -1}, "guard"), ({"threshold": 0}, "threshold"), ({"least_spread": 0}, "least_spread")],
)  # fmt: skip
def test_wrong_input_of_c2_is_named(given_, named):
    with pytest.raises(ValueError, match=named):
        ears_c2(**({"counts": [1] * 12} | given_))


@pytest.mark.parametrize("mean", [-1, math.inf, math.nan])
def test_a_mean_that_is_none_has_no_rate(mean):
    with pytest.raises(ValueError, match="mean"):
        c2_false_alarm_rate(mean)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 60), st.integers(1, 60))
@settings(max_examples=80, deadline=None)
def test_two_counts_are_compared_as_by_hand(now, before, days_now, days_before):
    ratio, p = rate_change([now], [before], days_now=days_now, days_before=days_before)
    if before:
        assert ratio[0] == pytest.approx(now / days_now / (before / days_before))
    else:
        assert np.isnan(ratio[0])
    both, share = now + before, days_now / (days_now + days_before)
    chance = [math.comb(both, k) * share**k * (1 - share) ** (both - k) for k in range(both + 1)]
    tails = sum(chance[: now + 1]), sum(chance[now:])
    assert p[0] == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-6)


def test_equal_rates_look_different_no_more_often_than_stated():
    random = np.random.default_rng(23)
    now, before = random.poisson(8, 4000), random.poisson(4, 4000)
    _ratio, p = rate_change(now, before, days_now=14, days_before=7)
    assert (p <= 0.05).mean() <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 4000)
    with pytest.raises(ValueError, match="now, before"):
        rate_change([1], [-1], days_now=7, days_before=7)
    with pytest.raises(ValueError, match="days_now"):
        rate_change([1], [1], days_now=0, days_before=7)


@given(st.lists(st.floats(0, 1), max_size=12))
@settings(max_examples=60, deadline=None)
def test_false_discovery_is_benjamini_and_hochbergs(p_values):
    rates = false_discovery(p_values)
    ranked = sorted(p_values)
    for p, rate in zip(p_values, rates, strict=True):
        # each is the least over all p at least as large of p × comparisons / rank
        wanted = min(q * len(ranked) / (ranked.index(q) + ranked.count(q)) for q in ranked if q >= p)
        assert rate == pytest.approx(min(1.0, wanted))
