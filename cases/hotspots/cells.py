"""Hexagonal cells of the map: H3, a public index of the whole Earth (h3geo.org; Brodsky, Uber 2018).

A cell is a 64-bit number; as text it is written in hexadecimal. The number holds its resolution in bits 52-55 and one
octal digit for each of fifteen resolutions, 7 where unused: so the larger cell that holds a cell, and the range of
small cells within one, need no library, and PostgreSQL can work them out as well.

Mean edges: resolution 7 = 1.4 km, 8 = 530 m, 9 = 200 m, 11 = 29 m (about 50 m across).
"""

import re
from hashlib import blake2b
from unicodedata import normalize

from h3.api import basic_int as h3

# Cases are placed in cells of PLACE ("the same place"); counts are kept by FINEST and summed up for larger ones.
# After changing either, `manage.py rebuild_hotspots`.
PLACE, FINEST = 11, 9
RESOLUTIONS = (7, 8, FINEST)
_DEEPEST = 15


def cell_at(longitude: float, latitude: float, resolution: int = PLACE) -> int:
    """Return the cell that holds a WGS-84 point."""
    return h3.latlng_to_cell(latitude, longitude, resolution)


def cell_named(text: str) -> int:
    """Return the cell written as ``text``. Raises ValueError for anything else, or for one larger than we count by."""
    cell = int(text, 16) if re.fullmatch("[0-9a-f]{15}", text) else 0
    if not (h3.is_valid_cell(cell) and RESOLUTIONS[0] <= resolution_of(cell) <= PLACE):
        raise ValueError(f"{text[:20]!r} is no cell")
    return cell


def name_of(cell: int) -> str:
    """Return a cell as text."""
    return f"{cell:x}"


def resolution_of(cell: int) -> int:
    """Return the resolution of a cell."""
    return cell >> 52 & 15


def larger(cell: int, resolution: int) -> int:
    """Return the cell of a coarser (or the same) resolution that holds ``cell``."""
    return cell & ~(15 << 52) | resolution << 52 | (1 << 3 * (_DEEPEST - resolution)) - 1


def larger_sql(column: str, resolution: int) -> str:
    """Return ``larger`` as an SQL expression."""
    kept, added = ~(15 << 52), resolution << 52 | (1 << 3 * (_DEEPEST - resolution)) - 1
    return f"(({column} & {kept}::bigint) | {added}::bigint)"


def within(cell: int, resolution: int = PLACE) -> tuple[int, int]:
    """Return the lowest and the highest number a cell of ``resolution`` inside ``cell`` can have."""
    own = resolution_of(cell)
    digits = sum(7 << 3 * (_DEEPEST - level) for level in range(own + 1, resolution + 1))
    sixes = sum(6 << 3 * (_DEEPEST - level) for level in range(own + 1, resolution + 1))
    base = cell & ~(15 << 52) & ~digits | resolution << 52
    return base, base | sixes


def centre_of(cell: int) -> tuple[float, float]:
    """Return the (longitude, latitude) of a cell's middle."""
    latitude, longitude = h3.cell_to_latlng(cell)
    return longitude, latitude


def outline_of(cell: int) -> list[list[float]]:
    """Return the corners of a cell as a closed ring of [longitude, latitude] (GeoJSON), right to about 0.1 m."""
    ring = [[round(longitude, 6), round(latitude, 6)] for latitude, longitude in h3.cell_to_boundary(cell)]
    return [*ring, ring[0]]


def around(cell: int) -> list[int]:
    """Return a cell and its neighbours."""
    return h3.grid_disk(cell, 1)


def place_of(longitude: float | None, latitude: float | None, area_id: int, address: str) -> int | None:
    """Return the key of "the same place": the cell of the coordinates; without any, a negative number made of area and
    address, spaces and width of characters aside; None where neither says where."""
    if longitude is not None and latitude is not None:
        return cell_at(longitude, latitude)
    words = "".join(normalize("NFKC", address).split()).casefold()
    if not words:
        return None
    digest = blake2b(f"{area_id}:{words}".encode(), digest_size=8).digest()
    return -(int.from_bytes(digest) >> 1) - 1
