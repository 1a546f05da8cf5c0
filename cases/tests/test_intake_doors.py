"""Doors of named sources: who gets in with which key, what staff see and do in the API and the admin."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.intake.health import health_of, hours_of
from cases.intake.keys import key_issue, key_revoke
from cases.intake.receiving import messages_take
from cases.models import Case, DeadLetter, IntakeSource, SourceHour, SourceKey
from cases.tests.api import client_of
from cases.tests.sources import MAPPING, key_of, make_source, post, said
from governance.errors import NotPermitted
from governance.models import Event, User
from governance.testing import assert_relation_forms_agree, snapshot

ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff", "resident",
]  # fmt: skip
SEES = {"administrator", "operations_centre", "registrar", "dispatcher", "handler"}
MENDS = {"administrator", "operations_centre"}
SOURCES, LETTERS = "/api/v1/intake-sources/", "/api/v1/dead-letters/"


@pytest.fixture
def source(city):
    return make_source(city)


def staff(user) -> Client:
    """Return a browser in which ``user`` is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def letter(source):
    messages_take(source, [said(caller="12")])
    return DeadLetter.objects.get()


def test_messages_come_in_with_the_key_and_are_answered_one_by_one(source):
    key = key_of(source)
    answer = post({"messages": [said(), said("GD-2", caller="12"), said()]}, key)
    assert answer.status_code == 202
    case, letter = Case.objects.get(), DeadLetter.objects.get()
    first, second, third = answer.json()["results"]
    assert first == {"status": "created", "external_id": "GD-1", "case": case.number, "errors": []}
    assert (second["status"], second["case"], second["external_id"]) == ("rejected", None, "GD-2")
    assert second["errors"] == letter.errors
    assert (third["status"], third["case"]) == ("repeated", case.number)
    # and one message alone is answered alike
    assert post(said(), key).json()["results"][0]["status"] == "repeated"


def test_what_is_wrong_is_kept_in_the_language_of_the_city(source):
    answer = client_of().post(
        "/api/v1/intake/municipal-app/", json.dumps(said(place={"street": "新区"})), content_type="application/json",
        headers={"Authorization": f"Source {key_of(source)}", "Accept-Language": "en"},
    )  # fmt: skip
    assert answer.json()["results"][0]["status"] == "rejected"
    assert "“新区”" in DeadLetter.objects.get().errors[0]["detail"]
    assert "mapping" not in DeadLetter.objects.get().errors[0]["detail"]


def test_a_body_that_is_no_list_of_messages_is_refused_whole(source):
    key = key_of(source)
    for body, code in [
        ([said()], "required"), ({"messages": {}}, "not_a_list"), ({"messages": []}, "max_length"),
        ({"messages": [said()] * 101}, "max_length"), ({"messages": [{"x": "y" * 70_000}]}, "max_length"),
        ("{", "parse_error"),
    ]:  # fmt: skip
        answer = post(body, key)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)
    assert not Case.objects.exists() and not DeadLetter.objects.exists() and not SourceHour.objects.exists()


def test_without_its_key_nobody_gets_in(source, city):
    other, in_use = make_source(city, code="other"), key_of(source)
    key, secret = key_issue(source, actor=city.user("administrator"))
    key_revoke(key, actor=city.user("administrator"))
    for given, status in [(None, 401), ("wrong", 401), (secret, 401), (key_of(other), 403)]:
        assert post(said(), given).status_code == status
    IntakeSource.objects.filter(pk=source.pk).update(is_active=False)
    assert post(said(), in_use).status_code == 401
    # and a person's session is no key
    answer = client_of(city.user("administrator")).post(f"/api/v1/intake/{source.code}/", said(), format="json")
    assert answer.status_code in (401, 403)
    assert not Case.objects.exists() and not DeadLetter.objects.exists()


def test_a_key_is_kept_as_its_hash_alone_and_made_by_administrators_only(source, city):
    _key, secret = key_issue(source, actor=city.user("administrator"))
    assert secret not in str(SourceKey.objects.values()) and secret not in str(Event.objects.values())
    for role in ROLES[1:]:
        with pytest.raises(NotPermitted):
            key_issue(source, actor=city.user(role))
    with pytest.raises(NotPermitted):
        key_issue(source, actor=city.outsider("administrator"))
    assert SourceKey.objects.count() == 1


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_sources_and_letters_in_the_api(city, source, letter, role):
    client = client_of(city.user(role))
    assert client.get(SOURCES).status_code == (200 if role in SEES or role == "supervisor" else 403)
    assert client.get(f"{SOURCES}{source.code}/").status_code == (
        200 if role in SEES else 404 if role == "supervisor" else 403
    )
    assert client.get(LETTERS).status_code == (200 if role in MENDS else 403)
    assert client.get(f"{LETTERS}{letter.pk}/").status_code == (200 if role in MENDS else 403)


def test_outsiders_see_nothing(city, source, letter):
    for role in ("administrator", "operations_centre"):
        client = client_of(city.outsider(role))
        assert client.get(SOURCES).json()["results"] == [] and client.get(LETTERS).json()["results"] == []
        assert client.post(f"{LETTERS}{letter.pk}/transitions/replay/", {}, format="json").status_code == 404
    users = [*city.people.values(), User.objects.system("intake")]
    assert_relation_forms_agree(IntakeSource.objects, users)
    assert_relation_forms_agree(DeadLetter.objects.select_related("source__area"), users)


def test_a_source_tells_its_health(city, source, letter):
    body = client_of(city.user("registrar")).get(f"{SOURCES}{source.code}/").json()
    assert (body["unit"], body["area"], body["kind_label"]) == ("municipal", "990100", "部门")
    assert body["health"] | {"last_at": None} == {
        "last_at": None, "hour": 1, "day": 1, "rejected_share": 1.0, "waiting": 1, "silent": False,
    }  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_letters_are_mended_in_the_api(city, source, letter, role):
    # when somebody corrects and replays at once
    client, before = client_of(city.user(role)), snapshot(letter)
    said_now = {"description": "井盖倾斜", "reporter_phone": "13800001234", "replay_now": True}
    answer = client.post(f"{LETTERS}{letter.pk}/transitions/correct/", said_now, format="json")
    if role not in MENDS:
        assert answer.status_code in (403, 404)
        assert client.post(f"{SOURCES}{source.code}/replay/").status_code in (403, 404)
        assert snapshot(letter) == before
        return
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["state"], answer.json()["case"]) == ("replayed", Case.objects.get().number)
    assert answer.json()["message"]["caller"] == "12"
    assert client.post(f"{SOURCES}{source.code}/replay/").json() == {"replayed": 0, "rejected": 0, "left": False}


def test_lists_ask_the_same_however_many_rows(city, source, letter):
    def asked(address, role):
        client = client_of(city.user(role))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    pages = [
        (SOURCES, "administrator"), (LETTERS, "operations_centre"),
        (reverse("admin:cases_intakesource_changelist"), "administrator"),
        (reverse("admin:cases_deadletter_changelist"), "operations_centre"),
    ]  # fmt: skip
    before = [asked(*page) for page in pages]
    for number in range(3):
        other = make_source(city, code=f"more-{number}", unit=city.water)
        messages_take(other, [said(caller="12"), said("GD-2", caller="13")])
    assert [asked(*page) for page in pages] == before


@pytest.mark.parametrize("role", ROLES[:-1])
def test_who_opens_the_admin_pages(city, source, letter, role):
    client = client_of(city.user(role))
    one = 200 if role in SEES else 404 if role == "supervisor" else 403
    pages = {
        reverse("admin:cases_intakesource_changelist"): 200 if role in SEES or role == "supervisor" else 403,
        reverse("admin:cases_intakesource_change", args=[source.pk]): one,
        reverse("admin:cases_deadletter_changelist"): 200 if role in MENDS else 403,
        reverse("admin:cases_deadletter_change", args=[letter.pk]): 200 if role in MENDS else 403,
        reverse("admin:cases_deadletter_transition", args=[letter.pk, "correct"]): 200 if role in MENDS else 403,
    }
    assert {page: client.get(page).status_code for page in pages} == pages
    mapping = client.get(reverse("admin:cases_intakesource_mapping", args=[source.pk])).status_code
    assert mapping == (200 if role == "administrator" else 404 if one == 404 else 403)


def test_the_editor_tries_a_mapping_and_stores_nothing(city, source):
    client, before = staff(city.user("administrator")), snapshot(source)
    page = reverse("admin:cases_intakesource_mapping", args=[source.pk])
    form = client.get(page).context["form"]
    shown = {name: form[name].value() or "" for name in form.fields}
    tried = client.post(page, shown | {"try": "1", "sample": json.dumps(said())})
    assert tried.context["tried"].good
    assert city.municipal.name in tried.context["tried"].outcome
    wrong = client.post(page, shown | {"try": "1", "sample": json.dumps(said(caller="1")), "path_address": "没有"})
    assert not wrong.context["tried"].good
    assert client.post(page, shown | {"try": "1", "sample": "{"}).status_code == 400
    assert snapshot(source) == before
    assert not Case.objects.exists() and not DeadLetter.objects.exists() and not SourceHour.objects.exists()


def test_the_editor_saves_a_mapping_and_refuses_one_that_cannot_be_read(city, source):
    client = staff(city.user("administrator"))
    page = reverse("admin:cases_intakesource_mapping", args=[source.pk])
    form = client.get(page).context["form"]
    shown = {name: form[name].value() or "" for name in form.fields}
    for change in ({"path_area": "a..b"}, {"values_area": "no equals"}, {"time_zone": "Moon/Base"}):
        answer = client.post(page, shown | change | {"save": "1"})
        assert answer.status_code == 400 and list(answer.context["form"].errors) == list(change)
    source.refresh_from_db()
    assert source.mapping == MAPPING
    assert client.post(page, shown | {"save": "1", "values_area": "南街=990102002"}).status_code == 302
    source.refresh_from_db()
    assert source.mapping["fields"] == MAPPING["fields"] | {
        "area": {"path": "place.street", "values": {"南街": "990102002"}}
    }


def test_letters_are_mended_in_the_admin(city, source, letter):
    # given two letters
    messages_take(source, [said("GD-2", caller="13")])
    client = staff(city.user("operations_centre"))
    # when one is put right in its form, and the rest replayed from the page of the source
    form = {"description": "井盖倾斜", "reporter_phone": "", "external_id": "GD-1", "replay_now": "on", "version": 0}
    page = reverse("admin:cases_deadletter_transition", args=[letter.pk, "correct"])
    wrong = client.post(page, form | {"longitude": "500", "latitude": "28"})
    assert wrong.status_code == 400 and "longitude" in wrong.context["form"].errors
    assert client.post(page, form).status_code == 302
    assert client.post(reverse("admin:cases_intakesource_replay", args=[source.pk])).status_code == 302
    # then
    letter.refresh_from_db()
    assert letter.state == "replayed"
    assert DeadLetter.objects.waiting().get().external_id == "GD-2"


def test_keys_are_made_on_the_sources_page(city, source):
    client = staff(city.user("administrator"))
    answer = client.post(reverse("admin:cases_intakesource_key", args=[source.pk]), {"overlap": 0})
    secret = answer.context["secret"]
    assert f"Source {secret}" in answer.content.decode()
    assert post(said(), secret).status_code == 202
    key = SourceKey.objects.get()
    assert client.post(reverse("admin:cases_intakesource_revoke", args=[source.pk, key.pk])).status_code == 302
    assert post(said(), secret).status_code == 401


def test_the_figures_of_a_source_lead_to_the_hours_they_add_up(city, source, letter):
    # given a message taken and one that could not be
    messages_take(source, [said(id="7")])
    client, page = staff(city.user("administrator")), reverse("admin:cases_intakesource_change", args=[source.pk])
    # when the list and the page of the source are read
    listed = client.get(reverse("admin:cases_intakesource_changelist")).content.decode()
    shown = client.get(page).content.decode()
    # then its figures lead to the hours, which add up to them
    health, hours = health_of([source])[source.pk], hours_of(source)
    assert sum(row.accepted + row.repeated + row.rejected for row in hours) == health.day == 2
    figures = f"{health.hour} / {health.day}</a>"
    assert f'href="{page}#hours">{figures}' in listed and f'href="{page}#hours">50%</a>' in listed
    assert f'href="#hours">{figures}' in shown and 'id="hours"' in shown
