"""Coordinates: what people and devices send in, turned into WGS-84; and distances.

Everything is stored as WGS-84 longitude and latitude in decimal degrees, in that order. An input states its system:

* ``wgs84``: GPS.
* ``cgcs2000``: China's geodetic system; equals WGS-84 within centimetres, so it is taken as is.
* ``gcj02``: the shifted system of Chinese maps (Gaode, Tencent), 300 to 700 metres off in China.
* ``bd09``: Baidu's, GCJ-02 shifted once more.

Sources: the GCJ-02 shift was never published officially; the formula here is the one published in 2013 as EvilTransform
(github.com/googollee/eviltransform, Krasovsky 1940 ellipsoid), which agrees with the conversion services of Gaode and
Baidu within about a metre (0.00001 degree). The BD-09 formula is the one published with it. The inverses iterate until
the forward formula hits the input within ``TOLERANCE`` (about 0.1 mm), far below the error of the formula itself.

Outside China the three systems are the same. "China" is the usual rectangle of these formulas (72.004-137.8347 E,
0.8293-55.8271 N), which also covers parts of its neighbours: do not use the shifted systems there. Within about 0.02
degree of the rectangle's edge (sea and foreign land) the inverse is not defined.
"""

import math
from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SYSTEMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
"""Names of the systems an input may state."""

TOLERANCE = 1e-9
"""Residual of the inverse conversions, in degrees."""

# Mean radius R1 of the Earth in metres (IUGG, Moritz 2000).
_EARTH_RADIUS = 6_371_008.8

# Krasovsky 1940 ellipsoid, as in the published GCJ-02 formula.
_AXIS = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323

_CHINA_LON = (72.004, 137.8347)
_CHINA_LAT = (0.8293, 55.8271)

# The shift changes by under 1 % over its own length, so each round gains two digits; 5 are usual.
_MAX_ROUNDS = 30

Point = tuple[float, float]


class CoordinateError(ValueError):
    """A coordinate that cannot be used.

    ``field`` is ``lon``, ``lat`` or ``system``; ``code`` is ``not_a_number``, ``out_of_range`` or ``unknown_system``;
    ``detail`` is a translatable sentence.
    """

    def __init__(self, field: str, code: str, detail: str | Promise) -> None:
        super().__init__(field, code)
        self.field = field
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.field}: {self.detail}"


def validate(lon: object, lat: object) -> Point:
    """Return (lon, lat) as floats in degrees.

    Takes anything that float() takes (numbers, Decimal, decimal text) but bool. Raises CoordinateError naming the field
    that is not a finite number or not within -180..180 (lon) or -90..90 (lat).
    """
    return (
        _degrees("lon", lon, 180.0, _("Longitude must lie between -180 and 180 degrees.")),
        _degrees("lat", lat, 90.0, _("Latitude must lie between -90 and 90 degrees.")),
    )


def _degrees(field: str, value: object, bound: float, out_of_range: Promise) -> float:
    if isinstance(value, bool):
        raise _no_number(field)
    try:
        degrees = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise _no_number(field) from error
    if not math.isfinite(degrees):
        raise _no_number(field)
    if abs(degrees) > bound:
        raise CoordinateError(field, "out_of_range", out_of_range)
    return degrees


def _no_number(field: str) -> CoordinateError:
    return CoordinateError(field, "not_a_number", _("A coordinate must be a number in degrees."))


def to_wgs84(lon: float, lat: float, system: str) -> Point:
    """Convert a point of ``system`` to WGS-84; (lon, lat) in degrees.

    Raises CoordinateError for an unknown system or an impossible coordinate.
    """
    forward = _forward(system)
    point = validate(lon, lat)
    if forward is None or not _in_china(point):
        return point
    return _inverse(forward, point)


def from_wgs84(lon: float, lat: float, system: str) -> Point:
    """Convert a WGS-84 point to ``system``, for showing it on that system's maps. Errors as for ``to_wgs84``."""
    forward = _forward(system)
    point = validate(lon, lat)
    if forward is None or not _in_china(point):
        return point
    return forward(point)


def distance(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance in metres between two WGS-84 points (haversine on a sphere: within 0.6 %).

    Raises CoordinateError for an impossible coordinate.
    """
    lon1, lat1 = map(math.radians, validate(lon1, lat1))
    lon2, lat2 = map(math.radians, validate(lon2, lat2))
    chord = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    # Rounding can push antipodes a hair above 1, where asin is not defined.
    return 2 * _EARTH_RADIUS * math.asin(math.sqrt(min(chord, 1.0)))


def _forward(system: str) -> Callable[[Point], Point] | None:
    """The formula from WGS-84 to a system; None where they are the same."""
    if system not in SYSTEMS:
        raise CoordinateError("system", "unknown_system", _("The coordinate system is not known."))
    return {"gcj02": _gcj02, "bd09": _bd09}.get(system)


def _in_china(point: Point) -> bool:
    lon, lat = point
    return _CHINA_LON[0] <= lon <= _CHINA_LON[1] and _CHINA_LAT[0] <= lat <= _CHINA_LAT[1]


def _inverse(forward: Callable[[Point], Point], target: Point) -> Point:
    lon, lat = target
    for _round in range(_MAX_ROUNDS):
        there = forward((lon, lat))
        error_lon, error_lat = target[0] - there[0], target[1] - there[1]
        lon, lat = lon + error_lon, lat + error_lat
        if max(abs(error_lon), abs(error_lat)) < TOLERANCE:
            return lon, lat
    raise ArithmeticError(f"the inverse of {forward.__name__} does not converge at {target}")


def _gcj02(point: Point) -> Point:
    lon, lat = point
    x, y = lon - 105.0, lat - 35.0
    waves = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (waves + _waves(x, 20.0, 40.0, 3.0) + _waves(x, 150.0, 300.0, 30.0, 12.0)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (waves + _waves(y, 20.0, 40.0, 3.0) + _waves(y, 160.0, 320.0, 30.0, 12.0)) * 2.0 / 3.0
    latitude = math.radians(lat)
    flattening = 1 - _ECCENTRICITY_SQUARED * math.sin(latitude) ** 2
    prime_vertical = _AXIS / math.sqrt(flattening)
    meridian = _AXIS * (1 - _ECCENTRICITY_SQUARED) / flattening**1.5
    return lon + math.degrees(east / (prime_vertical * math.cos(latitude))), lat + math.degrees(north / meridian)


def _waves(value: float, first: float, second: float, second_period: float, first_period: float = 1.0) -> float:
    return first * math.sin(value * math.pi / first_period) + second * math.sin(value * math.pi / second_period)


def _bd09(point: Point) -> Point:
    lon, lat = _gcj02(point)
    scale = math.pi * 3000.0 / 180.0
    radius = math.hypot(lon, lat) + 0.00002 * math.sin(lat * scale)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * scale)
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006
