"""A short way past many places and back: nearest neighbour, then 2-opt and Or-opt until nothing gets shorter.

Written here because the libraries looked at bring more than they save (python-tsp needs tsplib95 and requests, OR-Tools
is 30 MB). Croes 1958 (2-opt), Or 1976 (Or-opt), Prins 2004 (cutting one way into trips).
"""

from collections.abc import Sequence

import numpy as np

EARTH = 6_371_008.8  # mean radius in metres (IUGG)
LONGEST_MOVED = 3  # places that Or-opt moves together
LEAST_GAIN = 1e-6  # metres: less is rounding

Point = tuple[float, float]


def distances(points: Sequence[Point]) -> np.ndarray:
    """Return the straight-line metres between (longitude, latitude) points in WGS-84, as a matrix (haversine)."""
    longitude, latitude = np.radians(np.asarray(points, float).reshape(-1, 2)).T
    half = np.sin((latitude[:, None] - latitude) / 2) ** 2
    half += np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2) ** 2
    return 2 * EARTH * np.arcsin(np.sqrt(np.clip(half, 0, 1)))


def length_of(order: Sequence[int], metres: np.ndarray) -> float:
    """Return the length of the way from place 0 through ``order`` back to 0."""
    way = [0, *order, 0]
    return float(metres[way[:-1], way[1:]].sum())


def way_through(metres: np.ndarray) -> list[int]:
    """Return the order in which to pass places 1 to n from place 0 and back, by the matrix of distances."""
    places = len(metres) - 1
    # A handful of places is worth beginning with each of them in turn: then the shortest way is nearly always found.
    starts = range(1, places + 1) if 2 < places <= 12 else [None]
    ways = [improved(_nearest(metres, start), metres) for start in starts]
    return min(ways, key=lambda way: length_of(way, metres))


def _nearest(metres: np.ndarray, first: int | None) -> list[int]:
    left, way = set(range(1, len(metres))), []
    if first is not None:
        left.remove(first)
        way.append(first)
    while left:
        here = way[-1] if way else 0
        way.append(min(left, key=lambda place: (metres[here, place], place)))
        left.remove(way[-1])
    return way


def improved(order: list[int], metres: np.ndarray) -> list[int]:
    """Return an order that neither turning a part round nor moving up to three places makes shorter."""
    way = np.array([0, *order, 0])
    while _turned(way, metres) or _moved(way, metres):
        pass
    return way[1:-1].tolist()


def _turned(way: np.ndarray, metres: np.ndarray) -> bool:
    """Turn round the part for which that saves most, looked for from each place (2-opt)."""
    saved = False
    for first in range(1, len(way) - 2):
        before, here = way[first - 1], way[first]
        ends, after = way[first + 1 : -1], way[first + 2 :]
        gain = metres[before, here] + metres[ends, after] - metres[before, ends] - metres[here, after]
        best = int(np.argmax(gain))
        if gain[best] > LEAST_GAIN:
            last = first + 1 + best
            way[first : last + 1] = way[first : last + 1][::-1].copy()
            saved = True
    return saved


def _moved(way: np.ndarray, metres: np.ndarray) -> bool:
    """Move up to three neighbouring places to where they fit best, either way round (Or-opt)."""
    for size in range(1, LONGEST_MOVED + 1):
        for first in range(1, len(way) - size):
            part, rest = way[first : first + size], np.concatenate([way[:first], way[first + size :]])
            without = metres[way[first - 1], part[0]] + metres[part[-1], way[first + size]]
            without -= metres[way[first - 1], way[first + size]]
            gaps = metres[rest[:-1], rest[1:]]
            straight = metres[rest[:-1], part[0]] + metres[part[-1], rest[1:]] - gaps
            turned = metres[rest[:-1], part[-1]] + metres[part[0], rest[1:]] - gaps
            added = np.minimum(straight, turned)
            best = int(np.argmin(added))
            if without - added[best] > LEAST_GAIN:
                kept = part if straight[best] <= turned[best] else part[::-1]
                way[:] = np.concatenate([rest[: best + 1], kept, rest[best + 1 :]])
                return True
    return False


def trips_of(order: Sequence[int], metres: np.ndarray, capacity: int) -> list[list[int]]:
    """Cut a way into trips of at most ``capacity`` places, each from place 0 and back, so that they are shortest for
    this order; each trip is then improved by itself. Raises ValueError for a capacity below 1.
    """
    if capacity < 1:
        raise ValueError("a vehicle takes at least one")
    best, cut = [0.0], [0]
    inner = np.concatenate([[0.0], np.cumsum(metres[order[:-1], order[1:]])]) if len(order) else np.zeros(0)
    for last in range(1, len(order) + 1):
        firsts = range(max(0, last - capacity), last)
        costs = [
            best[first] + metres[0, order[first]] + inner[last - 1] - inner[first] + metres[order[last - 1], 0]
            for first in firsts
        ]
        chosen = int(np.argmin(costs))
        best.append(costs[chosen])
        cut.append(firsts[chosen])
    trips, last = [], len(order)
    while last:
        trips.append(list(order[cut[last] : last]))
        last = cut[last]
    return [improved(trip, metres) for trip in reversed(trips)]
