"""The case list and page of the admin: scope, filters, search, and statements that do not grow with rows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from cases.evidence import register_kind
from cases.models import Case, CaseCategory
from cases.services import evidence_add
from cases.tests.api import in_state
from governance.models import Event, User

LIST = "/admin/cases/case/"


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def numbers(user, **filters) -> set[str]:
    """Numbers in the list that ``user`` sees under some filters."""
    response = client_of(user).get(LIST, filters)
    assert response.status_code == 200, response
    return {case.number for case in response.context["cl"].result_list}


def statements(client, address) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_the_list_needs_the_same_statements_for_any_number_of_rows(city):
    # given two cases of different kinds
    city.open()
    city.report()
    client = client_of(city.user("operations_centre"))
    client.get(LIST)
    few = statements(client, LIST)
    # when there are many more
    for _ in range(12):
        city.open()
        city.report()
    # then the list asks the database no more often
    assert statements(client, LIST) == few
    assert few <= 12


def test_the_page_needs_the_same_statements_for_any_amount_of_history(city):
    case = city.open()
    client = client_of(city.user("operations_centre"))
    address = reverse("admin:cases_case_change", args=[case.pk])
    client.get(address)
    few = statements(client, address)
    for number in range(8):
        evidence_add(
            case, actor=User.objects.system("devices"), kind="alarm", data={"tilt": number}, happened_at=timezone.now()
        )
    assert statements(client, address) == few


def test_a_page_is_only_read(city):
    case = city.open()
    before = Event.objects.count(), Case.objects.get(pk=case.pk).version
    for address in (LIST, reverse("admin:cases_case_change", args=[case.pk]), "/admin/", "/admin/cases/case/add/"):
        assert client_of(city.user("operations_centre")).get(address).status_code == 200
    assert (Event.objects.count(), Case.objects.get(pk=case.pk).version) == before


def test_everybody_lists_what_they_may_see(city):
    # given a case in the first street, one in the second, and one dispatched to municipal
    here, there, led = city.report(), city.report(longitude=112.925, latitude=28.205), city.open()
    seen = {
        "administrator": {here, there, led}, "operations_centre": {here, there, led}, "registrar": {here, there, led},
        "dispatcher": {here, there, led}, "grid_worker": {here, led}, "community_staff": {here, led},
        "handler": {led}, "supervisor": {led}, "outside_grid_worker": {there}, "outside_registrar": {there},
        "outside_handler": set(), "outside_supervisor": set(),
    }  # fmt: skip
    for role, cases in seen.items():
        assert numbers(city.user(role)) == {case.number for case in cases}, role


def test_filters(city):
    centre = city.user("operations_centre")
    reported, led = city.report(), city.open()
    elsewhere = city.report(longitude=112.925, latitude=28.205, source="hotline", actor=centre)
    waiting = in_state(city, "accepted")
    Case.objects.filter(pk=led.pk).update(due_at=timezone.now() - timedelta(minutes=5))
    Case.objects.filter(pk=reported.pk).update(reported_at=timezone.now() - timedelta(days=40))
    day = timezone.localdate().isoformat()
    assert numbers(centre, state="dispatched") == {led.number}
    assert numbers(centre, state=["dispatched", "accepted"]) == {led.number, waiting.number}
    assert numbers(centre, queue="review") == {waiting.number}
    assert numbers(centre, queue="overdue") == {led.number}
    assert numbers(centre, queue="open") == {reported.number, led.number, elsewhere.number, waiting.number}
    assert numbers(centre, source="hotline") == {elsewhere.number}
    assert numbers(centre, area=city.street.pk) == {reported.number, led.number, waiting.number}
    assert numbers(centre, area=city.other_grid.pk) == {elsewhere.number}
    assert numbers(centre, lead_unit=city.municipal.pk) == {led.number}
    assert numbers(centre, category=city.category.pk) == {led.number, waiting.number}
    assert numbers(centre, category=CaseCategory.objects.get(code="01").pk) == {led.number, waiting.number}
    assert numbers(centre, reported_at_from=day, reported_at_to=day) == {led.number, elsewhere.number, waiting.number}
    assert numbers(centre, q=led.number) == {led.number}
    assert numbers(centre, q="告警") == {led.number}


@pytest.mark.parametrize(
    "nonsense",
    [
        {"area": "x"},
        {"area": "999999"},
        {"queue": "x"},
        {"state": "x"},
        {"source": "x"},
        {"lead_unit": "-1"},
        {"category": "x"},
    ],
)
def test_a_filter_that_means_nothing_shows_nothing(city, nonsense):
    city.open()
    assert numbers(city.user("operations_centre"), **nonsense) == set()


@pytest.mark.parametrize("day", ["2026-13-40", "yesterday", ""])
def test_a_day_that_is_none_is_passed_over(city, day):
    case = city.open()
    assert numbers(city.user("operations_centre"), reported_at_from=day) == {case.number}


def test_an_area_outside_ones_own_cannot_be_filtered_by(city):
    city.open()
    assert numbers(city.user("grid_worker"), area=city.other_street.pk) == set()


def test_the_page_tells_the_whole_story(city):
    # given a case the sensor opened, with a repeated alarm
    case = city.open(longitude=112.905, latitude=28.205, origin={"device": "MC-001"})
    register_kind("test_alarm", "测试告警", lambda data: f"倾角 {data['tilt']}")
    evidence_add(
        case, actor=User.objects.system("devices"), kind="test_alarm", data={"tilt": 32.5}, happened_at=timezone.now()
    )
    html = client_of(city.user("dispatcher")).get(reverse("admin:cases_case_change", args=[case.pk])).content.decode()
    # then facts, units, the reason of the dispatch, evidence, map and timeline are there
    for text in (
        case.number,
        "井盖倾斜告警",
        "municipal单位",
        "urban单位",
        "water单位",
        "测试告警",
        "倾角 32.5",
        "MC-001",
        "jc-map-data",
    ):
        assert text in html, text
    assert escape(case.dispatches.get().reason) in html
    assert html.count("data-event=") == Event.objects.filter(subject_type="cases.case", subject_id=case.pk).count()
    assert "leaflet/leaflet.js" in html and "//cdn" not in html


def test_a_phone_is_shown_in_full_only_to_those_who_may_have_to_call(city):
    case = in_state(city, "handling")
    address = reverse("admin:cases_case_change", args=[case.pk])
    assert "13800001234" in client_of(city.user("handler")).get(address).content.decode()
    for role in ("supervisor", "administrator"):
        html = client_of(city.user(role)).get(address).content.decode()
        assert "13800001234" not in html and "138****1234" in html, role


def test_words_of_a_report_are_never_markup(city):
    case = city.report(description="<script>alert(1)</script>", address="<b>x</b>")
    client = client_of(city.user("registrar"))
    for address in (LIST, reverse("admin:cases_case_change", args=[case.pk]), "/admin/"):
        assert "<script>alert(1)" not in client.get(address).content.decode(), address


def test_a_reporter_is_masked_on_the_page_as_in_the_api(city):
    # given a case whose reporter left name and phone, led by municipal, water assisting
    case = in_state(city, "dispatched")
    url = reverse("admin:cases_case_change", args=[case.pk])
    assistant = city.outsider("handler")
    assistant.appointments.update(area=city.city)
    # then the unit that goes there reads them, the one that helps and the supervisor do not
    assert "13800001234" in client_of(city.user("handler")).get(url).content.decode()
    for person in (assistant, city.user("supervisor")):
        html = client_of(person).get(url).content.decode()
        assert "138****1234" in html
        assert "13800001234" not in html and "张小明" not in html
