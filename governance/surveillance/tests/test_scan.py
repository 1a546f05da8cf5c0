"""The space-time scan against a plain one, its false alarms in a usual world, and an outbreak put into it."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from governance.surveillance import Zones, circles, scan_permutation, scan_poisson
from governance.surveillance.scan import _permuted

GRID = np.array(list(product(range(4), range(3))), float)  # 12 places, one unit apart
ZONES = circles(GRID[:, 0], GRID[:, 1], [0, 1, 1.5])
small_counts = arrays.arrays(np.int64, (12, 6), elements=st.integers(0, 3))


def score(observed, expected, total) -> float:
    """The log likelihood ratio as the papers write it."""
    if observed <= expected:
        return 0.0
    rest = total - observed
    outside = rest * math.log(rest / (total - expected)) if rest else 0.0
    return observed * math.log(observed / expected) + outside


def plainly(counts, expected, longest, least=2):
    """Every circle round every place, every window: all (score, places, days, observed, expected)."""
    total, found = counts.sum(), []
    for centre, radius, days in product(range(len(GRID)), [0, 1, 1.5], range(1, longest + 1)):
        near = [place for place in range(len(GRID)) if math.dist(GRID[centre], GRID[place]) <= radius + 1e-12]
        observed, usual = counts[near, -days:].sum(), expected[near, -days:].sum()
        if observed >= least:
            found.append((score(observed, usual, total), tuple(near), days, observed, usual))
    return found


def independent(counts):
    return np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(counts.sum(), 1)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=9), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_circles_hold_the_places_that_are_near(points, most):
    x, y = zip(*points, strict=True)
    radii = [0, 1, 2.5]
    wanted = {
        frozenset(place for place in range(len(points)) if math.dist(points[centre], points[place]) <= radius)
        for centre in range(len(points))
        for radius in radii
    }
    wanted = {near for near in wanted if len(near) <= most}
    if not wanted:
        with pytest.raises(ValueError, match="most"):
            circles(x, y, radii, most=most)
        return
    zones = circles(x, y, radii, most=most)
    assert sorted(map(sorted, wanted)) == sorted(zones.of(zone).tolist() for zone in range(len(zones)))
    for zone in range(len(zones)):
        assert all(
            math.dist(points[zones.centres[zone]], points[place]) <= zones.radii[zone] for place in zones.of(zone)
        )


@given(small_counts, st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_the_highest_score_is_that_of_a_plain_search(counts, longest):
    found = plainly(counts, independent(counts), longest)
    best = max((row[0] for row in found), default=0.0)
    scan = scan_permutation(counts, ZONES, longest=longest, seed=1, replicates=1)
    if best <= 1e-9:
        assert scan.clusters == ()
        return
    first = scan.clusters[0]
    assert first.score == pytest.approx(best, abs=1e-4)
    same = [row for row in found if row[1] == first.places and row[2] == first.days]
    assert (first.observed, first.total) == (same[0][3], counts.sum())
    assert first.expected == pytest.approx(same[0][4], rel=1e-5)
    # and clusters share no place, each the best of what is left
    taken = set()
    for cluster in scan.clusters:
        assert not taken & set(cluster.places)
        left = max(row[0] for row in found if not taken & set(row[1]))
        assert cluster.score == pytest.approx(left, abs=1e-4)
        taken |= set(cluster.places)


@given(small_counts, arrays.arrays(float, (12, 6), elements=st.floats(0.5, 4)))
@settings(max_examples=40, deadline=None)
def test_the_same_holds_against_an_expectation(counts, expected):
    if not counts.sum():
        assert scan_poisson(counts, expected, ZONES, longest=3, seed=1).clusters == ()
        return
    scaled = expected / expected.sum() * counts.sum()
    best = max((row[0] for row in plainly(counts, scaled, 3)), default=0.0)
    scan = scan_poisson(counts, expected, ZONES, longest=3, seed=1, replicates=1)
    assert (scan.clusters[0].score if scan.clusters else 0.0) == pytest.approx(best, abs=1e-4)


@given(small_counts)
@settings(max_examples=40, deadline=None)
def test_replicates_keep_both_margins(counts):
    of_place, of_day = counts.sum(axis=1), counts.sum(axis=0)[-3:]
    dealt = _permuted(np.random.default_rng(3), of_place, of_day, 20)
    assert dealt.shape == (12, 3, 20)
    assert (dealt.sum(axis=0) == of_day[:, None]).all()
    assert (dealt.sum(axis=1) <= of_place[:, None]).all()


def test_the_p_value_is_the_rank_that_plain_permutations_give():
    # given some counts, and what their dates would look like dealt out anew, one case at a time
    random = np.random.default_rng(5)
    counts = random.poisson(0.5, (12, 10))
    counts[5, -2:] += 1
    scan = scan_permutation(counts, ZONES, longest=3, seed=2, replicates=1999)
    places, days = (np.repeat(axis, counts.ravel()) for axis in np.indices(counts.shape).reshape(2, -1))
    at_least, rounds = 0, 150
    for _round in range(rounds):
        anew = np.zeros_like(counts)
        np.add.at(anew, (places, random.permutation(days)), 1)
        at_least += max(row[0] for row in plainly(anew, independent(anew), 3)) >= scan.clusters[0].score - 1e-6
    # then both come to the same share
    p = at_least / rounds
    spread = math.sqrt(p * (1 - p) / rounds) + scan.clusters[0].p_value / math.sqrt(10)
    assert scan.clusters[0].p_value == pytest.approx(p, abs=3 * spread)
    assert 0.01 < p < 0.9


@pytest.mark.parametrize("model", ["permutation", "poisson"])
def test_false_alarms_are_no_more_than_stated(model):
    # given usual days: places and weekdays differ, nothing happens
    random, scans = np.random.default_rng(7), 300
    usual = np.outer(random.uniform(0.1, 2, 12), random.uniform(0.5, 1.5, 20))
    p_values = []
    for number in range(scans):
        counts = random.poisson(usual)
        if model == "permutation":
            scan = scan_permutation(counts, ZONES, longest=4, seed=number, replicates=99)
        else:
            scan = scan_poisson(counts, usual, ZONES, longest=4, seed=number, replicates=99)
        p_values.append(scan.clusters[0].p_value if scan.clusters else 1.0)
    # then the share of scans that alarm is alpha at most, but for chance (three standard errors), and not idly small
    for alpha in (0.05, 0.1, 0.3):
        alarms, spread = np.mean(np.array(p_values) <= alpha), 3 * math.sqrt(alpha * (1 - alpha) / scans)
        assert alpha - spread - 0.02 <= alarms <= alpha + spread


def test_an_outbreak_is_found_where_and_since_when_it_is():
    # given thirty usual days on which four neighbours have three more cases a day since three days
    random = np.random.default_rng(11)
    usual = np.full((12, 30), 0.5)
    counts = random.poisson(usual)
    struck = ZONES.of(int(np.argmax(np.diff(ZONES.members.indptr) == 4)))
    counts[struck, -3:] += 3
    for scan in (
        scan_permutation(counts, ZONES, longest=7, seed=1),
        scan_poisson(counts, usual, ZONES, longest=7, seed=1),
    ):
        first = scan.clusters[0]
        assert set(first.places) == set(struck.tolist()) and first.days == 3
        assert first.p_value == 0.001 and first.recurrence == pytest.approx(1000)
        assert first.observed > 1.7 * first.expected and first.relative_risk > 1.9
        assert all(other.p_value > 0.05 for other in scan.clusters[1:])


def test_what_is_always_many_is_no_signal():
    # given a place with twenty times as many cases as others, every day, and a day on which all have more
    random = np.random.default_rng(13)
    usual = np.full((12, 30), 0.5)
    usual[4] *= 20
    usual[:, -1] *= 3
    scan = scan_permutation(random.poisson(usual), ZONES, longest=5, seed=1)
    assert scan.clusters[0].p_value > 0.05


def test_a_scan_is_the_same_again_and_stops_early_where_nothing_is():
    counts = np.random.default_rng(17).poisson(0.5, (12, 30))
    first, again = (scan_permutation(counts, ZONES, longest=5, seed=9, replicates=9999) for _ in "ab")
    assert first == again
    assert first.drawn < 1000
    assert scan_permutation(np.zeros((12, 30), int), ZONES, longest=5, seed=1).clusters == ()


def test_large_zones_are_summed_by_their_entries_to_the_same_end(monkeypatch):
    counts = np.random.default_rng(19).poisson(0.5, (12, 30))
    whole = scan_permutation(counts, ZONES, longest=5, seed=9)
    monkeypatch.setattr(Zones, "summing", lambda zones: zones.members)
    assert scan_permutation(counts, ZONES, longest=5, seed=9) == whole


@pytest.mark.parametrize(
    ("given_", "named"),
    [
        ({"counts": np.zeros((3, 6), int)}, "counts"), ({"counts": np.full((12, 6), -1)}, "counts"),
        ({"counts": np.full((12, 6), 0.5)}, "counts"), ({"counts": np.zeros(12)}, "counts"),
        ({"longest": 6}, "longest"), ({"longest": 0}, "longest"), ({"replicates": 0}, "replicates"),
    ],
)  # fmt: skip
def test_wrong_input_is_named(given_, named):
    usual = {"counts": np.ones((12, 6), int), "zones": ZONES, "longest": 3, "seed": 1}
    with pytest.raises(ValueError, match=named):
        scan_permutation(**(usual | given_))
    assert scan_permutation(**usual).total == 72


@pytest.mark.parametrize("expected", [np.ones((12, 5)), np.zeros((12, 6)), np.full((12, 6), np.nan), -np.ones((12, 6))])
def test_wrong_expectations_are_named(expected):
    with pytest.raises(ValueError, match="expected"):
        scan_poisson(np.ones((12, 6), int), expected, ZONES, longest=3, seed=1)


def test_cases_where_none_can_be_are_refused():
    expected = np.ones((12, 6))
    expected[3, 2] = 0
    with pytest.raises(ValueError, match="expected"):
        scan_poisson(np.ones((12, 6), int), expected, ZONES, longest=3, seed=1)


@pytest.mark.parametrize(
    ("given_", "named"),
    [(([], [], [1]), "x"), (([0], [np.inf], [1]), "x, y"), (([0], [0], []), "radii"), (([0], [0], [-1]), "radii")],
)
def test_wrong_circles_are_named(given_, named):
    with pytest.raises(ValueError, match=named):
        circles(*given_)
