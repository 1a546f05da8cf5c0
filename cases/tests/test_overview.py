"""The operations centre: every figure against the list it leads to, as each person may see it."""

from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case, CaseCategory
from cases.overview.overview import Where, overview_of
from cases.tests.api import client_of, in_state
from cases.tests.rules import a_scene
from governance.clock import SHANGHAI

pytestmark = pytest.mark.django_db
PAGE, API = "/admin/cases/case/overview/", "/api/v1/overview/"
VIEWS = ["operations_centre", "handler", "supervisor", "grid_worker"]  # the city, two units, a grid
# Some days ahead: the people of the city are appointed from today on.
NOON = datetime.combine(timezone.localdate() + timedelta(days=12), time(12, 30), SHANGHAI)


@pytest.fixture
def busy(city):
    """Days of cases in both streets, in many states, some late, some closed after what was promised; now is noon."""
    roads = CaseCategory.objects.create(scheme="test", scheme_version="1", code="02", name="道路", kind="event")
    with time_machine.travel(NOON - timedelta(days=9), tick=True):
        in_state(city, "closed")
    with time_machine.travel(NOON - timedelta(days=2), tick=True):
        kept = in_state(city, "closed")
        broken = in_state(city, "closed")
        Case.objects.filter(pk=broken.pk).update(promised_at=kept.reported_at - timedelta(hours=1))
        city.open()  # late by now
        city.open(category=roads, standard=None)
    with time_machine.travel(NOON - timedelta(hours=1), tick=True):
        in_state(city, "closed")
        for state in ("reported", "handling", "submitted", "rejected", "cancelled", "returned"):
            in_state(city, state)
        city.open(area=city.other_grid)
        city.report(longitude=city.other_point[0], category=roads)
    a_scene(city, "covers", categories=[city.category.parent], units=[city.urban])
    a_scene(city, "roads", categories=[roads], position=2)
    with time_machine.travel(NOON, tick=False):
        yield city


def all_figures(told: dict) -> list[dict]:
    groups = [told, *told["scenes"], *told["areas"]]
    return [figure for group in groups for figure in group["figures"]] + told["states"]


def listed(client, address: str) -> int:
    return len(client.get(f"{address}{'&' if '?' in address else '?'}page_size=200").json()["results"])


@pytest.mark.parametrize("role", VIEWS)
def test_each_figure_counts_what_its_list_shows_to_this_person(busy, role):
    client = client_of(busy.user(role))
    told = client.get(API).json()
    counted = {figure["cases"]: figure["count"] for figure in all_figures(told)}
    for address, count in counted.items():
        assert listed(client, address) == count, address
    if role in ("operations_centre", "handler"):  # the list for people says the same; one wide and one narrow view
        for figure in {figure["key"]: figure for figure in all_figures(told)}.values():  # one of each kind
            html = client.get(figure["page"])
            assert html.context["cl"].result_count == figure["count"], figure["page"]


def test_figures_by_hand(busy):
    told = client_of(busy.user("operations_centre")).get(API).json()
    figures = {figure["key"]: figure for figure in told["figures"]}
    late = sum(case.overdue for case in Case.objects.open())
    assert late and {key: figure["count"] for key, figure in figures.items()} == {
        "open": 8, "overdue": late, "reported": 9, "closed": 1, "kept": 2, "broken": 1,
    }  # fmt: skip
    assert (figures["kept"]["of"], figures["kept"]["share"], figures["overdue"]["urgent"]) == (3, 67, True)
    scenes = {row["code"]: {figure["key"]: figure["count"] for figure in row["figures"]} for row in told["scenes"]}
    assert scenes["roads"]["open"] == 2 and scenes["covers"]["kept"] == 2
    assert [row["code"] for row in told["areas"]] == [busy.street.code, busy.other_street.code], "worst first"
    hours = {row["at"]: (row["reported"], row["closed"]) for row in told["hours"]}
    assert len(hours) == 24 and list(hours) == sorted(hours)
    assert hours[f"{NOON:%Y-%m-%d}T11:00:00+08:00"] == (9, 1)
    assert len(told["recent"]) == 10 and told["focus"] == busy.city.code
    assert {mark["tone"] for mark in told["map"]} <= {"red", "amber", "blue", "grey"}
    assert len(told["map"]) == Case.objects.open().filter(longitude__isnull=False).count()


def test_a_scene_and_an_area_narrow_everything(busy):
    client = client_of(busy.user("operations_centre"))
    told = client.get(f"{API}?scene=covers&area={busy.other_street.code}").json()
    assert {row["code"] for row in told["scenes"]} == {"covers"}
    assert {figure["key"]: figure["count"] for figure in told["figures"]}["open"] == 1
    assert [row["code"] for row in told["areas"]] == [busy.other_community.code]
    for figure in all_figures(told):
        assert listed(client, figure["cases"]) == figure["count"], figure["cases"]
    for name in ("scene", "area"):
        wrong = client.get(f"{API}?{name}=nothing")
        assert wrong.status_code == 400 and wrong.json()["errors"][0]["attr"] == name
        assert client.get(f"{PAGE}?{name}=nothing").status_code == 400


def test_people_of_elsewhere_see_their_own_part(busy):
    inside = overview_of(busy.user("community_staff"), Where())
    outside = overview_of(busy.outsider("community_staff"), Where())
    assert (inside.focus, outside.focus) == (busy.community, busy.other_community)
    assert (inside.figures[0].count, outside.figures[0].count) == (6, 2)
    numbers = {case.number for case in Case.objects.under(busy.street)}
    html = client_of(busy.outsider("operations_centre")).get(PAGE).content.decode()
    assert not any(number in html for number in numbers)


def test_the_page_shows_it_and_an_open_page_gets_only_what_changes(busy):
    client = client_of(busy.user("administrator"))
    html = client.get(PAGE).content.decode()
    for part in ('id="jc-overview"', 'id="jc-trend"', 'id="jc-map"', "场景covers", "governance/admin-live.js"):
        assert part in html, part
    part = client.get(PAGE, headers={"X-Jiceng-Refresh": "1"}).content.decode()
    assert 'id="jc-overview"' in part and 'id="jc-overview-data"' in part and "<body" not in part
    assert "admin/cases/case/overview/" in client.get("/admin/").content.decode(), "the side bar leads there"
    assert client_of(busy.user("resident")).get(PAGE).status_code == 302
    addresses = {urlsplit(figure["page"]).path for figure in all_figures(client.get(API).json())}
    assert addresses == {"/admin/cases/case/"}


@pytest.mark.parametrize("address", [PAGE, API])
def test_it_needs_the_same_statements_for_any_number_of_cases(busy, address):
    client = client_of(busy.user("handler"))
    client.get(address)

    def statements() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(address).status_code == 200
        return len(counted)

    few = statements()
    for _number in range(4):
        busy.open()
        in_state(busy, "closed")
    assert statements() == few <= 20
