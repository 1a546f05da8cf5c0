"""What was said of a device's life by mistake is put right: the end of a maintenance, a retirement, a profile."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cases.models import Case
from cases.tests.api import client_of
from cases.tests.pages import photo
from devices.claims import claim_going_on, device_claim, device_commission
from devices.keys import credential_of
from devices.models import Alarm, Device, Shelving
from devices.registering import device_change
from devices.shelving import alarm_shelve
from devices.tests import test_admin
from devices.tests.fleet import at, key_of, message
from devices.tests.test_life import SOON, form_of, handled, maintained, maintenance, press, stand, work_on_the_device
from governance.attachments import read_uploads
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.models.timer import Timer
from governance.testing import snapshot
from governance.timers import fire_due
from governance.workflow import act


def ends(device) -> list:
    """When the timers of a device's maintenance will end it."""
    rows = Timer.objects.filter(kind="device.maintenance_ends", subject_id=device.pk, fired_at=None, cancelled_at=None)
    return list(rows.values_list("due_at", flat=True))


def timers_at(minutes):
    with time_machine.travel(at(minutes), tick=False):
        fire_due()


def test_a_maintenance_that_takes_longer_dispatches_nothing_in_between(fleet):
    # given a maintenance of an hour in which the cover is tilted
    device = maintained(fleet, until=60)
    fleet.ingest(message(5, status="tilted"), received_at=at(5))
    # when it takes longer
    centre = fleet.city.user("operations_centre")
    device = act(device, "change_maintenance", actor=centre, until=at(180), reason="备件未到", occurred_at=at(50))
    # then the event says from when to when, one timer is left, and the old end passes without a word
    assert (device.state, device.maintenance_until, ends(device)) == ("maintenance", at(180), [at(180)])
    told = Event.objects.get(name="device.maintenance_changed")
    assert (told.payload["until_before"], told.payload["until"]) == (at(60).isoformat(), at(180).isoformat())
    timers_at(61)
    assert maintenance(fleet)[0] == "maintenance"
    assert Alarm.objects.get().inhibited == "out_of_service"
    assert not Case.objects.exists() and not Event.objects.filter(name="alarm.released").exists()
    # and the new one ends it
    timers_at(181)
    assert maintenance(fleet)[0] == "in_service" and Case.objects.count() == 1


def test_a_wrong_end_is_put_right_to_an_earlier_one(fleet):
    device = maintained(fleet, until=60 * 24 * 20)
    act(device, "change_maintenance", actor=fleet.city.user("handler"), until=at(90), reason="填错", occurred_at=at(2))
    assert ends(device) == [at(90)]
    timers_at(91)
    assert maintenance(fleet)[0] == "in_service"


def test_one_that_began_with_the_work_is_prolonged_and_ends_with_its_case_still(fleet):
    work_on_the_device("tilted")
    fleet.ingest(message(0, status="tilted"))
    case = Alarm.objects.get().case
    handled(fleet, case, "start", minute=1)
    device, two_days = Device.objects.get(pk=fleet.cover.pk), 60 * 24 * 2
    act(device, "change_maintenance", actor=fleet.city.user("handler"), until=at(two_days), reason="待料",
        occurred_at=at(2))  # fmt: skip
    timers_at(60 * 24 + 10)
    assert maintenance(fleet) == ("maintenance", case)
    handled(fleet, Case.objects.get(pk=case.pk), "submit", "inspect", "close", minute=60 * 24 + 20)
    assert maintenance(fleet) == ("in_service", None)
    assert ends(device) == []


@pytest.mark.parametrize(("data", "attr"), [
    ({"reason": "x"}, "until"), ({"until": "2020-01-01T00:00:00+08:00", "reason": "x"}, "until"),
    ({"until": (timezone.now() + timedelta(days=31)).isoformat(), "reason": "x"}, "until"), ({"until": SOON}, "reason"),
])  # fmt: skip
def test_a_wrong_new_end_is_named_and_changes_nothing(fleet, data, attr):
    device, user = stand(fleet.cover, "maintenance"), fleet.city.user("operations_centre")
    before = snapshot(device)
    response = press(user, device, "change_maintenance", data)
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, attr)
    assert test_admin.client_of(user).post(form_of(device, "change_maintenance"), data).status_code == 400
    if attr == "until" and "until" in data:
        with pytest.raises(Invalid):
            act(device, "change_maintenance", actor=user, reason="x", until=timezone.now() + timedelta(days=31))
    assert snapshot(device) == before


@pytest.mark.parametrize("state", ["registered", "in_service", "disabled", "retired"])
def test_what_is_in_no_maintenance_has_no_end_to_change(fleet, state):
    device, user = stand(fleet.cover, state), fleet.city.user("operations_centre")
    before = snapshot(device)
    assert press(user, device, "change_maintenance", {"until": SOON, "reason": "x"}).status_code == 409
    form = test_admin.client_of(user).get(form_of(device, "change_maintenance"))
    assert form.status_code in (302, 409)
    assert snapshot(device) == before and ends(device) == []


def test_the_form_shows_the_end_so_far(fleet):
    device = stand(fleet.cover, "maintenance")
    html = test_admin.client_of(fleet.city.user("operations_centre")).get(form_of(device, "change_maintenance"))
    assert f"{timezone.localtime(device.maintenance_until):%Y-%m-%dT%H:%M}" in html.content.decode()


def retired(fleet) -> Device:
    """The cover, retired by mistake; it had a key."""
    fleet.secret = key_of(fleet.cover)
    return act(fleet.cover, "retire", actor=fleet.city.user("administrator"), reason="拆除", occurred_at=at(1))


def test_a_device_retired_by_mistake_is_put_up_again_under_its_old_code(fleet):
    device, handler = retired(fleet), fleet.city.user("handler")
    # when that is undone
    device = act(device, "take_back", actor=handler, reason="误操作", occurred_at=at(2))
    # then it is registered, judged by nobody, and its key lets nobody in still
    assert (device.state, device.retired_at, device.in_service_at) == ("registered", None, None)
    told = Event.objects.get(name="device.taken_back")
    assert (told.actor, told.payload["from"], told.payload["to"]) == (handler, "retired", "registered")
    assert credential_of(fleet.secret) is None
    fleet.ingest(message(3, status="tilted"), received_at=at(3))
    assert not Alarm.objects.exists()
    # its label leads to its page, where it is claimed; with a new key it is heard and put in service
    assert test_admin.client_of(handler).get("/m/devices/MC-001/").status_code == 200
    assert credential_of(key_of(device)).device_id == device.pk
    device_claim(device, actor=handler, longitude=device.longitude, latitude=device.latitude, photos=photos(),
                 occurred_at=at(4))  # fmt: skip
    fleet.ingest(message(5, status="tilted"), received_at=at(5))
    device = device_commission(device, actor=handler, occurred_at=at(6))
    fleet.ingest(message(7, status="tilted"), received_at=at(7))
    assert device.state == "in_service" and Alarm.objects.get().active


def photos() -> list:
    return read_uploads([photo()])


def test_a_claim_from_before_the_retirement_holds_no_more(fleet):
    device, handler = stand(fleet.cover, "registered"), fleet.city.user("handler")
    device_claim(device, actor=handler, longitude=device.longitude, latitude=device.latitude, photos=photos(),
                 occurred_at=at(0))  # fmt: skip
    device = act(device, "retire", actor=handler, reason="拆除", occurred_at=at(1))
    device = act(device, "take_back", actor=handler, reason="误操作", occurred_at=at(2))
    assert claim_going_on(device, handler, at=at(3)) is None
    with pytest.raises(Conflict):
        device_commission(device, actor=handler, occurred_at=at(3))


def test_only_what_is_retired_is_taken_back_and_with_a_reason(fleet):
    user = fleet.city.user("operations_centre")
    for state in ("registered", "in_service", "maintenance", "disabled"):
        device = stand(fleet.cover, state)
        before = snapshot(device)
        assert press(user, device, "take_back", {"reason": "x"}).status_code == 409
        assert snapshot(device) == before, state
    device = stand(fleet.cover, "retired")
    before = snapshot(device)
    assert press(user, device, "take_back", {}).status_code == 400
    assert test_admin.client_of(user).post(form_of(device, "take_back"), {}).status_code == 400
    assert snapshot(device) == before


def edit(device) -> str:
    return f"/admin/devices/device/{device.pk}/edit/"


def form_data(device, profile) -> dict:
    return {
        "code": device.code, "name": device.name, "profile": profile.pk, "area": device.area_id, "address": "东街1号",
        "longitude": device.longitude, "latitude": device.latitude, "unit": device.unit_id,
        "gateway": device.gateway_id,
    }  # fmt: skip


def test_the_profile_of_a_registered_device_is_put_right(fleet):
    device, admin, waste = stand(fleet.cover, "registered"), fleet.city.user("administrator"), fleet.bin.profile
    client = test_admin.client_of(admin)
    assert 'name="profile"' in client.get(edit(device)).content.decode()
    assert client.post(edit(device), form_data(device, waste)).status_code == 302
    assert Device.objects.get(pk=device.pk).profile == waste
    assert Event.objects.filter(name="config.changed").latest("pk").payload["fields"] == ["address", "profile"]
    # by REST too, back to what it was
    answer = client_of(admin).patch("/api/v1/devices/MC-001/", {"profile": "manhole_cover"}, format="json")
    assert (answer.status_code, answer.json()["profile"]) == (200, "manhole_cover"), answer.json()
    # and by that profile it is judged from then on
    device_change(device, actor=admin, profile=waste)
    act(Device.objects.get(pk=device.pk), "put_in_service", actor=admin, occurred_at=at(0))
    fleet.ingest(message(1, metrics={"tilt": 80, "fill": 0.9}), received_at=at(1))
    assert Alarm.objects.get().alarm_type == "full"


@pytest.mark.parametrize("state", ["in_service", "maintenance", "disabled", "retired"])
def test_once_put_up_its_profile_stays(fleet, state):
    device, admin = stand(fleet.cover, state), fleet.city.user("administrator")
    before = snapshot(device)
    client = test_admin.client_of(admin)
    assert 'name="profile"' not in client.get(edit(device)).content.decode()
    client.post(edit(device), form_data(device, fleet.bin.profile) | {"address": device.address})
    answer = client_of(admin).patch("/api/v1/devices/MC-001/", {"profile": "trash_bin"}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (409, "profile")
    with pytest.raises(Conflict):
        device_change(device, actor=admin, profile=fleet.bin.profile)
    assert snapshot(device) == before


@pytest.mark.parametrize("role", [
    "operations_centre", "community_staff", "handler", "grid_worker", "dispatcher", "registrar", "supervisor",
    "resident", "outside_administrator",
])  # fmt: skip
def test_nobody_but_an_administrator_of_the_area_changes_a_profile(fleet, role):
    device, person = stand(fleet.cover, "registered"), fleet.city.people[role]
    before = snapshot(device)
    answer = client_of(person).patch("/api/v1/devices/MC-001/", {"profile": "trash_bin"}, format="json")
    assert answer.status_code in (403, 404)
    posted = test_admin.client_of(person).post(edit(device), form_data(device, fleet.bin.profile))
    assert posted.status_code in (302, 403, 404)
    with pytest.raises(NotPermitted):
        device_change(device, actor=person, profile=fleet.bin.profile)
    assert snapshot(device) == before


def test_a_device_that_is_retired_and_stands_again_is_not_shelved_any_more(fleet):
    # given a cover whose alarm is shelved for six days
    fleet.ingest(message(0, status="tilted"))
    dispatcher, centre = fleet.city.user("dispatcher"), fleet.city.user("operations_centre")
    alarm_shelve(Alarm.objects.get(), actor=dispatcher, until=at(60 * 24 * 6), reason="损坏", occurred_at=at(1))
    # when it is retired, then nothing is shelved and no timer is left
    device = act(Device.objects.get(pk=fleet.cover.pk), "retire", actor=centre, reason="拆除", occurred_at=at(2))
    assert Shelving.objects.get().ended_at == at(2)
    assert not Timer.objects.filter(kind="device.shelf_ends", fired_at=None, cancelled_at=None).exists()
    # when it stands again and is tilted, then somebody is sent
    device = act(device, "take_back", actor=centre, reason="重新启用", occurred_at=at(3))
    act(device, "put_in_service", actor=centre, occurred_at=at(4))
    fleet.ingest(message(60, status="normal"), message(61, status="tilted"), received_at=at(61))
    alarm = Alarm.objects.get(cleared_at=None)
    assert (alarm.inhibited, alarm.case is not None) == ("", True)
