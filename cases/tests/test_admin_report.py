"""Staff report cases through the admin's form."""

import pytest
from django.test import Client

from cases.models import Case

ADD = "/admin/cases/case/add/"
MAY_REPORT = {"operations_centre", "registrar", "dispatcher", "grid_worker", "community_staff", "handler"}
STAFF = MAY_REPORT | {"administrator", "supervisor"}
SOURCE = {"handler": "department", "grid_worker": "grid_worker", "community_staff": "patrol"}


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def given(role="registrar", **changed) -> dict:
    return {
        "source": SOURCE.get(role, "hotline"), "description": "井盖歪了", "longitude": "112.905", "latitude": "28.205",
        "system": "wgs84", "reporter_name": "张小明", "reporter_phone": "13800001234",
    } | changed  # fmt: skip


@pytest.mark.parametrize("role", sorted(STAFF))
def test_who_may_report(city, role):
    client = client_of(city.user(role))
    if role in MAY_REPORT:
        assert client.get(ADD).status_code == 200
        response = client.post(ADD, given(role))
        assert response.status_code == 302, response.content.decode()
        case = Case.objects.get()
        assert (case.state, case.area, case.source) == ("reported", city.grid, SOURCE.get(role, "hotline"))
        assert case.reporters.get().phone == "13800001234"
    else:
        assert client.get(ADD).status_code == 403
        assert client.post(ADD, given(role)).status_code == 403
        assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"description": " "}, "description"),
        ({"source": "sensor"}, "source"),
        ({"longitude": "100", "latitude": "20"}, "longitude"),
        ({"longitude": "", "latitude": ""}, "area"),
        ({"longitude": "", "latitude": "28.205"}, "longitude"),
        ({"longitude": "abc"}, "longitude"),
        ({"longitude": "nan"}, "longitude"),
        ({"longitude": "999"}, "longitude"),
        ({"reporter_phone": "12"}, "reporter_phone"),
        ({"category": "999999"}, "category"),
        ({"standard": "x/y"}, "standard"),
        ({"system": "moon"}, "system"),
    ],
)
def test_wrong_input_comes_back_with_the_form(city, changed, field):
    response = client_of(city.user("registrar")).post(ADD, given(**changed))
    assert response.status_code == 400
    assert f"jc-field-wrong jc-field-{field}" in response.content.decode()
    assert not Case.objects.exists()


def test_an_area_outside_ones_own_is_not_offered_and_not_taken(city):
    client = client_of(city.user("grid_worker"))
    assert client.post(ADD, given("grid_worker", longitude="", latitude="", area=city.other_grid.pk)).status_code == 400
    assert client.post(ADD, given("grid_worker", longitude="112.925")).status_code in (400, 403)
    assert not Case.objects.exists()


def test_points_of_other_systems_are_converted(city):
    client_of(city.user("registrar")).post(ADD, given(system="gcj02", longitude="112.910", latitude="28.203"))
    case = Case.objects.get()
    assert 300 < abs(case.longitude - 112.910) * 98_000 < 800  # the shift is some hundred metres here
