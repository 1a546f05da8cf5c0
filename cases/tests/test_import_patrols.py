"""Routes and their points come in by Excel or CSV, within the area of who brings them."""

import pytest

from cases.models import PatrolPoint, PatrolRoute
from governance.exchange import engine
from governance.exchange.engine import RowsRefused
from governance.exchange.files import Source
from governance.exchange.importers import importer_named

ROUTES = "code,name,area,unit,role\nR-9,滨江巡查,{area},committee,网格员\n"
POINTS = "route,position,name,longitude,latitude,radius\nR-9,1,渡口,112.905,28.205,50\nR-9,2,码头,{lon},28.206,60\n"


def bring(key: str, text: str, actor):
    return engine.run(importer_named(key)({}), Source("file.csv", text.encode()), actor=actor)


def test_a_route_with_its_points_is_imported_and_a_second_time_changes_nothing(city):
    staff = city.user("community_staff")
    for _time, expected in (("first", (1, 2)), ("second", (0, 0))):
        routes = bring("cases.patrolroute", ROUTES.format(area=city.grid.code), staff)
        points = bring("cases.patrolpoint", POINTS.format(lon=112.906), staff)
        assert (routes.adds, points.adds) == expected
    route = PatrolRoute.objects.get(code="R-9")
    assert (route.area, route.unit, route.role) == (city.grid, city.committee, "grid_worker")
    assert list(route.points.values_list("name", "radius")) == [("渡口", 50), ("码头", 60)]


def test_a_bad_point_is_named_and_no_point_is_stored(city):
    staff = city.user("community_staff")
    bring("cases.patrolroute", ROUTES.format(area=city.grid.code), staff)
    with pytest.raises(RowsRefused) as refused:
        bring("cases.patrolpoint", POINTS.format(lon=113.5), staff)
    assert [(error.line, error.column) for error in refused.value.report.errors] == [(3, "longitude")]
    assert not PatrolPoint.objects.exists()


def test_nobody_imports_into_another_area(city):
    with pytest.raises(RowsRefused) as refused:
        bring("cases.patrolroute", ROUTES.format(area=city.grid.code), city.outsider("community_staff"))
    assert [error.line for error in refused.value.report.errors] == [2]
    assert not PatrolRoute.objects.exists()
