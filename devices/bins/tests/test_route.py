"""The way past the bins: against trying every order, and what must hold for any number of them."""

from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.bins.route import distances, improved, length_of, trips_of, way_through

STREETS = st.tuples(st.floats(112.8, 113.0), st.floats(28.1, 28.3))


def matrix(rng: Random, count: int) -> np.ndarray:
    return distances([(rng.uniform(112.8, 113.0), rng.uniform(28.1, 28.3)) for _number in range(count + 1)])


def shortest(metres: np.ndarray) -> float:
    """The shortest way there is, by trying every order."""
    places = range(1, len(metres))
    return min(length_of(order, metres) for order in permutations(places))


def cheapest_trips(order: list[int], metres: np.ndarray, capacity: int) -> float:
    """The shortest way of cutting an order into trips, by trying every cut."""
    if not order:
        return 0.0
    return min(
        length_of(order[:first], metres) + cheapest_trips(order[first:], metres, capacity)
        for first in range(1, min(capacity, len(order)) + 1)
    )


def test_metres_are_those_of_the_earth():
    # one degree of a meridian is 111.195 km on a sphere of the mean radius
    metres = distances([(112.9, 28.0), (112.9, 29.0), (113.9, 28.0)])
    assert metres[0, 1] == pytest.approx(111_195, rel=1e-4)
    assert metres[0, 2] == pytest.approx(111_195 * np.cos(np.radians(28)), rel=1e-3)
    assert (metres == metres.T).all() and not np.diag(metres).any()


def test_few_places_are_passed_on_the_shortest_way():
    # given many small rounds, whose shortest way can be found by trying all
    rng, excess = Random(5), []
    for number in range(40):
        metres = matrix(rng, 2 + number % 6)
        found = way_through(metres)
        assert sorted(found) == list(range(1, len(metres)))
        excess.append(length_of(found, metres) / shortest(metres) - 1)
    # then none is better than that, and hardly any is longer
    assert min(excess) > -1e-9 and max(excess) < 0.03 and sum(gap > 1e-9 for gap in excess) <= 1


@settings(max_examples=40, deadline=None)
@given(st.lists(STREETS, min_size=1, max_size=30), st.integers(1, 9))
def test_every_place_is_passed_once_and_no_trip_takes_too_many(points, capacity):
    metres = distances(points)
    order = way_through(metres)
    trips = trips_of(order, metres, capacity)
    assert sorted(place for trip in trips for place in trip) == list(range(1, len(points)))
    assert all(1 <= len(trip) <= capacity for trip in trips)
    # and nothing that was found is longer than before it was improved
    assert length_of(improved(order, metres), metres) <= length_of(order, metres) + 1e-6
    if len(points) < 9:
        cut = sum(length_of(trip, metres) for trip in trips)
        assert cut <= cheapest_trips(order, metres, capacity) + 1e-6


def test_a_day_of_many_bins_is_not_far_from_the_best_known():
    # given 100 places on a circle in no order: the shortest way is the circle itself
    angles = np.linspace(0, 2 * np.pi, 101)[:-1]
    points = [(112.9 + 0.05 * np.cos(angle), 28.2 + 0.05 * np.sin(angle)) for angle in angles]
    metres = distances([points[0], *Random(3).sample(points[1:], 99)])
    ring = distances(points)
    best = length_of(list(range(1, 100)), ring)
    assert length_of(way_through(metres), metres) < 1.1 * best


def test_a_vehicle_takes_at_least_one():
    with pytest.raises(ValueError, match="at least one"):
        trips_of([1], distances([(1.0, 1.0), (1.0, 2.0)]), 0)
    assert trips_of([], distances([(1.0, 1.0)]), 3) == []
