"""Collection rounds and the retention of readings by REST: read by who works here, entered and changed as in admin."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.tests.api import client_of
from devices.models import CollectionRound, ReadingRetention
from devices.tests.test_api_alarms import STAFF
from governance.models import Event

ROUNDS, RETENTION = "/api/v1/collection-rounds/", "/api/v1/reading-retention/"


@pytest.fixture
def admin(fleet):
    return fleet.city.user("administrator")


@pytest.fixture
def kept(fleet) -> tuple[CollectionRound, ReadingRetention]:
    round_ = CollectionRound.objects.create(
        code="CR-1", name="早班", unit=fleet.city.municipal, area=fleet.city.grid, depot="停车场", longitude=112.9,
        latitude=28.2,
    )  # fmt: skip
    return round_, ReadingRetention.objects.create(starts_on=day(30), raw_days=120)


def day(ahead: int):
    return timezone.localdate() + timedelta(days=ahead)


def new_round(fleet, **more) -> dict:
    return {"code": "CR-7", "name": "晚班", "unit": "municipal", "area": fleet.city.grid.code, "depot": "停车场",
            "longitude": 112.9, "latitude": 28.2, "starts_at": "18:30", "capacity": 20} | more  # fmt: skip


def send(user, method, url, body=None, **options):
    return getattr(client_of(user), method)(url, body or {}, format="json", **options)


def stored() -> list:
    rows = [list(model.objects.order_by("pk").values_list()) for model in (CollectionRound, ReadingRetention)]
    return [*rows, Event.objects.count()]


def errors(response) -> tuple:
    return response.status_code, response.json()["errors"][0]["attr"]


def test_a_round_is_entered_and_changed(fleet, admin):
    for _time in range(2):
        made = send(admin, "post", ROUNDS, new_round(fleet), headers={"Idempotency-Key": "r"})
        assert made.status_code == 201, made.json()
    told = made.json()
    assert (told["code"], told["starts_at"], told["capacity"], told["days_between"], told["is_active"]) == (
        "CR-7", "18:30:00", 20, 1, True
    )  # fmt: skip
    changed = send(admin, "patch", f"{ROUNDS}CR-7/", {"is_active": False, "detour": 1.5}).json()
    assert changed == told | {"is_active": False, "detour": 1.5}
    assert [row["code"] for row in client_of(admin).get(ROUNDS, {"active": "false"}).json()["results"]] == ["CR-7"]
    assert client_of(admin).get(f"{ROUNDS}CR-7/").json() == changed
    before = stored()
    for body, attr in (({"capacity": 0}, "capacity"), ({"detour": 9}, "detour"), ({"longitude": 1}, "latitude"),
                       ({"starts_at": "25:00"}, "starts_at"), ({"unit": "none"}, "unit")):  # fmt: skip
        assert errors(send(admin, "patch", f"{ROUNDS}CR-7/", body)) == (400, attr)
    assert errors(send(admin, "post", ROUNDS, new_round(fleet))) == (400, "code")
    assert stored() == before


def test_a_rule_of_retention_is_added_and_changed_until_it_holds(fleet, admin):
    made = send(admin, "post", RETENTION, {"starts_on": day(1).isoformat(), "raw_days": 100})
    assert made.status_code == 201, made.json()
    url = f"{RETENTION}{made.json()['id']}/"
    assert send(admin, "patch", url, {"raw_days": 200}).json()["raw_days"] == 200
    before = stored()
    past = {"starts_on": day(-1).isoformat(), "raw_days": 100}
    assert send(admin, "post", RETENTION, past).status_code == 409
    for body, attr in (({"starts_on": day(1).isoformat(), "raw_days": 100}, "starts_on"),
                       ({"starts_on": day(2).isoformat(), "raw_days": 10}, "raw_days"),
                       ({"raw_days": 100}, "starts_on"), ({"starts_on": "x"}, "starts_on")):  # fmt: skip
        assert errors(send(admin, "post", RETENTION, body)) == (400, attr)
    # and what holds does not change
    ReadingRetention.objects.update(starts_on=day(0))
    assert send(admin, "patch", url, {"raw_days": 300}).status_code == 409
    assert ReadingRetention.objects.get().raw_days == 200 and stored()[2] == before[2]


def test_who_works_here_reads_them_and_only_administrators_change_them(fleet, kept):
    round_, rule = kept
    before = stored()
    asked = [("post", ROUNDS, new_round(fleet)), ("patch", f"{ROUNDS}{round_.code}/", {"name": "x"}),
             ("post", RETENTION, {"starts_on": day(9).isoformat(), "raw_days": 100}),
             ("patch", f"{RETENTION}{rule.pk}/", {"raw_days": 100})]  # fmt: skip
    for role in [*STAFF, "resident", "outside_administrator"]:
        person = fleet.city.people[role]
        if role in STAFF:
            assert client_of(person).get(RETENTION).json()["results"][0]["raw_days"] == 120, role
            rows = client_of(person).get(ROUNDS).json()["results"]
            assert len(rows) == CollectionRound.objects.visible_to(person).count(), role
        if role == "administrator":
            continue
        for method, url, body in asked:
            assert send(person, method, url, body).status_code in (400, 403, 404), (role, method, url)
        assert stored() == before, role
    assert {send(None, *one).status_code for one in asked} == {401} and stored() == before
