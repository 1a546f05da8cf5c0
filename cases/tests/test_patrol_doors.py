"""Rounds through the admin and the API: every transition by every role, and what people of elsewhere find."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case, CheckIn, Patrol, PatrolFinding, PatrolPlan, PatrolPoint, PatrolRoute
from cases.patrols import patrol_report, patrol_start
from cases.tests.api import client_of
from cases.tests.pages import photo
from cases.tests.patrols import HOUR, a_beat, a_colleague, a_plan, a_round, check_in, in_state, traces
from governance.events import registered
from governance.models import Event
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import steps_of

pytestmark = pytest.mark.django_db
API = "/api/v1/patrols/"
ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff", "resident",
]  # fmt: skip
# Who may do what, by hand: the team walks, who watches over the area assigns and cancels.
WATCHERS = {"administrator", "operations_centre", "community_staff"}
MAY = {
    "start": {"grid_worker"}, "finish": {"grid_worker"}, "assign": WATCHERS, "cancel": WATCHERS, "miss": set(),
    "resume": set(),
}  # fmt: skip
FROM = {"start": "planned", "finish": "under_way", "assign": "planned", "cancel": "planned", "miss": "planned",
        "resume": "missed"}  # fmt: skip
SEES = WATCHERS | {"grid_worker"}
GIVEN = {"reason": "暴雨预警"}


@pytest.fixture
def beat(city):
    return a_beat(city)


def address(patrol, rest="") -> str:
    return f"{API}{patrol.pk}/{rest}"


def page(patrol, rest="change/") -> str:
    return f"/admin/cases/patrol/{patrol.pk}/{rest}"


def test_steps_are_complete_and_lists_agree_with_single_rounds(city, beat):
    assert_steps_are_complete(Patrol)
    assert {step.event for step in steps_of(Patrol).values()} <= set(registered())
    assert set(MAY) == set(steps_of(Patrol))
    a_round(beat)
    a_round(beat, worker=city.user("grid_worker"))
    a_round(a_beat(city, code="R-2", area="other_grid", unit="other_committee", shift=0.02))
    a_round(a_beat(city, code="R-3", role="community_staff", area="community"))
    people = [*city.people.values(), a_colleague(city)]
    assert_relation_forms_agree(Patrol.objects, people)
    assert_relation_forms_agree(PatrolRoute.objects, people)


@pytest.mark.parametrize("name", list(MAY))
def test_each_transition_by_each_role_through_the_api(city, beat, name):
    patrol = in_state(city, beat, FROM[name])
    for role in ROLES:
        for user, mine in ((city.user(role), True), (city.outsider(role), False)):
            if role in MAY[name] and mine:
                continue
            before = snapshot(patrol)
            answer = client_of(user).post(address(patrol, f"transitions/{name}/"), GIVEN)
            expected = 403 if mine and role in SEES else 404
            assert answer.status_code == expected, (name, role, mine, answer.content)
            assert snapshot(patrol) == before
    for number, role in enumerate(sorted(MAY[name])):
        fresh = patrol if number == 0 else in_state(city, beat, FROM[name])
        answer = client_of(city.user(role)).post(address(fresh, f"transitions/{name}/"), GIVEN)
        assert answer.status_code == 200, (name, role, answer.content)
        assert answer.json()["state"] == (steps_of(Patrol)[name].target or FROM[name])


@pytest.mark.parametrize("name", ["start", "finish", "assign", "cancel", "miss"])
def test_each_transition_by_each_role_through_the_admin(city, beat, name):
    patrol = in_state(city, beat, FROM[name])
    for role in ROLES:
        for user, mine in ((city.user(role), True), (city.outsider(role), False)):
            if role in MAY[name] and mine:
                continue
            before = snapshot(patrol)
            for answer in (
                client_of(user).get(page(patrol, f"transition/{name}/")),
                client_of(user).post(page(patrol, f"transition/{name}/"), GIVEN, format="multipart"),
            ):
                assert answer.status_code in (302, 403, 404), (name, role, mine)
            assert snapshot(patrol) == before
    for number, role in enumerate(sorted(MAY[name])):
        fresh = patrol if number == 0 else in_state(city, beat, FROM[name])
        answer = client_of(city.user(role)).post(page(fresh, f"transition/{name}/"), GIVEN, format="multipart")
        assert answer.status_code == 302, (name, role)
        assert Patrol.objects.get(pk=fresh.pk).state == (steps_of(Patrol)[name].target or FROM[name])


def test_people_of_elsewhere_and_other_units_find_nothing(city, beat):
    patrol = a_round(beat)
    a_round(a_beat(city, code="R-2", unit="street_office"))  # the same area, another unit's team
    assert [row["route"] for row in client_of(city.user("grid_worker")).get(API).json()["results"]] == ["R-1"]
    for role in SEES:
        client = client_of(city.outsider(role))
        assert client.get(API).json()["results"] == []
        for name in ("routes", "plans"):
            assert client.get(f"/api/v1/patrol-{name}/").json()["results"] == []
        for url in (address(patrol), page(patrol), f"/admin/cases/patrolroute/{beat.route.pk}/change/"):
            assert client.get(url).status_code == 404, (role, url)
        assert beat.route.name not in client.get("/admin/cases/patrol/").content.decode()
        assert beat.route.name not in client.get("/admin/cases/patrol/summary/").content.decode()
        before = traces()
        for rest, body in (("check-ins/", {"point": beat.points[0].pk}), ("findings/", {"finding": "路灯不亮"})):
            assert client.post(address(patrol, rest), body).status_code == 404
        assert traces() == before
    for role in ("registrar", "dispatcher", "handler", "supervisor", "resident"):
        for url in (API, "/api/v1/patrol-plans/"):
            assert client_of(city.user(role)).get(url).status_code == 403


def test_plans_through_the_api(city, beat):
    worker = city.user("grid_worker")
    a_plan(beat.route, "P-2", rule="weekdays", weekdays=[0, 4], worker=worker, valid_from="2027-01-01")
    client = client_of(worker)
    plan = client.get("/api/v1/patrol-plans/?worker=grid_worker").json()["results"]
    assert [(row["code"], row["route"], row["weekdays"], row["starts"]) for row in plan] == [
        ("P-2", "R-1", [0, 4], "00:00:00")
    ]
    asked = {"?route=R-1": {"R-1-P", "P-2"}, "?on=2026-11-23": {"R-1-P"}}
    for query, expected in asked.items():
        found = client.get(f"/api/v1/patrol-plans/{query}").json()["results"]
        assert {row["code"] for row in found} == expected
    assert client.get("/api/v1/patrol-plans/?route=x").status_code == 400


def test_who_watches_does_not_walk(city, beat):
    patrol = in_state(city, beat, "under_way")
    before = traces()
    for role in WATCHERS:
        client = client_of(city.user(role))
        assert client.post(address(patrol, "check-ins/"), {"point": beat.points[0].pk}).status_code == 403
        assert client.post(address(patrol, "findings/"), {"finding": "路灯不亮"}).status_code == 403
    assert traces() == before and not Case.objects.exists()


def test_check_ins_through_the_api(city, beat):
    patrol, point, client = a_round(beat), beat.points[0], client_of(city.user("grid_worker"))
    body = {"point": point.pk, "longitude": point.longitude, "latitude": point.latitude, "accuracy_m": 12, "key": "k1"}
    first = client.post(address(patrol, "check-ins/"), body)
    assert first.status_code == 201 and first.json()["at_place"] is True
    assert client.post(address(patrol, "check-ins/"), body).json()["id"] == first.json()["id"]
    # and Idempotency-Key works as everywhere
    other = {"point": beat.points[1].pk, "note": "无信号"}
    answers = [client.post(address(patrol, "check-ins/"), other, headers={"Idempotency-Key": "i-1"}) for _ in "ab"]
    assert answers[0].json() == answers[1].json() and answers[1]["Idempotent-Replay"] == "true"
    assert CheckIn.objects.count() == 2
    # photos come as multipart
    photographed = client.post(
        address(patrol, "check-ins/"), {"point": beat.points[2].pk, "photos": [photo()]}, format="multipart"
    )
    assert photographed.status_code == 201
    told = client.get(address(patrol)).json()
    assert [row["at_place"] for row in told["check_ins"]] == [True, False, False]
    assert len(told["check_ins"][2]["photos"]) == 1 and [row["position"] for row in told["points"]] == [1, 2, 3]
    assert client.get(told["check_ins"][2]["photos"][0]).status_code == 200
    assert client_of(city.outsider("grid_worker")).get(told["check_ins"][2]["photos"][0]).status_code == 404


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({}, "point"), ({"point": 10**9}, "point"), ({"point": "x"}, "point"),
        ({"longitude": 112.9}, "latitude"), ({"longitude": 512, "latitude": 28}, "longitude"),
        ({"at": "2020-01-01T00:00:00Z"}, "at"), ({"at": "morgen"}, "at"), ({"accuracy_m": -1}, "accuracy_m"),
        ({"key": "a b"}, "key"), ({"coordinate_system": "mars"}, "coordinate_system"),
    ],
)  # fmt: skip
def test_wrong_check_ins_are_named(city, beat, body, attr):
    patrol = a_round(beat)
    body = body if not body or "point" in body else {"point": beat.points[0].pk} | body
    before = traces()
    answer = client_of(city.user("grid_worker")).post(address(patrol, "check-ins/"), body)
    assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == attr, answer.content
    assert traces() == before


def test_findings_through_the_api_open_one_case(city, beat):
    patrol, client = in_state(city, beat, "under_way"), client_of(city.user("grid_worker"))
    body = {"finding": "护栏松动", "point": beat.points[2].pk, "category": "0101"}
    answers = [client.post(address(patrol, "findings/"), body, headers={"Idempotency-Key": "f-1"}) for _ in "ab"]
    assert [answer.status_code for answer in answers] == [201, 201]
    case = Case.objects.get()
    assert answers[1].json()["case"] == case.number and case.source == "patrol"
    assert PatrolFinding.objects.get().point == beat.points[2]
    with_photo = client.post(address(patrol, "findings/"), {"finding": "灯坏", "photos": [photo()]}, format="multipart")
    assert with_photo.status_code == 201
    assert client.get(address(patrol)).json()["findings_made"] == 2
    for wrong in ({"finding": " "}, {"finding": "x", "category": "9"}, {"finding": "x", "point": 1}):
        assert client.post(address(patrol, "findings/"), wrong).status_code == 400
    assert Case.objects.count() == 2


def test_the_list_is_filtered_and_paged(city, beat):
    rounds = [in_state(city, beat, state) for state in ("planned", "under_way", "missed", "cancelled")]
    client = client_of(city.user("operations_centre"))

    def found(query):
        answer = client.get(f"{API}?{query}")
        assert answer.status_code == 200, answer.content
        return {row["id"] for row in answer.json()["results"]}

    planned, walked, missed, cancelled = (patrol.pk for patrol in rounds)
    assert found("state=planned&state=missed") == {planned, missed}
    assert found("missing=true") == {missed}
    assert found("worker=grid_worker") == {walked}
    assert found(f"area={city.street.code}") == {planned, walked, missed, cancelled}
    assert found(f"area={city.other_street.code}") == set()
    assert found("unit=other_committee") == set() and found("route=R-1&unit=committee") != set()
    assert found(f"day_from={rounds[0].date}&day_to={rounds[0].date}") == {planned}
    page_one = client.get(f"{API}?page_size=3").json()
    assert len(page_one["results"]) == 3 and len(client.get(page_one["next"]).json()["results"]) == 1
    assert client.get(f"{API}?unit=nowhere").status_code == 400
    mine = client_of(city.user("grid_worker")).get(f"{API}?mine=true&state=planned").json()["results"]
    assert [row["id"] for row in mine] == [planned] and mine[0]["transitions"] == ["start"]


def statements(client, url) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


@pytest.mark.parametrize(
    ("url", "most"),
    [(API, 6), ("/api/v1/patrol-routes/", 6), ("/api/v1/patrol-plans/", 6),
     ("/admin/cases/patrol/", 16), ("/admin/cases/patrol/summary/", 16),
     ("/m/", 12)],
)  # fmt: skip
def test_lists_need_the_same_statements_for_any_number_of_rounds(city, beat, url, most):
    staff = city.user("community_staff")
    client = client_of(staff)
    in_state(city, beat, "finished")
    client.get(url)
    few = statements(client, url)
    for number in range(2, 5):
        other = a_beat(city, code=f"R-{number}")
        in_state(city, other, "finished")
        in_state(city, other, "planned")
    assert statements(client, url) == few <= most


def test_the_page_of_a_round_shows_points_trail_map_and_findings(city, beat):
    patrol, walker = a_round(beat), city.user("grid_worker")
    patrol_start(patrol, actor=walker)
    check_in(walker, patrol, beat.points[0], note="井盖完好")
    case = patrol_report(actor=walker, patrol=patrol, finding="护栏松动")
    response = client_of(city.user("community_staff")).get(page(patrol))
    html = response.content.decode()
    assert all(point.name in html for point in beat.points)
    assert case.number in html and "井盖完好" in html and "jc-map-data" in html
    assert response.context["reached"] == 1 and len(response.context["map_data"]["marks"]) == 4


def test_the_month_counts_rounds_points_and_findings_per_person_and_team(city, beat):
    walker, today = city.user("grid_worker"), timezone.localdate()
    patrol = a_round(beat)
    patrol_start(patrol, actor=walker)
    for _ in range(2):
        check_in(walker, patrol, beat.points[0])
    patrol_report(actor=walker, patrol=patrol, finding="护栏松动")
    in_state(city, beat, "missed")
    in_state(city, beat, "cancelled")
    for days, other in enumerate(Patrol.objects.exclude(pk=patrol.pk), start=40):
        Patrol.objects.filter(pk=other.pk).update(date=today.replace(day=1) + timedelta(days=days))
    Patrol.objects.filter(pk=patrol.pk).update(date=today)
    client = client_of(city.user("community_staff"))
    shown = client.get("/admin/cases/patrol/summary/").context
    assert [(row.who, row.counts["planned"], row.counts["points_reached"]) for row in shown["people"]] == [
        (str(walker), 1, 1)
    ]
    assert [(row.who, row.counts["findings"], row.share) for row in shown["teams"]] == [(str(city.committee), 1, 100)]
    another = today.replace(day=2 if today.day == 1 else 1)
    Patrol.objects.filter(state="missed").update(date=another)
    nobody = client.get("/admin/cases/patrol/summary/?month=oops").context["people"][-1]
    for month in ("9999-12", "0001-01"):  # no months to come from and go to
        assert client.get(f"/admin/cases/patrol/summary/?month={month}").status_code == 200
    assert (nobody.who, nobody.counts["missed"], nobody.counts["planned"]) == ("", 1, 1)


def test_the_first_page_lists_rounds_to_walk_and_missed_ones(city, beat):
    mine, missed = a_round(beat), in_state(city, beat, "missed")

    def lists(user):
        response = client_of(user).get("/admin/")
        return {found.key: [row.url for row in found.rows] for found in response.context["work_lists"]}

    assert lists(city.user("grid_worker"))["patrol-walk"] == [f"/m/patrols/{mine.pk}/"]
    assert lists(city.user("community_staff"))["patrol-missed"] == [page(missed)]
    assert lists(city.outsider("community_staff"))["patrol-missed"] == []
    assert "patrol-walk" not in lists(city.user("dispatcher"))
    later = a_round(beat, begins=40 * HOUR)
    assert f"/m/patrols/{later.pk}/" not in lists(city.user("grid_worker"))["patrol-walk"]


def test_supervisors_keep_routes_and_plans_in_the_admin(city, beat):
    inline = {"points-TOTAL_FORMS": "1", "points-INITIAL_FORMS": "0", "points-0-position": "1",
              "points-0-name": "村口", "points-0-longitude": "112.905", "points-0-latitude": "28.205",
              "points-0-radius": "60", "points-0-is_active": "on"}  # fmt: skip
    route = {"code": "N-1", "name": "新线", "area": city.grid.pk, "unit": city.committee.pk, "role": "grid_worker",
             "is_active": "on"}  # fmt: skip
    url = "/admin/cases/patrolroute/add/"
    for stranger in (city.user("grid_worker"), city.user("dispatcher"), city.outsider("community_staff")):
        assert client_of(stranger).post(url, route | inline, format="multipart").status_code in (200, 403)
    client = client_of(city.user("community_staff"))
    outside = inline | {"points-0-longitude": "112.95"}
    assert client.post(url, route | outside, format="multipart").status_code == 200
    assert not PatrolRoute.objects.filter(code="N-1").exists()
    assert client.post(url, route | inline, format="multipart").status_code == 302
    point = PatrolPoint.objects.get(route__code="N-1")
    plan = {"code": "N-1", "route": point.route_id, "rule": "weekdays", "weekdays": ["0", "2"], "starts": "08:00",
            "ends": "09:00", "valid_from": "2026-01-01"}  # fmt: skip
    assert client.post("/admin/cases/patrolplan/add/", plan, format="multipart").status_code == 302
    assert PatrolPlan.objects.get(code="N-1").weekdays == [0, 2]
    html = client.get("/admin/cases/patrolplan/").content.decode()
    assert "N-1" in html
    assert client_of(city.outsider("community_staff")).get("/admin/cases/patrolplan/").status_code == 200


def test_live_rows_say_where_a_round_stands(city, beat):
    a_plan(beat.route, "P-9")
    patrol = in_state(city, beat, "under_way")
    event = Event.objects.get(name="patrol.started")
    assert event.payload == {"number": patrol.number, "route": "R-1", "from": "planned", "to": "under_way"}
