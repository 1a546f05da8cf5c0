"""Residents say what they are called; nobody is shown by the user name a first sign-in made up."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from governance.models import Event, User

STAFF = ["administrator", "registrar", "handler", "grid_worker", "community_staff"]


@pytest.fixture
def resident(city):
    return User.objects.create_user("resident-0123456789abcdef", phone="+99900000321")


def client_of(kind, user):
    client = kind()
    client.force_login(user)
    return client


def test_an_account_without_a_name_is_not_shown_by_its_user_name(resident):
    assert "0123" not in str(resident)
    resident.name = "方晓梅"
    assert str(resident) == "方晓梅"


def test_a_resident_gives_a_name_through_the_api_and_the_event_does_not_hold_it(resident):
    answer = client_of(APIClient, resident).patch("/api/v1/me/", {"name": "  方 晓梅 "})
    assert answer.status_code == 200 and answer.json()["name"] == "方 晓梅"
    event = Event.objects.filter(name="user.renamed").get()
    assert event.actor == resident and "晓梅" not in str(event.payload)


def test_a_resident_gives_a_name_on_the_page(resident):
    page = client_of(Client, resident)
    assert page.post("/r/mine/name/", {"name": "方晓梅"}).status_code == 302
    assert "方晓梅" in page.get("/r/mine/").content.decode()
    # a name that is none comes back with the page and changes nothing
    assert page.post("/r/mine/name/", {"name": "方"}).status_code == 400
    resident.refresh_from_db()
    assert resident.name == "方晓梅"


@pytest.mark.parametrize("name", ["", "方", "方" * 61, None, 7])
def test_a_name_that_is_none_is_named(resident, name):
    answer = client_of(APIClient, resident).patch("/api/v1/me/", {"name": name})
    resident.refresh_from_db()
    assert (answer.status_code, resident.name) == (400, "")
    assert answer.json()["errors"][0]["attr"] == "name"


@pytest.mark.parametrize("role", STAFF)
def test_people_who_work_here_do_not_rename_themselves(city, role):
    person = city.user(role)
    before = person.name
    assert client_of(APIClient, person).patch("/api/v1/me/", {"name": "别的名字"}).status_code == 403
    assert client_of(Client, person).post("/r/mine/name/", {"name": "别的名字"}).status_code == 403
    person.refresh_from_db()
    assert person.name == before and not Event.objects.filter(name="user.renamed").exists()


def test_nobody_signed_in_has_no_name_to_give(db):
    assert APIClient().patch("/api/v1/me/", {"name": "方晓梅"}).status_code == 401
    assert Client().post("/r/mine/name/", {"name": "方晓梅"}).status_code == 302
