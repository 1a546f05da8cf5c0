"""Farrington-flexible and the modified C2 against plain computations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from governance.surveillance.farrington import (
    LEFT_OUT,
    NEEDED,
    farrington,
    outliers_down_weighted,
    quasi_poisson,
    seasons,
)
from governance.surveillance.short_history import NEEDED as DAYS
from governance.surveillance.short_history import c2_by_visits, c2_chance, c2_modified


@given(st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_the_fit_is_that_of_the_highest_likelihood(seed):
    random = np.random.default_rng(seed)
    design = np.column_stack([np.ones(60), np.linspace(-1, 0, 60), np.arange(60) % 3 == 1])
    counts = random.poisson(np.exp(design @ [1.2, 0.4, 0.8])).astype(float)
    weights = random.uniform(0.2, 1.5, 60)

    def unlikely(coefficients):
        line = design @ coefficients
        return -(weights * (counts * line - np.exp(line))).sum()

    best = optimize.minimize(unlikely, np.zeros(3), method="BFGS")
    fit = quasi_poisson(design, counts, weights)
    assert fit.coefficients == pytest.approx(best.x, abs=2e-4)
    # and the leverages sum to the number of coefficients, as in any regression
    assert fit.leverage.sum() == pytest.approx(3)
    pearson = (weights * (counts - fit.mean) ** 2 / fit.mean).sum() / 57
    assert fit.dispersion == pytest.approx(max(1, pearson))


def test_weeks_of_a_past_outbreak_weigh_less():
    random = np.random.default_rng(3)
    design = np.ones((120, 1))
    counts = random.poisson(5, 120).astype(float)
    with_outbreak = counts.copy()
    with_outbreak[40:44] = 60
    usual = np.exp(quasi_poisson(design, counts, np.ones(120)).coefficients[0])
    spoilt = np.exp(quasi_poisson(design, with_outbreak, np.ones(120)).coefficients[0])
    mended = np.exp(outliers_down_weighted(design, with_outbreak).coefficients[0])
    assert abs(mended - usual) < 0.25 * abs(spoilt - usual)


def test_seasons_are_ten_and_the_judged_weeks_own_is_the_first():
    back = np.arange(1, 300)
    levels = seasons(back)
    assert set(levels) == set(range(10))
    assert [week for week in back if levels[week - 1] == 0][:10] == [1, 2, 3, 49, 50, 51, 52, 53, 54, 55]
    sizes = np.bincount(levels[3:55])
    assert sizes[1:].max() <= 6 and sizes[1:].min() >= 4


def history(random, weeks=170, base=4.0):
    week = np.arange(weeks)
    return random.poisson(base * np.exp(0.4 * np.sin(2 * np.pi * week / 52.1775))).astype(float)


def test_false_alarms_are_about_as_stated_and_an_outbreak_is_found():
    random = np.random.default_rng(5)
    weeks = [farrington(history(random, base=8.0)) for _series in range(500)]
    p = np.array([week.p_value for week in weeks if week])
    # p-values of counts are on the safe side; an estimated expectation takes some of it back
    assert len(p) == 500 and 0.02 <= (p <= 0.05).mean() <= 0.10
    counts = history(random)
    counts[-1] = 22
    week = farrington(counts)
    assert week.observed == 22 and week.expected < 9 and week.p_value < 0.001
    # and an outbreak of the last half year does not hide the next week of it
    counts[-LEFT_OUT:-1] += 15
    assert farrington(counts).p_value < 0.01


def test_the_tail_is_that_of_the_distribution():
    counts = np.concatenate([np.tile([3.0, 5.0], 80), [9.0]])
    week = farrington(counts)
    assert week.dispersion == 1.0
    assert week.p_value == pytest.approx(stats.poisson.sf(8, week.expected))
    wild = np.concatenate([np.tile([0.0, 9.0, 1.0, 14.0, 2.0], 32), [30.0]])
    week = farrington(wild)
    variance = week.expected * week.dispersion
    assert week.dispersion > 2
    assert week.p_value == pytest.approx(
        stats.nbinom.sf(29, week.expected**2 / (variance - week.expected), week.expected / variance)
    )


def test_what_cannot_be_judged_is_not():
    assert farrington(np.ones(NEEDED)) is None  # the judged week is one of them
    assert farrington(np.concatenate([np.full(200, 3.0), [0, 0, 1, 3]])) is None
    assert farrington(np.concatenate([np.zeros(200), [1, 1, 1, 6]])).p_value < 0.01
    for wrong in ([[1.0]], [-1.0], [np.nan]):
        with pytest.raises(ValueError, match="counts"):
            farrington(np.array(wrong))


@given(st.lists(st.integers(0, 6), min_size=31, max_size=40))
@settings(max_examples=40, deadline=None)
def test_c2_of_short_history_is_what_the_paper_says(counts):
    judged = c2_modified(np.array(counts))
    before = counts[-31:-3]
    spread = max(np.std(before, ddof=1), 1.0)
    assert judged.statistic[-1] == pytest.approx((counts[-1] - np.mean(before)) / spread)


@pytest.mark.parametrize("mean", [0.1, 1, 8])
def test_the_chance_of_a_statistic_is_as_stated(mean):
    drawn = np.random.default_rng(3).poisson(mean, (4000, 31))
    statistics = c2_modified(drawn).statistic[:, -1]
    chances = np.array([c2_chance(value, mean) for value in statistics])
    assert 0.5 * 0.02 <= (chances <= 0.02).mean() <= 1.6 * 0.02 or mean < 1
    assert (chances <= 0.02).mean() <= 0.035
    # beyond what 100,000 draws tell, too: no less by a step of a whole event, and never none by chance of the draw
    far = [c2_chance(value, mean) for value in (4, 8, 12, 16)]
    assert far == sorted(far, reverse=True) and 0 < far[-1] < 1e-6 and far[0] < 0.02
    many = c2_modified(np.random.default_rng(4).poisson(mean, (200_000, 31))).statistic[:, -1]
    cut = np.quantile(many, 0.999)
    assert c2_chance(cut, mean) == pytest.approx((many >= cut).mean(), rel=0.35)
    with pytest.raises(ValueError, match="mean"):
        c2_chance(1, -1)


@given(st.integers(0, 2**32), st.integers(1, 5))
@settings(max_examples=10, deadline=None)
def test_with_the_same_visits_every_time_they_change_nothing(seed, visits):
    random = np.random.default_rng(seed)
    counts = history(random)
    plain, by_visits = farrington(counts), farrington(counts, np.full(len(counts), float(visits)))
    assert by_visits.expected == pytest.approx(plain.expected, rel=1e-4)
    assert by_visits.p_value == pytest.approx(plain.p_value, rel=1e-3)
    days = random.poisson(2, DAYS)
    judged = c2_modified(days)
    found = c2_by_visits(days, np.full(DAYS, visits))
    assert found.expected == pytest.approx(judged.expected[-1])
    assert found.statistic == pytest.approx(judged.statistic[-1])
    assert found.chance == pytest.approx(c2_chance(found.statistic, found.expected), abs=0.05)


@given(st.integers(0, 2**32), st.sampled_from([(3, 2), (0.3, 20), (0.02, 150)]), st.integers(28, NEEDED),
       st.sets(st.integers(NEEDED + 13, 159), max_size=2))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_a_township_walked_only_lately_is_not_judged_against_years_it_was_not_walked(seed, found, since, stray):
    # given 160 weeks, of which a township is walked in the last 28 to 130, and in stray weeks before
    rate, often = found
    visits = np.zeros(160)
    visits[-since:] = often
    for back in stray:
        visits[-back] = 1
    counts = np.random.default_rng(seed).poisson(rate * visits).astype(float)
    # then it is not judged
    assert farrington(counts, visits) is None


@pytest.mark.parametrize(("rate", "often"), [(3, 2), (0.3, 20), (0.02, 150)])
def test_by_visits_false_alarms_are_seldom_however_long_a_township_is_walked(rate, often):
    random, alarms, judged = np.random.default_rng(8), 0, 0
    for since in (46, 60, 100, 135, 160) * 40:
        visits = np.zeros(160)
        visits[-since:] = often
        week = farrington(random.poisson(rate * visits).astype(float), visits)
        judged += week is not None
        alarms += week is not None and week.p_value <= 8.75e-4
    assert judged >= 75 and alarms <= 2


def test_a_trend_is_followed_only_where_three_years_show_it():
    random, weeks = np.random.default_rng(4), np.arange(261)
    growing = random.poisson(6 * np.exp(0.35 * (weeks - 260) / 52)).astype(float)
    growing[-1] = 6
    steady = random.poisson(6, 261).astype(float)
    # five years of growth lead to the judged week, a year less than three does not
    assert farrington(growing).expected > 1.2 * growing[:-LEFT_OUT].mean()
    assert farrington(growing[-150:]).expected == pytest.approx(growing[-150:-LEFT_OUT].mean(), rel=0.35)
    # and chance alone carries nothing ahead
    assert farrington(steady).expected == pytest.approx(6, rel=0.25)


def test_more_visits_find_more_and_that_is_no_outbreak():
    random = np.random.default_rng(9)
    # given five times as many visits in the judged week (on the judged day), and weeks without any
    visits = np.full(170, 4.0)
    visits[60:70] = 0
    visits[-1] = 20
    counts = random.poisson(visits).astype(float)
    week = farrington(counts, visits)
    assert 12 < week.expected < 30 and week.p_value > 0.01 > farrington(counts).p_value
    days = np.full(DAYS, 1)
    days[-1] = 8
    counts = np.ones(DAYS)
    counts[-1] = 8
    found = c2_by_visits(counts, days)
    assert (found.expected, found.statistic) == (8, 0) and found.chance > 0.2
    # then as many finds of one visit are one
    assert c2_by_visits(counts, np.ones(DAYS)).chance < 0.001
    # and without a visit before nothing can be said
    assert c2_by_visits(counts, np.r_[np.zeros(DAYS - 1), 1]) is None
    assert farrington(counts=np.r_[np.ones(169), 0], visits=np.r_[np.ones(169), 0]) is None
    for wrong in (np.ones(3), np.zeros(170)):
        with pytest.raises(ValueError, match="visits"):
            farrington(np.ones(170), wrong)
    with pytest.raises(ValueError, match="visits"):
        c2_by_visits(np.ones(DAYS), np.ones(3))
