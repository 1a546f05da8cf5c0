"""The kernel's lists, the caller's own roles, and tokens for machines."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import override_settings
from django.utils import timezone
from knox.models import get_token_model
from rest_framework.test import APIClient

from governance.api import throttling
from governance.models import User

V1 = "/api/v1/"


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def codes(response) -> list[str]:
    assert response.status_code == 200, response.json()
    return [row["code"] for row in response.json()["results"]]


def test_me_tells_name_and_roles_of_today(city):
    user = city.user("grid_worker")
    gone = user.appointments.create(unit=city.centre, role="registrar", area=city.city, valid_from="2020-01-01")
    gone.valid_to = timezone.localdate() - timedelta(days=1)
    gone.save()
    answer = client_of(user).get(f"{V1}me/").json()
    assert (answer["username"], answer["name"]) == ("grid_worker", "grid_worker员")
    assert [(row["role"], row["unit"], row["area"]) for row in answer["appointments"]] == [
        ("grid_worker", "committee", city.grid.code)
    ]
    assert client_of(city.user("resident")).get(f"{V1}me/").json()["appointments"] == []


def test_areas_and_units(city):
    client = client_of(city.user("grid_worker"))
    assert codes(client.get(f"{V1}areas/")) == sorted(area.code for area in city.areas.values())
    assert codes(client.get(f"{V1}areas/?area={city.street.code}&kind=grid")) == [city.grid.code]
    assert codes(client.get(f"{V1}areas/?text=other_grid")) == [city.other_grid.code]
    assert codes(client.get(f"{V1}units/?area={city.street.code}")) == ["committee", "street_office"]
    assert codes(client.get(f"{V1}units/?kind=operations_centre")) == ["centre"]
    grid = client.get(f"{V1}areas/?kind=grid").json()["results"][0]
    assert grid["parent"] == city.community.code and "boundary" not in grid
    first = client.get(f"{V1}areas/?page_size=5").json()
    assert len(first["results"]) == 5
    assert codes(client.get(first["next"])) == sorted(area.code for area in city.areas.values())[5:]


@pytest.mark.parametrize("path", ["areas/", "units/", "categories/", "standards/"])
def test_reference_data_is_for_people_who_work_here(city, path):
    assert client_of(city.user("handler")).get(V1 + path).status_code == 200
    assert client_of(city.user("resident")).get(V1 + path).status_code == 403
    assert APIClient().get(V1 + path).status_code == 401
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client_of(city.user("administrator")), method)(V1 + path, {}).status_code == 405


@pytest.mark.parametrize("query", ["kind=moon", "area=nowhere", "text=%00", "page_size=x", "cursor=%00"])
def test_a_filter_value_that_cannot_be_meant_is_named(city, query):
    response = client_of(city.user("handler")).get(f"{V1}areas/?{query}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == query.partition("=")[0]


def test_a_token_for_a_machine(city):
    # given a token made on the command line
    out = StringIO()
    call_command("issue_api_token", "registrar", days=2, stdout=out)
    token = out.getvalue().strip()
    # then it signs in as that user, and only its hash is kept
    client = APIClient()
    assert client.get(f"{V1}me/", headers={"Authorization": f"Token {token}"}).json()["username"] == "registrar"
    row = get_token_model().objects.get()
    assert token not in (row.digest, row.token_key) and row.expiry is not None
    # when it has expired, or the user is no longer active, then it does not
    row.expiry = timezone.now() - timedelta(seconds=1)
    row.save()
    assert client.get(f"{V1}me/", headers={"Authorization": f"Token {token}"}).status_code == 401
    call_command("issue_api_token", "registrar", stdout=out)
    token = out.getvalue().split()[-1]
    User.objects.filter(username="registrar").update(is_active=False)
    assert client.get(f"{V1}me/", headers={"Authorization": f"Token {token}"}).status_code == 401


def test_tokens_that_are_not_made(city):
    system = User.objects.system("devices").username
    for username, days in [("nobody", None), (system, None), ("registrar", 0)]:
        with pytest.raises(CommandError):
            call_command("issue_api_token", username, days=days, stdout=StringIO())
    assert not get_token_model().objects.exists()


def test_old_counters_are_forgotten(db):
    assert throttling.forget_expired() == 0
    cache = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "governance_cache"}}
    with override_settings(CACHES=cache):
        call_command("createcachetable")
        with connection.cursor() as cursor:
            for key, hours in (("old", -1), ("new", 1)):
                cursor.execute(
                    "INSERT INTO governance_cache VALUES (%s, '7', now() + %s * interval '1 hour')", [key, hours]
                )
        assert throttling.forget_expired() == 1
