"""Early warnings through the service, the admin and the API: who sees and judges what; never words of people."""

import json
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from governance.errors import NotPermitted
from governance.events import registered
from governance.models import Appointment, OrgUnit, Role, User
from governance.notices.wording import rendered
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import act, steps_of
from mediation.models import EarlyWarning, HotIssue, WarningEvent, WarningWatch
from mediation.warning.notices import warning_words
from mediation.warning.tests.test_watching import TODAY, a_watch, hazard, kind, signals

pytestmark = pytest.mark.django_db
API, LIST = "/api/v1/mediation/warnings/", "/admin/mediation/earlywarning/"
ROLES = [
    "administrator", "operations_centre", "township_mediator", "county_centre", "village_mediator", "registrar",
    "dispatcher", "handler", "supervisor", "grid_worker", "community_staff", "resident",
]  # fmt: skip
# By hand: who sees warnings, who judges them.
SEES = {"administrator", "operations_centre", "township_mediator", "county_centre"}
MAY = SEES - {"administrator"}
STEPS = {"confirm": "true", "known": "known", "dismiss": "false"}
REASON = "已到社区走访"


@pytest.fixture
def county(city):
    """The city with mediators: of the village, the township (here, and ``outside_`` in the other one), the county."""
    rows = [("village_mediator", "community"), ("township_mediator", "street"), ("county_centre", "district"),
            ("outside_township_mediator", "other_street")]  # fmt: skip
    for key, area in rows:
        unit = OrgUnit.objects.create(code=f"u-{key}", name=key, kind="mediation_centre", area=city.area(area))
        city.people[key] = User.objects.create(username=key, name=f"{key}员", is_staff=True)
        Appointment.objects.create(
            user=city.people[key], unit=unit, role=Role(key.removeprefix("outside_")), area=city.area(area),
            valid_from=date(2020, 1, 1),
        )  # fmt: skip
    return city


def a_warning(city, area="community", **given) -> EarlyWarning:
    watch = WarningWatch.objects.filter(code="w").first() or a_watch(city)
    given = {
        "watch": watch, "method": "scan", "stream": "reports", "type": kind(), "area": city.area(area),
        "places": [city.area("community").code], "first_day": TODAY - timedelta(days=2), "last_day": TODAY,
        "observed": 4, "expected": 0.6, "recurrence_days": 400, "level": "orange", "last_seen": TODAY,
    } | given  # fmt: skip
    warning = EarlyWarning.objects.create(**given)
    for signal in signals(city.area("grid"), [TODAY] * 3, text="楼上漏水吵了三次"):
        WarningEvent.objects.create(warning=warning, signal=signal)
    WarningEvent.objects.create(warning=warning, hazard=hazard(city, TODAY, words="两家为漏水争吵"))
    return warning


def test_steps_are_complete_and_lists_agree_with_single_warnings(county):
    assert_steps_are_complete(EarlyWarning)
    assert {step.event for step in steps_of(EarlyWarning).values()} <= set(registered())
    assert set(steps_of(EarlyWarning)) == set(STEPS)
    for area in ("community", "other_street", "district", "city"):
        a_warning(county, area=area)
    assert_relation_forms_agree(EarlyWarning.objects, county.people.values())


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_a_warning_sees_it_through_every_door(county, role):
    warning = a_warning(county)
    client = client_of(county.user(role))
    sees = role in SEES
    assert EarlyWarning.objects.visible_to(county.user(role)).exists() == sees
    assert client.get(f"{API}{warning.pk}/").status_code == (200 if sees else 403)
    page = client.get(f"{LIST}{warning.pk}/change/")
    assert (page.status_code == 200) == sees
    # and nobody reads people's words there
    assert "漏水吵" not in page.content.decode() and "争吵" not in page.content.decode()
    listed = client.get(f"{API}?area={county.area('street').code}")
    assert listed.status_code == (200 if sees else 403)


@pytest.mark.parametrize("door", ["service", "api", "admin"])
@pytest.mark.parametrize("step", STEPS)
def test_who_judges_and_who_may_not(county, step, door):
    for role in ROLES:
        warning = a_warning(county)
        user, before = county.user(role), snapshot(warning)
        if door == "service":
            try:
                act(warning, step, actor=user, reason=REASON)
                done = True
            except NotPermitted:
                done = False
        elif door == "api":
            answer = client_of(user).post(f"{API}{warning.pk}/transitions/{step}/", {"reason": REASON}, format="json")
            done = answer.status_code == 200
        else:
            address = f"{LIST}{warning.pk}/transition/{step}/"
            answer = client_of(user).post(address, {"reason": REASON}, format="multipart")
            done = answer.status_code == 302 and "login" not in answer["Location"]
        assert done == (role in MAY), (role, step, door)
        warning = EarlyWarning.objects.get(pk=warning.pk)
        assert warning.state == (STEPS[step] if done else "open")
        if not done:
            assert snapshot(warning) == before


def test_a_township_elsewhere_sees_nothing_and_the_county_sees_what_spans_townships(county):
    here, wide = a_warning(county), a_warning(county, area="district")
    outside = county.outsider("township_mediator")
    assert not EarlyWarning.objects.visible_to(outside).exists()
    assert client_of(outside).get(f"{API}{here.pk}/").status_code == 404
    with pytest.raises(NotPermitted):
        act(here, "confirm", actor=outside)
    assert set(EarlyWarning.objects.visible_to(county.user("township_mediator"))) == {here}
    assert set(EarlyWarning.objects.visible_to(county.user("county_centre"))) == {here, wide}


def test_a_false_alarm_needs_a_reason_and_a_verdict_can_be_put_right(county):
    warning, client = a_warning(county), client_of(county.user("county_centre"))
    address = f"{API}{warning.pk}/transitions/"
    assert client.post(f"{address}dismiss/", {}, format="json").status_code == 400
    assert EarlyWarning.objects.get().state == "open"
    assert client.post(f"{address}dismiss/", {"reason": REASON}, format="json").json()["state"] == "false"
    assert client.post(f"{address}dismiss/", {"reason": REASON}, format="json").status_code == 409
    body = client.post(f"{address}confirm/", {}, format="json").json()
    assert body["state"] == "true" and body["transitions"] == ["known", "dismiss"]


def test_the_api_tells_the_events_without_words(county):
    warning = a_warning(county)
    body = client_of(county.user("county_centre")).get(f"{API}{warning.pk}/").json()
    assert body["places"] == [county.area("community").code] and body["recurrence_days"] == 400
    assert [event["kind"] for event in body["events"]].count("signal") == 3
    assert set(body["events"][0]) == {"number", "kind", "day", "place", "channel"}
    assert "漏水" not in str(body) and body["false_alarms_a_year"] > 0
    found = client_of(county.user("county_centre")).get(f"{API}?state=open&level=orange&type=neighbours").json()
    assert [row["id"] for row in found["results"]] == [warning.pk] and "events" not in found["results"][0]
    for wrong in ("state=x", "type=nothing", "area=1"):
        assert client_of(county.user("county_centre")).get(f"{API}?{wrong}").status_code == 400


def test_watches_and_hot_issues_are_read_by_those_who_see_warnings(county):
    watch = a_watch(county)
    issue = HotIssue.objects.create(
        area=county.area("community"), type=kind(), label="搅拌站 噪音", people=4, records=6, first_day=TODAY,
        last_day=TODAY, heat=3.5, made_on=TODAY,
    )  # fmt: skip
    issue.signals.set(signals(county.area("grid"), [TODAY]))
    for role in ROLES:
        client, wanted = client_of(county.user(role)), 200 if role in SEES else 403
        answers = [client.get(f"/api/v1/mediation/{name}/") for name in ("warning-watches", "hot-issues")]
        assert [answer.status_code for answer in answers] == [wanted] * 2, role
        if wanted == 200:
            assert answers[1].json()["results"][0]["label"] == "搅拌站 噪音"
        page = client.get(f"/admin/mediation/hotissue/{issue.pk}/change/")
        assert (page.status_code == 200) == (role in SEES), role
    body = client_of(county.user("administrator")).get(f"/api/v1/mediation/warning-watches/{watch.code}/").json()
    assert body["yellow_days"] == 100 and body["false_alarms_a_year"] == 3.6
    # only administrators keep watches
    page = client_of(county.user("administrator")).get("/admin/mediation/warningwatch/add/")
    assert page.status_code == 200
    assert client_of(county.user("county_centre")).get("/admin/mediation/warningwatch/add/").status_code == 403
    assert client_of(county.user("county_centre")).get("/admin/mediation/warningwatch/").status_code == 200


def test_lists_ask_as_many_statements_for_many_rows(county):
    client = client_of(county.user("county_centre"))
    counts = {}
    for number in (1, 6):
        while EarlyWarning.objects.count() < number:
            a_warning(county)
        for address in (API, LIST):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts.setdefault(address, []).append(len(queries))
    assert all(few == many for few, many in counts.values()), counts


def test_the_first_page_shows_what_nobody_judged(county):
    warning = a_warning(county)
    for role, shown in (("county_centre", True), ("township_mediator", True), ("administrator", False)):
        page = client_of(county.user(role)).get("/admin/").content.decode()
        assert (f"{LIST}{warning.pk}/change/" in page) == shown, role
    act(warning, "known", actor=county.user("county_centre"))
    assert f"{LIST}{warning.pk}/change/" not in client_of(county.user("county_centre")).get("/admin/").content.decode()


@pytest.mark.parametrize(("at_least", "word"), [(True, "7,300天以上"), (False, "约7,300天")])
def test_what_is_rarer_than_anything_simulated_says_so_everywhere(county, at_least, word):
    # given a warning at the ceiling of the simulation, which holds half of its 14,601 nights
    warning = a_warning(county, recurrence_days=7300.5, recurrence_at_least=at_least)
    client = client_of(county.user("county_centre"))
    # then the sentence, the table, the list and the notice say the same
    page = client.get(f"{LIST}{warning.pk}/change/").content.decode()
    assert f"仅凭偶然，{word}才会出现一次" in page and page.count(word) == 2 and "7301" not in page
    assert word in client.get(LIST).content.decode()
    rows = json.loads((settings.BASE_DIR / "fixtures" / "0601_warning_notices.json").read_text())
    bodies = [row["fields"]["body"] for row in rows if row["fields"].get("language") == "zh-hans"]
    values = warning_words(warning, public=False)
    assert len(bodies) == 2 and all(f"仅凭偶然{word}一次" in rendered(body, values, longest=500) for body in bodies)
    # and REST keeps the number, with its "or more"
    body = client.get(f"{API}{warning.pk}/").json()
    assert (body["recurrence_days"], body["recurrence_at_least"]) == (7300.5, at_least)
