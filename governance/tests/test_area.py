import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from governance.models import Area

pytestmark = pytest.mark.django_db


def test_a_point_falls_into_the_deepest_area_that_holds_it(city):
    assert Area.objects.holding(*city.point) == city.grid
    # a place in the district but in no street
    assert Area.objects.holding(112.86, 28.16) == city.district
    assert Area.objects.holding(*city.outside_point) is None


def test_an_area_out_of_use_holds_nothing(city):
    Area.objects.filter(pk=city.grid.pk).update(is_active=False)
    assert Area.objects.holding(*city.point) == city.community


def test_the_database_refuses_a_parent_of_the_wrong_level(city):
    with pytest.raises(DatabaseError, match="one level up"), transaction.atomic():
        Area.objects.create(kind="grid", code="990102001001999", name="错层网格", parent=city.street)
    with pytest.raises(DatabaseError, match="only a city"), transaction.atomic():
        Area.objects.create(kind="street", code="990102999", name="无上级")
    assert not Area.objects.filter(name__in=["错层网格", "无上级"]).exists()


def test_moving_an_area_takes_everything_under_it_along(city):
    # given a community with a grid
    city.community.parent = city.other_street
    # when it moves to the other street
    city.community.save()
    # then the paths below follow
    city.community.refresh_from_db()
    city.grid.refresh_from_db()
    assert city.community.path == f"{city.other_street.path}{city.community.pk}/"
    assert city.grid.path == f"{city.community.path}{city.grid.pk}/"
    assert set(Area.objects.under(city.other_street)) >= {city.community, city.grid}


@pytest.mark.parametrize(
    "boundary",
    [
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [[[300, 0], [301, 0], [301, 1], [300, 0]]]},
    ],
)
def test_a_boundary_that_is_no_polygon_is_refused_by_name(city, boundary):
    area = Area(kind="grid", code="990102001001009", name="坏边界", parent=city.community, boundary=boundary)
    with pytest.raises(ValidationError) as refused:
        area.full_clean()
    assert "boundary" in refused.value.error_dict


def test_a_code_of_the_wrong_length_is_refused(city):
    with pytest.raises(DatabaseError, match="area_code_digits"), transaction.atomic():
        Area.objects.create(kind="grid", code="990102", name="短码", parent=city.community)
