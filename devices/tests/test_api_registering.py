"""Devices, gateways and their keys by REST: entered, changed, given keys, by every role, as in the admin."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.tests.api import client_of
from devices.keys import credential_of
from devices.models import Device, DeviceKey, Gateway
from devices.registering import device_begins, device_change
from devices.tests.fleet import key_of, message
from governance.models import Event
from governance.testing import snapshot

DEVICES, GATEWAYS = "/api/v1/devices/", "/api/v1/gateways/"
# By hand: administrators of the area keep devices and gateways, nobody else does.
OTHERS = [
    "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker", "community_staff",
    "resident", "outside_administrator",
]  # fmt: skip


@pytest.fixture
def admin(fleet):
    return fleet.city.user("administrator")


def new_device(fleet, **more) -> dict:
    return {"code": "MC-7", "name": "新井盖", "profile": "manhole_cover", "area": fleet.city.grid.code,
            "longitude": 112.905, "latitude": 28.205, "unit": "municipal"} | more  # fmt: skip


def new_gateway(fleet, **more) -> dict:
    return {"code": "GW-7", "name": "新网关", "area": fleet.city.grid.code, "category": "0101"} | more


def send(user, method, url, body, **options):
    return getattr(client_of(user), method)(url, body, format="json", **options)


def stored() -> list:
    rows = [list(model.objects.order_by("pk").values_list()) for model in (Device, Gateway, DeviceKey)]
    return [*rows, Event.objects.count()]


def errors(response) -> tuple:
    return response.status_code, response.json()["errors"][0]["attr"]


def test_a_device_is_registered_and_waits_to_be_put_up(fleet, admin):
    body = new_device(fleet, in_place=False, gateway="GW-1", address="东街1号")
    response = send(admin, "post", DEVICES, body)
    assert response.status_code == 201, response.json()
    told = response.json()
    said = ("code", "name", "profile", "area", "unit", "gateway", "address")
    assert [told[name] for name in said] == [body[name] for name in said] and told["state"] == "registered"
    event = Event.objects.get(name="config.changed")
    assert (event.actor, event.payload["model"], event.payload["added"]) == (admin, "devices.device", True)
    # and it may be put in service by its step, and sends with a key made the same way
    made = send(admin, "post", f"{DEVICES}MC-7/key/", {}).json()["secret"]
    assert credential_of(made).device_id == Device.objects.get(code="MC-7").pk
    assert send(admin, "post", f"{DEVICES}MC-7/transitions/put_in_service/", {}).json()["state"] == "in_service"


def test_without_another_word_it_is_in_service_and_its_place_is_converted(fleet, admin):
    place = {"longitude": 112.9106, "latitude": 28.2015, "coordinate_system": "gcj02"}
    told = send(admin, "post", DEVICES, new_device(fleet, **place)).json()
    assert told["state"] == "in_service"
    assert (round(told["longitude"], 3), round(told["latitude"], 3)) == (112.905, 28.205)


def test_the_same_registration_sent_twice_is_one(fleet, admin):
    for _time in range(2):
        assert send(admin, "post", DEVICES, new_device(fleet), headers={"Idempotency-Key": "d"}).status_code == 201
    assert Device.objects.filter(code="MC-7").count() == 1
    before = stored()
    assert errors(send(admin, "post", DEVICES, new_device(fleet))) == (400, "code") and stored() == before


@pytest.mark.parametrize(("more", "attr"), [
    ({"code": "井盖"}, "code"), ({"code": "x" * 31}, "code"), ({"name": ""}, "name"), ({"profile": "none"}, "profile"),
    ({"area": "999999"}, "area"), ({"unit": "nowhere"}, "unit"), ({"gateway": "GW-0"}, "gateway"),
    ({"longitude": 100.0}, "longitude"), ({"longitude": 500}, "longitude"), ({"latitude": "x"}, "latitude"),
    ({"longitude": True}, "longitude"), ({"coordinate_system": "mars"}, "coordinate_system"),
    ({"name": "a\0b"}, "name"), ({"unit": "a\0b"}, "unit"), ({"unit": "inactive"}, "unit"),
])  # fmt: skip
def test_wrong_input_is_named_and_stores_nothing(fleet, admin, more, attr):
    before = stored()
    assert errors(send(admin, "post", DEVICES, new_device(fleet, **more))) == (400, attr)
    assert stored() == before


def test_a_device_is_changed_and_what_the_machines_wrote_stays(fleet, admin):
    # given a page of it that is older than its newest reading
    seen = Device.objects.get(pk=fleet.cover.pk)
    fleet.ingest(message(status="tilted"))
    Device.objects.filter(pk=seen.pk).update(state="disabled")
    # when it is changed through the service (the admin's form and the API)
    device_change(seen, actor=admin, name="改名")
    # then its status, its state and when it was heard are as they were
    fresh = Device.objects.get(pk=seen.pk)
    assert (fresh.name, fresh.status, fresh.state) == ("改名", "tilted", "disabled") and fresh.last_seen_at
    told = send(admin, "patch", f"{DEVICES}MC-001/", {"address": "东街2号", "gateway": None, "unit": "water"}).json()
    assert (told["name"], told["address"], told["gateway"], told["unit"]) == ("改名", "东街2号", None, "water")
    assert Event.objects.filter(name="config.changed").latest("pk").payload["fields"] == ["address", "gateway", "unit"]
    # and what changes nothing is no event
    before = stored()
    assert send(admin, "patch", f"{DEVICES}MC-001/", {"address": "东街2号"}).status_code == 200
    assert stored() == before


@pytest.mark.parametrize(("body", "attr"), [
    ({"longitude": 112.9}, "latitude"), ({"longitude": 112.925, "latitude": 28.205}, "longitude"),
    ({"name": ""}, "name"), ({"area": ""}, "area"),
])  # fmt: skip
def test_a_change_that_cannot_be_is_named(fleet, admin, body, attr):
    before = stored()
    assert errors(send(admin, "patch", f"{DEVICES}MC-001/", body)) == (400, attr)
    assert stored() == before


def test_code_profile_and_state_are_not_changed_here(fleet, admin):
    before = snapshot(fleet.cover)
    body = {"code": "X", "profile": "manhole_cover", "state": "retired"}
    assert send(admin, "patch", f"{DEVICES}MC-001/", body).status_code == 200
    assert errors(send(admin, "patch", f"{DEVICES}MC-001/", {"profile": "trash_bin"})) == (409, "profile")
    assert errors(send(admin, "patch", f"{DEVICES}MC-001/", {"profile": "none"})) == (400, "profile")
    assert snapshot(fleet.cover) == before
    with pytest.raises(ValueError, match="stay"):
        device_change(fleet.cover, actor=admin, code="X")
    with pytest.raises(ValueError, match="steps"):
        device_begins(fleet.cover, in_place=False)
    assert snapshot(fleet.cover) == before


def test_a_gateway_is_entered_changed_and_taken_out_of_use(fleet, admin):
    response = send(admin, "post", GATEWAYS, new_gateway(fleet))
    assert response.status_code == 201, response.json()
    assert {**response.json(), **new_gateway(fleet)} == response.json() and response.json()["is_active"] is True
    secret = send(admin, "post", f"{GATEWAYS}GW-7/key/", {}).json()["secret"]
    assert credential_of(secret)
    told = send(admin, "patch", f"{GATEWAYS}GW-7/", {"is_active": False, "category": None, "name": "旧"}).json()
    assert (told["is_active"], told["category"], told["name"], told["held_back"]) == (False, None, "旧", 0)
    assert credential_of(secret) is None
    before = stored()
    for body, attr in (({"category": "none"}, "category"), ({"name": None}, "name"), ({"area": "x"}, "area")):
        assert errors(send(admin, "patch", f"{GATEWAYS}GW-7/", body)) == (400, attr)
    assert errors(send(admin, "post", GATEWAYS, new_gateway(fleet))) == (400, "code")
    assert stored() == before


def test_keys_are_listed_rotated_and_revoked(fleet, admin):
    for base in (f"{DEVICES}MC-001/", f"{GATEWAYS}GW-1/"):
        first = send(admin, "post", f"{base}key/", {}).json()
        end = timezone.now() + timedelta(hours=2)
        made = send(admin, "post", f"{base}key/", {"old_keys_end_at": end.isoformat()})
        assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
        rows = client_of(admin).get(f"{base}keys/").json()["results"]
        assert [row["prefix"] for row in rows] == [made.json()["prefix"], first["prefix"]]
        assert rows[0]["expires_at"] is None and rows[1]["expires_at"] is not None
        assert made.json()["secret"] not in str(rows) and "digest" not in rows[0]
        # when one is revoked, then it lets nobody in any more, once
        assert credential_of(first["secret"]) and credential_of(made.json()["secret"])
        url = f"{base}keys/{rows[1]['id']}/revoke/"
        assert send(admin, "post", url, {}).json()["revoked_at"]
        assert credential_of(first["secret"]) is None and credential_of(made.json()["secret"])
        before = stored()
        assert send(admin, "post", url, {}).status_code == 409
        assert send(admin, "post", f"{base}keys/{10**17}/revoke/", {}).status_code == 404
        assert stored() == before
    # and a key is revoked at its own owner only
    of_gateway = fleet.gateway.keys.get(revoked_at=None)
    assert send(admin, "post", f"{DEVICES}MC-001/keys/{of_gateway.pk}/revoke/", {}).status_code == 404


def test_a_secret_is_kept_nowhere_though_the_request_is_named(fleet, admin):
    url = f"{GATEWAYS}GW-1/key/"
    first, second = (send(admin, "post", url, {}, headers={"Idempotency-Key": "k"}).json() for _time in range(2))
    assert first["secret"] != second["secret"]


def doors(fleet) -> list[tuple[str, str, dict]]:
    keys = [owner.keys.first() or (key_of(owner) and owner.keys.first()) for owner in (fleet.cover, fleet.gateway)]
    return [
        ("post", DEVICES, new_device(fleet)), ("patch", f"{DEVICES}MC-001/", {"name": "x"}),
        ("post", f"{DEVICES}MC-001/key/", {}), ("get", f"{DEVICES}MC-001/keys/", {}),
        ("post", f"{DEVICES}MC-001/keys/{keys[0].pk}/revoke/", {}),
        ("post", GATEWAYS, new_gateway(fleet)), ("patch", f"{GATEWAYS}GW-1/", {"is_active": False}),
        ("post", f"{GATEWAYS}GW-1/key/", {}), ("get", f"{GATEWAYS}GW-1/keys/", {}),
        ("post", f"{GATEWAYS}GW-1/keys/{keys[1].pk}/revoke/", {}),
    ]  # fmt: skip


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_but_an_administrator_of_the_area_does_any_of_it(fleet, role):
    asked = doors(fleet)
    before, person = stored(), fleet.city.people[role]
    for method, url, body in asked:
        assert send(person, method, url, body).status_code in (403, 404), (method, url)
    assert stored() == before


def test_nobody_unknown_does(fleet):
    asked = doors(fleet)
    before = stored()
    assert {send(None, method, url, body).status_code for method, url, body in asked} == {401}
    assert stored() == before


def test_an_administrator_enters_devices_in_the_own_area_only(fleet, admin):
    outsider = fleet.city.outsider("administrator")
    before = stored()
    assert send(outsider, "post", DEVICES, new_device(fleet)).status_code in (400, 403)
    assert send(outsider, "post", GATEWAYS, new_gateway(fleet)).status_code in (400, 403)
    assert stored() == before


def test_a_retired_device_gets_no_key(fleet, admin):
    Device.objects.filter(pk=fleet.cover.pk).update(state="retired")
    assert send(admin, "post", f"{DEVICES}MC-001/key/", {}).status_code == 409
    assert not DeviceKey.objects.exists()
