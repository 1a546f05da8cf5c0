"""Hot spots and signals through the admin and the API: who may, what they find, and what wrong questions are told."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.admin.hotspot_page import cases_of_signal
from cases.hotspots import takers
from cases.hotspots.cells import FINEST, cell_at, larger, name_of
from cases.hotspots.counting import count_changes
from cases.hotspots.querysets import COUNTED_FOR
from cases.hotspots.tests.city import TODAY, many
from cases.models import Case, HotSpotRule, HotSpotSignal
from cases.tests.api import client_of
from governance.events import registered
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import steps_of

pytestmark = pytest.mark.django_db
MAP = "/admin/cases/daytally/"
API = "/api/v1/hotspots/"
SIGNALS = "/api/v1/hotspot-signals/"
ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff", "resident",
]  # fmt: skip
# By hand: who sees figures, who sees signals, who decides about them.
FIGURES = {"administrator", "operations_centre", "registrar", "dispatcher", "grid_worker", "community_staff"}
SEES = {"administrator", "operations_centre", "dispatcher"}
MAY = dict.fromkeys(("open_case", "make_need", "dismiss"), {"operations_centre", "dispatcher"})
SPOT = (112.9052, 28.2051)
CELL = name_of(larger(cell_at(*SPOT), FINEST))
GIVEN = {"reason": "节庆活动，已知"}
ANSWERS = ["", "areas/", "types/", "repeats/", "trend/"]


@pytest.fixture(autouse=True)
def _taken(monkeypatch):
    """Somebody takes signals up: what the app above does with them is tried there."""
    monkeypatch.setattr(takers, "_taken", [takers.Taker(lambda signal, **given: None, lambda signal: None)])


@pytest.fixture
def busy(city):
    """Five cases at one spot, two elsewhere, all of today; one without coordinates."""
    many(city, *[SPOT] * 5, None, address="中山路 1 号")
    many(city, (112.9252, 28.2051), (112.9253, 28.2052), area=city.other_grid)
    count_changes()
    return city


def a_signal(city, area="grid", **given) -> HotSpotSignal:
    rule, _made = HotSpotRule.objects.get_or_create(code="w", defaults={"name": "全市", "area": city.city})
    given = {
        "rule": rule, "area": getattr(city, area), "category": city.category, "cells": [CELL], "longitude": SPOT[0],
        "latitude": SPOT[1], "first_day": TODAY, "last_day": TODAY, "observed": 5, "expected": 0.4, "p_value": 0.001,
        "recurrence_days": 1000, "last_seen": TODAY,
    } | given  # fmt: skip
    return HotSpotSignal.objects.create(**given)


def asked(user, rest="", **params):
    return client_of(user).get(API + rest, {"last": TODAY.isoformat()} | params)


def page(signal, rest="change/") -> str:
    return f"/admin/cases/hotspotsignal/{signal.pk}/{rest}"


def test_steps_are_complete_and_lists_agree_with_single_signals(city):
    assert_steps_are_complete(HotSpotSignal)
    assert {step.event for step in steps_of(HotSpotSignal).values()} <= set(registered())
    assert set(MAY) == set(steps_of(HotSpotSignal)) and set(COUNTED_FOR) == FIGURES
    a_signal(city)
    a_signal(city, area="other_grid")
    a_signal(city, area="city")
    assert_relation_forms_agree(HotSpotSignal.objects, city.people.values())


def test_who_sees_figures_and_of_where(busy):
    for role in ROLES:
        for user, mine in ((busy.user(role), True), (busy.outsider(role), False)):
            answers = {rest: asked(user, rest) for rest in ANSWERS}
            shown = client_of(user).get(MAP, {"last": TODAY.isoformat()})
            if role not in FIGURES:
                assert {answer.status_code for answer in answers.values()} == {403}, role
                assert shown.status_code == (403 if role != "resident" else 302)
                continue
            assert {answer.status_code for answer in answers.values()} == {200}, role
            cells = {row["cell"]: row["counted"]["cases"] for row in answers[""].json()["results"]}
            everything = role in ("administrator", "operations_centre", "registrar", "dispatcher")
            wanted = 8 if mine and everything else 6 if mine else 2
            assert answers[""].json()["sums"]["cases"] == wanted, (role, mine)
            assert (CELL in cells) == mine
            assert sum(row["cases"] for row in answers["trend/"].json()["results"]) == wanted
            assert sum(row["counted"]["cases"] for row in answers["areas/"].json()["results"]) == wanted
            assert shown.status_code == 200 and shown.context["sums"]["counted"].cases == wanted
    # an area of others is refused, one of one's own narrows
    assert asked(busy.outsider("dispatcher"), area=busy.grid.code).status_code == 403
    assert asked(busy.user("dispatcher"), area=busy.grid.code).json()["sums"]["cases"] == 6


def test_answers_say_what_they_counted(busy):
    told = asked(busy.user("dispatcher"), days=7, category="0101").json()
    assert (told["first"], told["last"]) == ((TODAY - timedelta(days=6)).isoformat(), TODAY.isoformat())
    assert (told["areas"], told["category"], told["unplaced"], told["places"]) == (["990100"], "0101", 1, 2)
    first = told["results"][0]
    assert first["cell"] == CELL and first["outline"][0] == first["outline"][-1] and first["area"] == busy.grid.code
    assert first["counted"] == {
        "cases": 5, "reports": 5, "before": 0, "per_day": 0.71, "ratio": None, "p_value": 0.0625, "changed": 0,
    }  # fmt: skip
    kinds = asked(busy.user("dispatcher"), "types/").json()["results"]
    assert [(row["category"], row["parent"], row["share"]) for row in kinds] == [("0101", "01", 100.0)]
    (place,) = asked(busy.user("dispatcher"), "repeats/").json()["results"]
    assert (place["cases"], place["categories"], len(place["cells"])) == (5, ["0101"], 1)
    assert asked(busy.user("dispatcher"), "repeats/", least=6).json()["results"] == []
    assert len(asked(busy.user("dispatcher"), "trend/", days=200).json()["results"]) in (27, 28)
    assert asked(busy.user("dispatcher"), "areas/", kind="street").json()["places"] == 2
    assert asked(busy.user("dispatcher"), resolution=8, limit=1).json()["places"] == 2


@pytest.mark.parametrize(
    ("rest", "params", "attr"),
    [
        ("", {"days": 0}, "days"), ("", {"days": 367}, "days"), ("", {"days": "x"}, "days"),
        ("", {"last": "2026-02-30"}, "last"), ("", {"last": "2999-01-01"}, "last"),
        ("", {"last": "1999-12-31"}, "last"),
        ("", {"category": "nix"}, "category"), ("", {"area": "990199"}, "area"), ("", {"area": "x"}, "area"),
        ("", {"resolution": 10}, "resolution"), ("", {"limit": 601}, "limit"), ("areas/", {"kind": "x"}, "kind"),
        ("repeats/", {"days": 93}, "days"), ("repeats/", {"least": 1}, "least"),
        ("types/", {"classes": "?"}, "classes"),
    ],
)  # fmt: skip
def test_wrong_questions_are_named(busy, rest, params, attr):
    answer = asked(busy.user("dispatcher"), rest, **params)
    assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == attr, answer.content


@pytest.mark.parametrize(
    ("params", "field"),
    [({"days": "5"}, "days"), ({"last": "x"}, "last"), ({"last": "2999-01-01"}, "last"), ({"by": "6"}, "by"),
     ({"category": "99999999"}, "category"), ({"area": "x"}, "area"), ({"last": "1900-01-01"}, "last")],
)  # fmt: skip
def test_the_page_says_which_filter_is_wrong(busy, params, field):
    answer = client_of(busy.user("dispatcher")).get(MAP, params)
    assert answer.status_code == 400 and field in answer.context["form"].errors
    assert "jc-field-error" in answer.content.decode() and "sums" not in answer.context


def listed(user, url) -> set[int]:
    """The cases a link leads to."""
    response = client_of(user).get(url)
    assert response.status_code == 200, url
    return set(response.context["cl"].queryset.values_list("pk", flat=True))


def test_every_figure_leads_to_its_cases(busy):
    user = busy.user("dispatcher")
    Case.objects.filter(pk=Case.objects.order_by("pk").first().pk).update(state="cancelled")
    count_changes()
    for by in ("9", "8", "7", "area"):
        context = client_of(user).get(MAP, {"last": TODAY.isoformat(), "by": by, "days": 7}).context
        for row in [context["sums"], *context["rows"], *context["types"]]:
            assert len(listed(user, row["url"])) == row["counted"].cases, row
            assert len(listed(user, row["before_url"])) == row["counted"].before
        if by != "area":
            assert len(listed(user, context["sums"]["unplaced_url"])) == context["sums"]["unplaced"] == 1
        assert len(listed(user, context["sums"]["reports_url"])) == context["sums"]["counted"].reports
        for row in context["repeats"]:
            assert len(listed(user, row["url"])) == row["place"].cases
        for shape in context["map_data"]["shapes"]:
            assert listed(user, shape["url"])
    # also where the list of choices ends above the grids, and for a signal
    signal = a_signal(busy)
    assert len(listed(user, cases_of_signal(signal))) == 4
    # and nonsense shows nothing
    address = reverse("admin:cases_case_changelist")
    for query in (
        "at=x",
        "at=-99999999999999999999",
        "at=8928308280fffff,x",
        "counted=x",
        "area=x",
        "at=" + "a," * 300,
    ):
        assert listed(user, f"{address}?{query}") == set(), query


def test_cases_are_listed_by_cell_through_the_api(busy):
    client = client_of(busy.user("dispatcher"))
    found = client.get("/api/v1/cases/", {"cell": CELL, "counted": "cases"}).json()["results"]
    assert len(found) == 5
    for params, attr in (({"cell": "x"}, "cell"), ({"counted": "x"}, "counted")):
        answer = client.get("/api/v1/cases/", params)
        assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == attr


@pytest.mark.parametrize("name", list(MAY))
def test_each_transition_by_each_role_through_both_doors(busy, name):
    signal = a_signal(busy)
    for role in ROLES:
        for user, mine in ((busy.user(role), True), (busy.outsider(role), False)):
            if role in MAY[name] and mine:
                continue
            before = snapshot(signal), Case.objects.count()
            answer = client_of(user).post(f"{SIGNALS}{signal.pk}/transitions/{name}/", GIVEN)
            assert answer.status_code == (403 if mine and role in SEES else 404), (role, mine, answer.content)
            for form in (
                client_of(user).get(page(signal, f"transition/{name}/")),
                client_of(user).post(page(signal, f"transition/{name}/"), GIVEN, format="multipart"),
            ):
                assert form.status_code in (302, 403, 404), (role, mine)
            assert (snapshot(signal), Case.objects.count()) == before
    for role in sorted(MAY[name]):
        by_api, by_admin = a_signal(busy), a_signal(busy)
        answer = client_of(busy.user(role)).post(f"{SIGNALS}{by_api.pk}/transitions/{name}/", GIVEN)
        assert answer.status_code == 200, answer.content
        assert answer.json()["state"] == steps_of(HotSpotSignal)[name].target and answer.json()["transitions"] == []
        sent = client_of(busy.user(role)).post(page(by_admin, f"transition/{name}/"), GIVEN, format="multipart")
        assert sent.status_code == 302
        assert HotSpotSignal.objects.get(pk=by_admin.pk).state == steps_of(HotSpotSignal)[name].target
    assert Case.objects.exclude(origin={}).count() == (4 if name == "open_case" else 0)


def test_the_words_of_a_proactive_case_may_be_ones_own(busy):
    signal = a_signal(busy)
    form = client_of(busy.user("dispatcher")).get(page(signal, "transition/open_case/"))
    assert "热点" in form.content.decode()
    body = {"description": "请市政牵头排查", "version": signal.version}
    answer = client_of(busy.user("dispatcher")).post(f"{SIGNALS}{signal.pk}/transitions/open_case/", body)
    case = Case.objects.get(number=answer.json()["case"])
    assert case.description == "请市政牵头排查" and case.reported_at is not None
    page_shown = client_of(busy.user("administrator")).get(page(signal)).content.decode()
    assert case.number in page_shown
    late = client_of(busy.user("dispatcher")).post(f"{SIGNALS}{signal.pk}/transitions/dismiss/", GIVEN)
    assert late.status_code == 409


def test_lists_of_signals_stop_at_the_area_and_can_be_filtered(busy):
    here, there = a_signal(busy), a_signal(busy, area="other_grid", category=None)
    for role in ROLES:
        answer = client_of(busy.user(role)).get(SIGNALS)
        assert answer.status_code == (200 if role in SEES else 403)
        if role in SEES:
            assert [row["id"] for row in answer.json()["results"]] == [there.pk, here.pk]
            outside = client_of(busy.outsider(role))
            assert [row["id"] for row in outside.get(SIGNALS).json()["results"]] == [there.pk]
            assert outside.get(f"{SIGNALS}{here.pk}/").status_code == 404
            assert outside.get(page(here)).status_code == 404
    client = client_of(busy.user("dispatcher"))
    for params, wanted in (
        ({"area": busy.grid.code}, [here.pk]), ({"state": "opened"}, []), ({"category": "0101"}, [here.pk]),
        ({"rule": "w"}, [there.pk, here.pk]),
    ):  # fmt: skip
        assert [row["id"] for row in client.get(SIGNALS, params).json()["results"]] == wanted
    for params in ({"state": "x"}, {"rule": "x"}, {"area": "x"}):
        assert client.get(SIGNALS, params).json()["errors"][0]["attr"] == next(iter(params))
    # the first page of who decides names them, that of others does not
    for role in ("dispatcher", "operations_centre", "administrator"):
        html = client_of(busy.user(role)).get("/admin/").content.decode()
        assert (page(here) in html) == (role != "administrator")


def test_statements_do_not_grow_with_rows(busy):
    dispatcher = client_of(busy.user("dispatcher"))
    admin_list = reverse("admin:cases_hotspotsignal_changelist")

    def statements():
        found = {}
        for url in (SIGNALS, admin_list, f"{MAP}?last={TODAY}", f"{MAP}?last={TODAY}&by=area", f"{API}?last={TODAY}"):
            with CaptureQueriesContext(connection) as caught:
                assert dispatcher.get(url).status_code == 200
            found[url] = len(caught)
        return found

    a_signal(busy)
    statements()
    few = statements()
    for number in range(6):
        a_signal(busy, area="other_grid")
        many(busy, *[(112.901 + number / 900, 28.203)] * 4)
    count_changes()
    assert statements() == few
    assert few[SIGNALS] <= 6 and few[f"{API}?last={TODAY}"] <= 7 and few[f"{MAP}?last={TODAY}"] <= 23, few


def test_watches_are_kept_by_administrators(city):
    rule = HotSpotRule.objects.create(code="w", name="全市", area=city.city)
    address = f"/admin/cases/hotspotrule/{rule.pk}/change/"
    for role in ROLES:
        seen = client_of(city.user(role)).get(address).status_code
        assert seen == (200 if role in SEES else 302 if role == "resident" else 403), role
    body = {"name": "全市热点", "area": city.city.pk, "watched": "all", "resolution": 8, "rings": 1, "longest_days": 5,
            "baseline_days": 60, "recurrence_days": 365, "least_cases": 4, "is_active": "on"}  # fmt: skip
    client_of(city.user("dispatcher")).post(address, body, format="multipart")
    assert HotSpotRule.objects.get().name == "全市"
    client_of(city.user("administrator")).post(address, body, format="multipart")
    assert HotSpotRule.objects.get().name == "全市热点"
    html = client_of(city.user("administrator")).get("/admin/cases/hotspotrule/").content.decode()
    assert "0.1" in html  # one series, once in 365 days: less than one false alarm in 30 days
