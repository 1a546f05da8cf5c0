"""Practice packages through the admin's page and the API: administrators of the whole city, nobody else."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from cases.models import FilingStandard
from governance.models import Event
from governance.practice import package as practice

DOOR = "/api/v1/practice/"
OTHERS = ["outside_administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor",
          "grid_worker", "community_staff", "resident"]  # fmt: skip


def client_of(kind, user):
    client = kind()
    client.force_login(user)
    return client


@pytest.fixture
def changed(city):
    """A package of this place as JSON text; afterwards a limit was changed here, which ``limit()`` reads."""
    text = json.dumps(practice.written(actor=city.user("administrator")))
    FilingStandard.objects.filter(pk=city.standard.pk).update(limit_amount=9)
    return text


def limit(city):
    city.standard.refresh_from_db()
    return city.standard.limit_amount


def test_the_page_shows_the_differences_and_changes_on_confirmation(city, changed):
    client, address = client_of(Client, city.user("administrator")), reverse("admin:practice")
    file = SimpleUploadedFile("practice.json", changed.encode())
    # when the file is brought, the page shows what differs and nothing has changed
    page = client.post(address, {"file": file}).content.decode()
    assert "9.00" in page and "2.00" in page and limit(city) == 9
    # when that is confirmed, it holds
    page = client.post(address, {"package": changed, "confirm": "1"})
    assert page.status_code == 200 and limit(city) == 2
    assert client.post(address, {"package": "x", "confirm": "1"}).status_code == 400
    assert client.post(address, {}).status_code == 400


def test_the_page_writes_a_package(city):
    answer = client_of(Client, city.user("administrator")).get(
        reverse("admin:practice"), {"export": "1", "part": "standards"}
    )
    assert "attachment" in answer["Content-Disposition"]
    assert set(json.loads(answer.content)["parts"]) == {"standards"}


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_else_comes_through_either_door(city, changed, role):
    events, address = Event.objects.count(), reverse("admin:practice")
    admin, api = client_of(Client, city.user(role)), client_of(APIClient, city.user(role))
    refused = 302 if role == "resident" else 403
    assert admin.get(address, {"export": "1"}).status_code == refused
    assert admin.post(address, {"package": changed, "confirm": "1"}).status_code == refused
    assert api.get(DOOR).status_code == 403
    for door in ("check/", "import/"):
        assert api.post(DOOR + door, json.loads(changed)).status_code == 403
    assert limit(city) == 9 and Event.objects.count() == events


def test_the_api_writes_checks_and_applies(city, changed):
    api = client_of(APIClient, city.user("administrator"))
    assert api.get(DOOR, {"part": "standards"}).json()["parts"].keys() == {"standards"}
    assert api.get(DOOR, {"part": "secrets"}).status_code == 400
    told = [row for row in api.post(DOOR + "check/", json.loads(changed)).json() if row["action"] != "same"]
    assert [row["differing"] for row in told] == [[["时限", "9.00", "2.00"]]]
    assert limit(city) == 9
    done = api.post(DOOR + "import/", json.loads(changed), headers={"Idempotency-Key": "once"})
    assert done.status_code == 200 and limit(city) == 2
    answer = api.post(DOOR + "import/", {"jiceng_practice": 1, "parts": {"standards": [{"key": ["x"]}]}})
    assert answer.status_code == 400 and answer.json()["errors"][0]["attr"].startswith("standards")
    assert APIClient().get(DOOR).status_code == 401
