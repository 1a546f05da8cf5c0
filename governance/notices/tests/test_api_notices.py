"""REST: everybody's own notices and choices, nobody else's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from governance.models import Notice, NoticePreference
from governance.notices.tests.conftest import rule

LIST = "/api/v1/me/notices/"
CHOICES = "/api/v1/me/notice-preferences/"
ROLES = ["administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
         "community_staff", "resident"]  # fmt: skip


def client_of(user=None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_login(user)
    return client


def notice(person, **given) -> Notice:
    return Notice.objects.create(person=person, title="标题", body="内容", url="/admin/", **given)


@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_and_marks_their_own(city, role):
    mine, other = notice(city.user(role)), notice(city.outsider(role))
    client = client_of(city.user(role))
    # then only the own one is listed and can be marked
    assert [row["id"] for row in client.get(LIST).json()["results"]] == [mine.pk]
    assert client.post(f"{LIST}{other.pk}/read/").status_code == 404
    other.refresh_from_db()
    assert other.read_at is None
    answer = client.post(f"{LIST}{mine.pk}/read/")
    assert answer.status_code == 200 and answer.json()["read_at"]
    assert client.get(LIST, {"unread": "true"}).json()["results"] == []
    assert len(client.get(LIST, {"unread": "false"}).json()["results"]) == 1
    # and all at once, own ones only
    notice(city.user(role))
    assert client.post(f"{LIST}read-all/").json() == {"read": 1}
    assert Notice.objects.unread().get() == other


def test_nobody_without_a_session_gets_anything(city):
    row = notice(city.user("handler"))
    client = client_of()
    for method, path in (("get", LIST), ("post", f"{LIST}{row.pk}/read/"), ("post", f"{LIST}read-all/"),
                         ("get", CHOICES), ("put", CHOICES)):  # fmt: skip
        assert getattr(client, method)(path).status_code in (401, 403), path
    row.refresh_from_db()
    assert row.read_at is None


def test_a_filter_that_means_nothing_is_named(city):
    answer = client_of(city.user("handler")).get(LIST, {"unread": "maybe"})
    assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == "unread"


def test_the_list_is_paged_and_needs_the_same_statements(city):
    client = client_of(city.user("handler"))

    def ask(size):
        with CaptureQueriesContext(connection) as caught:
            rows = client.get(LIST, {"page_size": size}).json()
        return len(caught), rows

    for _ in range(3):
        notice(city.user("handler"))
    few, page = ask(2)
    assert len(page["results"]) == 2 and page["next"]
    for _ in range(40):
        notice(city.user("handler"))
    many, page = ask(40)
    assert few == many <= 6 and len(page["results"]) == 40


def test_the_first_reading_is_the_one_that_counts(city):
    row, client = notice(city.user("handler")), client_of(city.user("handler"))
    first = client.post(f"{LIST}{row.pk}/read/").json()["read_at"]
    assert client.post(f"{LIST}{row.pk}/read/").json()["read_at"] == first


def test_choices_are_read_and_kept(city):
    rule(code="one")
    client = client_of(city.user("resident"))
    before = client.get(CHOICES).json()
    assert (before["quiet_from"], before["quiet_to"], before["urgent_any_time"]) == ("22:00", "07:00", False)
    # the one rule is for handlers: a resident need not choose about it
    assert before["choosable"] == []
    theirs = client_of(city.user("handler")).get(CHOICES).json()["choosable"]
    assert [row["name"] for row in theirs] == ["case", "rule:one"]
    given = {"language": "en", "quiet_from": None, "quiet_to": None, "urgent_any_time": True,
             "choices": {"case": "phone"}}  # fmt: skip
    answer = client.put(CHOICES, given)
    assert answer.status_code == 200 and answer.json()["choices"] == {"case": "phone"}
    assert client.get(CHOICES).json()["language"] == "en"
    # and what cannot be meant is refused by name and changes nothing
    for wrong in ({"choices": {"x": "off"}}, {"choices": {"case": "loud"}}, {"quiet_from": "21:00"}):
        assert client.put(CHOICES, given | wrong).status_code == 400, wrong
    assert NoticePreference.objects.get().choices == {"case": "phone"}
