"""A device is put up on site by REST, with the checks of the phone page, by every role; many alarms are dealt with."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from cases.models import Case
from cases.tests.api import client_of
from cases.tests.pages import photo
from devices.models import Alarm, Device, DeviceClaim
from devices.tests.fleet import at, message
from devices.tests.test_alarm_steps import SHELVES, SOON
from devices.tests.test_api_alarms import MAY, STAFF
from devices.tests.test_claims import INSTALLERS, OTHERS, says
from devices.tests.test_life import stand
from governance.models import Attachment, Event
from governance.testing import snapshot

DEVICE, ALARMS = "/api/v1/devices/MC-001/", "/api/v1/alarms/"


@pytest.fixture
def cover(fleet) -> Device:
    return stand(fleet.cover, "registered")


def claim(user, device, east=0.0, **more):
    body = {"longitude": device.longitude + east, "latitude": device.latitude, "accuracy": 8, "photos": [photo()]}
    return client_of(user).post(f"{DEVICE}claim/", body | more, format="multipart")


def commission(user, **body):
    return client_of(user).post(f"{DEVICE}commission/", body, format="json")


def untouched(device, before) -> bool:
    return snapshot(device) == before and not DeviceClaim.objects.exists() and not Attachment.objects.exists()


def test_a_device_is_claimed_tested_and_put_in_service(fleet, cover):
    worker = fleet.city.user("grid_worker")
    assert client_of(worker).get(f"{DEVICE}claim/").status_code == 404
    # when a grid worker claims it
    made = claim(worker, cover)
    assert made.status_code == 201, made.json()
    told = made.json()
    assert (told["device"], told["claimed_by"], told["distance"], told["moved"]) == (
        "MC-001",
        worker.username,
        0,
        False,
    )
    assert (told["heard"], told["tested"]) == ([], False)
    assert Attachment.objects.get().event == Event.objects.get(name="device.claimed")
    # then it is not put in service while nothing, or no alarm, has arrived
    for said, code in ((None, "not_heard"), ({"status": "normal", "metrics": {"tilt": 2}}, "no_test_alarm")):
        if said:
            says(fleet, **said)
        response = commission(worker)
        assert (response.status_code, response.json()["errors"][0]["code"]) == (409, code)
        assert Device.objects.get(pk=cover.pk).state == "registered"
    # when it is tilted, the claim tells so, and nothing was raised
    says(fleet, metrics={"tilt": 40})
    told = client_of(worker).get(f"{DEVICE}claim/").json()
    assert told["tested"] is True and told["heard"][0]["raises"] == ["tilted"]
    assert told["heard"][0]["metrics"] == {"tilt": 40}
    assert not Alarm.objects.exists() and not Case.objects.exists()
    # then it is put in service, unless somebody changed it meanwhile
    assert commission(worker, version=0).status_code == 409
    response = commission(worker, version=Device.objects.get(pk=cover.pk).version)
    assert (response.status_code, response.json()["state"]) == (200, "in_service")
    assert commission(worker).status_code == 409
    assert client_of(worker).get(f"{DEVICE}claim/").status_code == 404


@pytest.mark.parametrize("role", sorted(INSTALLERS | OTHERS))
def test_each_role_claims_and_commissions_or_is_refused(fleet, cover, role):
    user, before = fleet.city.user(role), snapshot(cover)
    if role in INSTALLERS:
        assert claim(user, cover).status_code == 201
        says(fleet, metrics={"tilt": 40})
        assert commission(user).json()["state"] == "in_service"
    else:
        assert claim(user, cover).status_code in (403, 404)
        assert untouched(cover, before)
        # nor after somebody else's claim
        assert claim(fleet.city.user("grid_worker"), cover).status_code == 201
        says(fleet, metrics={"tilt": 40})
        before = snapshot(cover)
        assert commission(user).status_code in (403, 404)
        assert snapshot(cover) == before and DeviceClaim.objects.get().completed_at is None


def test_nobody_from_elsewhere_and_nobody_unknown_does(fleet, cover):
    before = snapshot(cover)
    for role in sorted(INSTALLERS):
        assert claim(fleet.city.outsider(role), cover).status_code == 404
        assert commission(fleet.city.outsider(role)).status_code == 404
    assert claim(None, cover).status_code == commission(None).status_code == 401
    assert untouched(cover, before)


@pytest.mark.parametrize(("given", "attr"), [
    ({"east": 0.001}, "longitude"),  # 98 m: too far
    ({"east": 0.02}, "longitude"),  # outside the boundary
    ({"longitude": "nan"}, "longitude"),
    ({"latitude": ""}, "latitude"),
    ({"accuracy": "nan"}, "accuracy"),
    ({"accuracy": -1}, "accuracy"),
    ({"photos": []}, "photos"),
])  # fmt: skip
def test_a_claim_that_will_not_do_is_named_and_stores_nothing(fleet, cover, given, attr):
    before = snapshot(cover)
    response = claim(fleet.city.user("grid_worker"), cover, **given)
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, attr)
    assert untouched(cover, before)


def test_who_keeps_devices_corrects_the_place_and_a_grid_worker_does_not(fleet, cover):
    before = snapshot(cover)
    assert claim(fleet.city.user("grid_worker"), cover, east=0.001, correct_place=True).status_code == 403
    assert untouched(cover, before)
    told = claim(fleet.city.user("community_staff"), cover, east=0.001, correct_place=True).json()
    assert told["moved"] is True and round(told["distance"]) == 98
    assert Device.objects.get(pk=cover.pk).longitude == pytest.approx(cover.longitude + 0.001)


def test_a_device_in_service_is_not_claimed(fleet):
    before = snapshot(fleet.cover)
    assert claim(fleet.city.user("grid_worker"), fleet.cover).status_code == 409
    assert untouched(fleet.cover, before)


def test_the_same_claim_sent_twice_is_one(fleet, cover):
    client, image = client_of(fleet.city.user("grid_worker")), photo().read()
    for _time in range(2):
        again = photo()
        again.file.seek(0)
        again.file.truncate()
        again.file.write(image)
        again.file.seek(0)
        body = {"longitude": cover.longitude, "latitude": cover.latitude, "photos": [again]}
        response = client.post(f"{DEVICE}claim/", body, format="multipart", headers={"Idempotency-Key": "c"})
        assert response.status_code == 201, response.json()
    assert DeviceClaim.objects.count() == Attachment.objects.count() == 1


# Many alarms at once


@pytest.fixture
def alarms(fleet) -> list[Alarm]:
    """Three alarms in the first street, one in the other."""
    fleet.ingest(message(status="tilted"), message(device="TB-001", metrics={"fill": 0.9, "battery": 5}))
    fleet.ingest(message(device="MC-900", status="tilted"), owner=fleet.far)
    return list(Alarm.objects.order_by("area", "pk"))


def together(user, name, alarms, **more):
    body = {"ids": [getattr(alarm, "pk", alarm) for alarm in alarms]} | more
    return client_of(user).post(f"{ALARMS}{name}/", body, format="json")


def states(alarms) -> list:
    return [snapshot(alarm) for alarm in alarms]


def of(alarms, fleet) -> list[Alarm]:
    return [alarm for alarm in alarms if alarm.area_id == fleet.city.grid.pk]


BODY = {"acknowledge": {"reason": "已知悉"}, "shelve": {"until": SOON, "reason": "施工"}, "unshelve": {}}
ROLES = {"acknowledge": MAY, "shelve": SHELVES, "unshelve": SHELVES}


@pytest.mark.parametrize("name", BODY)
@pytest.mark.parametrize("role", [*STAFF, "resident"])
def test_each_role_does_a_step_to_many_or_is_told_why_not(fleet, alarms, name, role):
    near, user = of(alarms, fleet), fleet.city.user(role)
    if name == "unshelve":
        assert together(fleet.city.user("dispatcher"), "shelve", near, **BODY["shelve"]).json()["refused"] == []
    before = states(near)
    with transaction.atomic():
        told = together(user, name, near, **BODY[name]).json()
        transaction.set_rollback(role in ROLES[name] and role == "handler")
    if role not in ROLES[name]:
        assert told["done"] == [] and {row["id"] for row in told["refused"]} == {alarm.pk for alarm in near}
        assert {row["code"] for row in told["refused"]} <= {"permission_denied", "not_found"}
        assert states(near) == before
    elif role == "handler":  # may acknowledge those whose case the unit leads
        led = {alarm.pk for alarm in near if alarm.case and alarm.case.lead_unit == fleet.city.municipal}
        assert set(told["done"]) == led and len(told["refused"]) == len(near) - len(led)
    else:
        assert told == {"done": sorted(alarm.pk for alarm in near), "refused": []}


def test_each_alarm_is_judged_by_itself(fleet, alarms):
    # given one acknowledged already, one out of sight and one that is none
    near, worker = of(alarms, fleet), fleet.city.user("grid_worker")
    far = next(alarm for alarm in alarms if alarm not in near)
    assert together(worker, "acknowledge", near[:1]).json()["done"] == [near[0].pk]
    before = states([near[0], far])
    # when all of them are acknowledged together, one of them named twice
    told = together(worker, "acknowledge", [*near, near[1], far, 10**15], reason="已知悉").json()
    # then those that can be are, and the others are as they were, each with why
    assert told["done"] == [alarm.pk for alarm in near[1:]]
    assert {row["id"]: row["code"] for row in told["refused"]} == {
        near[0].pk: "conflict", far.pk: "not_found", 10**15: "not_found",
    }  # fmt: skip
    assert states([near[0], far]) == before
    assert Event.objects.filter(name="alarm.acknowledged").count() == len(near)


def test_the_same_request_sent_twice_has_one_effect_and_one_answer(fleet, alarms):
    near, user = of(alarms, fleet), fleet.city.user("dispatcher")
    body = {"ids": [alarm.pk for alarm in near], **BODY["shelve"]}
    answers = [
        client_of(user).post(f"{ALARMS}shelve/", body, format="json", headers={"Idempotency-Key": "s"})
        for _time in "ab"
    ]
    assert answers[0].json() == answers[1].json() and len(answers[0].json()["done"]) == len(near)
    assert Event.objects.filter(name="alarm.shelved").count() == len(near)


@pytest.mark.parametrize(("name", "body", "attr"), [
    ("acknowledge", {"ids": []}, "ids"), ("acknowledge", {"ids": ["x"]}, "ids.0"), ("acknowledge", {}, "ids"),
    ("acknowledge", {"ids": [10**30]}, "ids.0"), ("acknowledge", {"ids": list(range(1, 300))}, "ids"),
    ("shelve", {"until": SOON}, "reason"), ("shelve", {"until": SOON, "reason": " "}, "reason"),
    ("shelve", {"reason": "x"}, "until"), ("shelve", {"until": at(0).isoformat(), "reason": "x"}, "until"),
    ("shelve", {"until": (timezone.now() + timedelta(days=9)).isoformat(), "reason": "x"}, "until"),
])  # fmt: skip
def test_wrong_input_is_named_and_changes_none(fleet, alarms, name, body, attr):
    near = of(alarms, fleet)
    before = states(near)
    response = client_of(fleet.city.user("dispatcher")).post(
        f"{ALARMS}{name}/", {"ids": [alarm.pk for alarm in near]} | body if body else body, format="json"
    )
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, attr)
    assert states(near) == before


def test_nobody_unknown_does(fleet, alarms):
    before = states(alarms)
    assert {together(None, name, alarms, **BODY[name]).status_code for name in BODY} == {401}
    assert states(alarms) == before
