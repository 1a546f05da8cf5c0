"""Zones of a scan: every circle round a place that holds a set of places no smaller circle holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

# Up to this many cells a matrix is multiplied faster as a whole than by its entries.
DENSE = 4_000_000


@dataclass(frozen=True)
class Zones:
    """``members``: (zones, places), 1 where a place belongs to a zone; ``centres``: the place in the middle of each;
    ``radii``: in the unit of the coordinates."""

    members: sparse.csr_array
    centres: np.ndarray
    radii: np.ndarray

    def __len__(self) -> int:
        return self.members.shape[0]

    @property
    def places(self) -> int:
        """How many places there are."""
        return self.members.shape[1]

    def of(self, zone: int) -> np.ndarray:
        """Return the places of a zone, ascending."""
        start, end = self.members.indptr[zone], self.members.indptr[zone + 1]
        return np.sort(self.members.indices[start:end])

    def summing(self):
        """Return what turns (places, columns) into sums (zones, columns) by ``@``."""
        whole = len(self) * self.places <= DENSE
        return self.members.toarray() if whole else self.members


def circles(x: Sequence[float], y: Sequence[float], radii: Sequence[float], *, most: int | None = None) -> Zones:
    """Return the circles with these ``radii`` round each place (flat coordinates, all in one unit).

    A radius of 0 is the place alone. Circles that hold the same places count once, under the smallest radius; those
    that hold more than ``most`` places are left out. Raises ValueError naming the argument that cannot be used.
    """
    points = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
    radii = sorted({float(radius) for radius in radii})
    if not len(points):
        raise ValueError("x: no places")
    if not np.isfinite(points).all():
        raise ValueError("x, y: coordinates must be finite numbers")
    if not radii or radii[0] < 0:
        raise ValueError("radii: at least one, none below 0")
    tree = cKDTree(points)
    known: dict[tuple[int, ...], tuple[int, float]] = {}
    for radius in radii:
        for centre, near in enumerate(tree.query_ball_point(points, radius, return_sorted=True)):
            if most is None or len(near) <= most:
                known.setdefault(tuple(near), (centre, radius))
    return _zones(known, len(points))


def _zones(known: dict[tuple[int, ...], tuple[int, float]], places: int) -> Zones:
    if not known:
        raise ValueError("most: no circle is small enough")
    sizes = [len(near) for near in known]
    pointers = np.concatenate([[0], np.cumsum(sizes)])
    indices = np.fromiter((place for near in known for place in near), np.int64, pointers[-1])
    ones = np.ones(len(indices), np.float32)  # exact up to 16 million cases
    members = sparse.csr_array((ones, indices, pointers), shape=(len(known), places))
    centres, radii = zip(*known.values(), strict=True)
    return Zones(members, np.array(centres), np.array(radii))
