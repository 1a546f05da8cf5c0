"""What is found, by whom, through the API and the admin."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from governance.errors import Invalid
from governance.models import User
from governance.search.finder import EACH, find

SEARCH = "/api/v1/search/"
STAFF = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff",
]  # fmt: skip
KEEPERS = ("administrator", "community_staff")


def hits(query: str, user, *kinds) -> dict[str, list[str]]:
    """Return the keys found, by kind."""
    return {section.kind: [row.key for row in section.results] for section in find(query, user=user, only=kinds)}


def test_a_case_is_found_by_words_in_any_order_and_by_its_number(city):
    # given one case among others
    wanted = city.report(description="临江大道护栏破损，夜里看不清", address="临江大道205号")
    for _ in range(3):
        city.report()
    person = city.user("dispatcher")
    # then words of two characters, several words, the address, the number and its beginning find it
    for query in ("护栏", "夜里 护栏", "大道205", wanted.number, wanted.number.lower()):
        assert hits(query, person, "case") == {"case": [wanted.number]}, query
    assert len(hits(wanted.number[:9], person, "case")["case"]) == 4
    # and what no text holds finds nothing
    assert hits("护栏 井盖", person, "case") == {}


def test_signs_of_patterns_are_only_signs(city):
    percent = city.report(description="停车费涨了100%还不公示")
    city.report(description="停车费涨了1000元")
    person = city.user("dispatcher")
    assert hits("100%", person, "case") == {"case": [percent.number]}
    assert hits("1__0", person, "case") == {}
    assert hits("'; DROP", person) == {}


def test_newest_first_and_more_is_said(city):
    numbers = [city.report(description="路灯不亮").number for _ in range(EACH + 2)]
    [section] = find("路灯", user=city.user("dispatcher"), only=["case"])
    assert [row.key for row in section.results] == numbers[::-1][:EACH]
    assert section.more


@pytest.mark.parametrize("role", STAFF)
def test_everybody_finds_the_cases_they_may_see_and_no_others(city, role):
    # given a case led by the municipal department, supervised by urban management, in the first street
    case = city.open(description="罕见词汇的案件")
    assert hits("罕见词汇", city.user(role), "case") == {"case": [case.number]}
    assert hits("罕见词汇", city.outsider(role), "case") == {}
    assert hits(case.number, city.outsider(role), "case") == {}


@pytest.mark.parametrize("role", STAFF)
def test_a_case_is_found_by_the_reporter_s_phone_only_by_those_who_may_read_it(city, role):
    case = city.open(reporter_phone="+99900001234", reporter_name="王女士")
    reads = role not in ("administrator", "supervisor")
    expected = {"case": [case.number]} if reads else {}
    assert hits("+999 0000 1234", city.user(role), "case") == expected
    assert hits("+99900001234", city.outsider(role), "case") == {}


@pytest.mark.parametrize("role", STAFF)
def test_owners_and_residents_are_found_by_those_who_keep_the_registry(found, role):
    # given an owner and a resident whose names are masked for grid workers and hidden from others
    seen = role in KEEPERS
    person, outsider = found.city.user(role), found.city.outsider(role)
    for query in ("欧阳", "阳明远", "+99900000777"):
        assert hits(query, person, "owner") == ({"owner": [str(found.owner.pk)]} if seen else {})
        assert hits(query, outsider, "owner") == {}
    for query in ("上官", "+99900000778"):
        assert hits(query, person, "resident") == ({"resident": [str(found.residency.pk)]} if seen else {})
        assert hits(query, outsider, "resident") == {}


@pytest.mark.parametrize("role", STAFF)
def test_accounts_are_found_by_administrators_of_their_area(city, role):
    someone = city.user("grid_worker")
    User.objects.filter(pk=someone.pk).update(name="诸葛巡", phone="+99900000555")
    expected = {"person": [someone.username]} if role == "administrator" else {}
    for query in ("诸葛", "+99900000555"):
        assert hits(query, city.user(role), "person") == expected
        assert hits(query, city.outsider(role), "person") == {}


@pytest.mark.parametrize("query", ["桂子苑 3栋 2单元 501", "桂子苑3栋2单元501室", "桂子苑 501", "GZY-3-2", "桂子 3栋"])
def test_a_dwelling_is_found_by_its_address_as_people_write_it(found, query):
    assert hits(query, found.city.user("grid_worker"), "dwelling") == {"dwelling": ["GZY-3-2-501"]}
    assert hits(query, found.city.outsider("grid_worker"), "dwelling") == {}


def test_places_and_units_are_found_by_name(found):
    person = found.city.user("community_staff")
    assert hits("桂子", person) == {"estate": ["GZY"]}
    assert hits(found.city.grid.code, person, "area") == {"area": [found.city.grid.code]}
    assert found.city.municipal.code in hits(found.city.municipal.name, person, "unit")["unit"]


@pytest.mark.parametrize(
    ("query", "kinds", "field"),
    [
        ("", [], "q"),
        ("井", [], "q"),
        ("  井  ", [], "q"),
        ("井" * 61, [], "q"),
        ("a\x00b", [], "q"),
        ("井盖", ["x"], "kind"),
    ],
)
def test_what_cannot_be_searched_for_is_named(city, query, kinds, field):
    with pytest.raises(Invalid) as refused:
        find(query, user=city.user("dispatcher"), only=kinds)
    assert refused.value.field == field


def test_the_api_answers_by_kind_and_names_what_is_wrong(city):
    case = city.report(description="护栏破损")
    client = APIClient()
    client.force_login(city.user("dispatcher"))
    [section] = client.get(SEARCH, {"q": "护栏"}).json()
    assert section["kind"] == "case" and section["more"] is False
    [row] = section["results"]
    assert row["key"] == case.number and row["url"] == reverse("admin:cases_case_change", args=[case.pk])
    answer = client.get(SEARCH, {"q": "井"})
    assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == "q"


def test_the_api_is_for_people_who_work_here(city):
    city.report(description="护栏破损")
    client = APIClient()
    assert client.get(SEARCH, {"q": "护栏"}).status_code == 401
    client.force_login(city.user("resident"))
    assert client.get(SEARCH, {"q": "护栏"}).status_code == 403


def test_the_page_shows_what_was_found_and_escapes_it(city):
    case = city.report(description="<b>护栏</b>破损")
    client = Client()
    client.force_login(city.user("dispatcher"))
    page = client.get(reverse("admin:find"), {"q": "护栏"}).content.decode()
    assert case.number in page and "<b>护栏" not in page
    assert client.get(reverse("admin:find"), {"q": "井"}).status_code == 400
    assert client.get(reverse("admin:find")).status_code == 200
    stranger = Client()
    stranger.force_login(city.user("resident"))
    assert stranger.get(reverse("admin:find"), {"q": "护栏"}).status_code == 302


def test_statements_do_not_grow_with_what_is_found(city):
    def statements():
        with CaptureQueriesContext(connection) as counted:
            find("路灯", user=city.user("dispatcher"), only=["case"])
        return len(counted)

    city.report(description="路灯不亮")
    statements()  # the person's roles are read once
    few = statements()
    for _ in range(EACH):
        city.report(description="路灯不亮")
    assert statements() == few <= 3
