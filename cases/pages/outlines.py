"""Outlines of areas, light enough for a phone: people find themselves on a map without a background."""

from django.core.cache import cache
from shapely.geometry import mapping, shape

from governance.models import Area, AreaKind

KEPT = 3600  # seconds an answer is kept, here and in the browser
TOLERANCE = 0.00005  # degrees, about 5 m: what simplifying may move an outline
GRIDS_DRAWN = 300  # a city with more grids is drawn by communities only


def outlines() -> dict:
    """Return the communities, and few grids, in use as GeoJSON features with code, name and kind (WGS-84)."""
    return cache.get_or_set("cases.pages.outlines", _outlines, KEPT)


def _outlines() -> dict:
    drawn = Area.objects.filter(is_active=True, boundary__isnull=False)
    kinds = [AreaKind.COMMUNITY]
    if drawn.filter(kind=AreaKind.GRID).count() <= GRIDS_DRAWN:
        kinds.append(AreaKind.GRID)
    rows = drawn.filter(kind__in=kinds).order_by("code").values_list("code", "name", "kind", "boundary")
    features = [
        {"type": "Feature", "properties": {"code": code, "name": name, "kind": kind}, "geometry": _light(boundary)}
        for code, name, kind, boundary in rows
    ]
    return {"type": "FeatureCollection", "features": features}


def _light(boundary: dict) -> dict:
    geometry = mapping(shape(boundary).simplify(TOLERANCE))
    return {"type": geometry["type"], "coordinates": _rounded(geometry["coordinates"])}


def _rounded(coordinates):
    """Five decimals of a degree are a metre."""
    if isinstance(coordinates, float | int):
        return round(coordinates, 5)
    return [_rounded(part) for part in coordinates]
