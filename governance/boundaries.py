"""Boundaries of areas: reading GeoJSON and asking whether a point lies inside. No models."""

import json
from functools import lru_cache

from shapely.errors import GEOSException
from shapely.geometry import Point, shape
from shapely.prepared import PreparedGeometry, prep


def shape_of(boundary: dict):
    """Return the shapely geometry of a GeoJSON Polygon or MultiPolygon; ValueError says what is wrong with it."""
    if not isinstance(boundary, dict) or boundary.get("type") not in ("Polygon", "MultiPolygon"):
        raise ValueError("boundary: a GeoJSON Polygon or MultiPolygon is needed")
    try:
        geometry = shape(boundary)
    except (GEOSException, TypeError, ValueError, KeyError, IndexError) as error:
        raise ValueError(f"boundary: not readable as GeoJSON ({error})") from error
    if geometry.is_empty or not geometry.is_valid:
        raise ValueError("boundary: the polygon is empty or crosses itself")
    west, south, east, north = geometry.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError("boundary: coordinates are longitude, latitude in degrees")
    return geometry


def box_of(boundary: dict) -> tuple[float, float, float, float]:
    """Return the bounding box (west, south, east, north) in degrees."""
    return shape_of(boundary).bounds


@lru_cache(maxsize=4096)
def _prepared(text: str) -> PreparedGeometry:
    return prep(shape(json.loads(text)))


def holds(boundary: dict, longitude: float, latitude: float) -> bool:
    """Tell whether the point lies inside or on the edge of the boundary."""
    return _prepared(json.dumps(boundary, sort_keys=True)).covers(Point(longitude, latitude))
