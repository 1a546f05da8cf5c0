"""Coordinate systems: published control points, round trips, distances and refusals."""

from decimal import Decimal

import pytest
from django.utils.functional import Promise
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.coordinates import SYSTEMS, CoordinateError, distance, from_wgs84, to_wgs84, validate

# (lon, lat) WGS-84, the same place in the other system, the system, and how far the source and the formula may differ.
CONTROL_POINTS = [
    # Test points of EvilTransform (github.com/googollee/eviltransform): the formula's own reference.
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597), "gcj02", 1e-9),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766), "gcj02", 1e-9),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069), "gcj02", 1e-9),
    # Answer of Gaode's own conversion service, from its documentation (coordsys=gps).
    ((116.481499, 39.990475), (116.487585177952, 39.991754014757), "gcj02", 1e-6),
    # Baidu's conversion service for the point of its documentation (from=1, to=5).
    ((114.21892734521, 29.575429778924), (114.2307519546763, 29.57908428837437), "bd09", 1e-5),
]


@pytest.mark.parametrize(("wgs", "other", "system", "tolerance"), CONTROL_POINTS)
def test_published_control_points(wgs, other, system, tolerance):
    # Given a published pair, when converted either way, then it is hit within its source's accuracy.
    assert from_wgs84(*wgs, system) == pytest.approx(other, abs=tolerance)
    assert to_wgs84(*other, system) == pytest.approx(wgs, abs=tolerance + 1e-8)


# A degree inside the rectangle of the formulas, so that no shift crosses its edge.
inside = st.tuples(st.floats(73.0, 136.8), st.floats(1.8, 54.8))
anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@settings(deadline=None)
@given(inside, st.sampled_from(SYSTEMS))
def test_conversion_there_and_back_is_the_same_point(point, system):
    # Given any place in China, when converted there and back either way round, then it is itself within 1e-8 degree.
    assert to_wgs84(*from_wgs84(*point, system), system) == pytest.approx(point, abs=1e-8)
    assert from_wgs84(*to_wgs84(*point, system), system) == pytest.approx(point, abs=1e-8)


@settings(deadline=None)
@given(inside)
def test_the_shift_is_hundreds_of_metres_not_less_not_more(point):
    # Given any place in the rectangle, when its GCJ-02 figures are taken for WGS-84, then it is under 2 km off.
    assert 0 < distance(*point, *from_wgs84(*point, "gcj02")) < 2_000


@settings(deadline=None)
@given(anywhere)
def test_geodetic_systems_are_taken_as_they_are(point):
    # Given any place on Earth in WGS-84 or CGCS2000, when converted, then nothing changes.
    assert to_wgs84(*point, "wgs84") == to_wgs84(*point, "cgcs2000") == point


@pytest.mark.parametrize("point", [(139.767125, 35.681236), (2.35, 48.85), (0.0, 0.0), (-74.0, 40.7), (180.0, -90.0)])
@pytest.mark.parametrize("system", SYSTEMS)
def test_outside_china_all_systems_are_the_same(point, system):
    # Given a place outside China (the first is Tokyo), when converted either way, then nothing changes.
    assert to_wgs84(*point, system) == from_wgs84(*point, system) == point


@settings(deadline=None)
@given(anywhere, st.sampled_from(SYSTEMS))
def test_every_place_on_earth_converts_to_a_place_on_earth(point, system):
    # Given any place, also on the rectangle's edge, when converted, then a valid coordinate comes out.
    validate(*to_wgs84(*point, system))
    validate(*from_wgs84(*point, system))


DISTANCES = [
    # A degree of a great circle on a sphere of radius 6371008.8 m is 111195.08 m.
    ("a degree of latitude", (116.0, 39.0), (116.0, 40.0), 111_195.08),
    ("a degree on the equator", (116.0, 0.0), (117.0, 0.0), 111_195.08),
    ("over the date line", (179.5, 0.0), (-179.5, 0.0), 111_195.08),
    ("at 60 degrees a degree of longitude is half as long", (116.0, 60.0), (116.002, 60.0), 111.195),
    ("pole to pole is half the circumference", (0.0, 90.0), (0.0, -90.0), 20_015_114.35),
    ("the same place", (116.0, 39.0), (116.0, 39.0), 0.0),
]


@pytest.mark.parametrize(("one", "other", "metres"), [row[1:] for row in DISTANCES], ids=[row[0] for row in DISTANCES])
def test_distances_worked_out_by_hand(one, other, metres):
    # Given two places, when measured either way, then the distance is the one worked out by hand.
    assert distance(*one, *other) == pytest.approx(metres, rel=1e-5, abs=1e-6)
    assert distance(*other, *one) == pytest.approx(distance(*one, *other))


@settings(deadline=None)
@given(anywhere, anywhere)
def test_no_two_places_are_further_apart_than_half_the_circumference(one, other):
    # Given any two places, when measured, then the distance is possible.
    assert 0 <= distance(*one, *other) <= 20_015_115


def test_numbers_of_other_types_are_read():
    # Given coordinates as text, Decimal or int, when validated, then floats come out.
    assert validate("116.4", Decimal("39.9")) == (116.4, 39.9)
    assert validate(-180, 90) == (-180.0, 90.0)


REFUSED = [
    (180.1, 0, "lon", "out_of_range"),
    (0, -90.1, "lat", "out_of_range"),
    (39.9, 116.4, "lat", "out_of_range"),  # the two exchanged, as often in Chinese addresses
    ("east", 0, "lon", "not_a_number"),
    (0, None, "lat", "not_a_number"),
    (float("nan"), 0, "lon", "not_a_number"),
    (0, float("inf"), "lat", "not_a_number"),
    (True, 0, "lon", "not_a_number"),
    pytest.param(10**400, 0, "lon", "not_a_number", id="an int no float can hold"),
]


@pytest.mark.parametrize(("lon", "lat", "field", "code"), REFUSED)
def test_impossible_coordinates_are_refused_by_field(lon, lat, field, code):
    # Given an impossible coordinate, when used in any way, then the error names the field and the fault.
    for call in (
        lambda: validate(lon, lat),
        lambda: to_wgs84(lon, lat, "gcj02"),
        lambda: from_wgs84(lon, lat, "wgs84"),
        lambda: distance(lon, lat, 0, 0),
    ):
        with pytest.raises(CoordinateError) as refused:
            call()
        assert (refused.value.field, refused.value.code) == (field, code)
        assert isinstance(refused.value.detail, Promise)


@pytest.mark.parametrize("system", ["", "WGS84", "epsg:4326", None])
def test_unknown_systems_are_refused_never_guessed(system):
    # Given a system that is not one of the four names, when converted, then it is refused.
    with pytest.raises(CoordinateError) as refused:
        to_wgs84(116.4, 39.9, system)
    assert (refused.value.field, refused.value.code) == ("system", "unknown_system")
