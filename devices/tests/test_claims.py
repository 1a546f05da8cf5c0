"""A device is put up on site: the label leads to its page, it is claimed, its test alarm arrives, it is in service."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from cases.models import Case
from cases.tests.pages import photo
from devices.labels import qr_svg
from devices.models import Alarm, Device, DeviceBaseline, DeviceClaim, ProfileMetric
from devices.profile_rules import forget_rules
from devices.tests.test_life import stand
from governance.models import Attachment, Event
from governance.testing import snapshot

PAGE = "/m/devices/MC-001/"
INSTALLERS = {"administrator", "operations_centre", "community_staff", "handler", "grid_worker"}
OTHERS = {"registrar", "dispatcher", "supervisor", "resident"}


@pytest.fixture
def cover(fleet) -> Device:
    return stand(fleet.cover, "registered")


def phone_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sent(device, *, east=0.0, **more) -> dict:
    """What the claim form sends from a place some degrees east of the registered one."""
    place = {"longitude": device.longitude + east, "latitude": device.latitude, "accuracy": 8}
    return {"photos": [photo()], **place} | more


def claim(user, device, **given):
    return phone_of(user).post(f"/m/devices/{device.code}/claim/", sent(device, **given))


def says(fleet, **said) -> None:
    """The device reports, now."""
    now = timezone.now()
    fleet.ingest({"device": "MC-001", "at": now.isoformat()} | said, received_at=now)


def refused_and_unchanged(device, before, response, status) -> None:
    assert response.status_code == status
    assert snapshot(device) == before
    assert not DeviceClaim.objects.exists() and not Attachment.objects.exists()


def test_who_may_put_up_a_device_does_so_on_the_phone(fleet, cover):
    worker = fleet.city.user("grid_worker")
    phone = phone_of(worker)
    # given a device that is not in place yet: its page asks for a photo and the position
    assert "correct_place" not in phone.get(PAGE).content.decode()
    # when a grid worker claims it, the camera's position inside the photo is not kept
    assert claim(worker, cover, photos=[photo(position=True)]).status_code == 302
    made = DeviceClaim.objects.get()
    assert (made.claimed_by, made.moved, made.accuracy, made.distance) == (worker, False, 8, 0)
    kept = Attachment.objects.get()
    assert (kept.subject_id, kept.purpose, kept.longitude) == (cover.pk, "evidence", None)
    assert kept.event == Event.objects.get(name="device.claimed")
    # then the page waits, looking again by itself
    waiting = phone.get(PAGE)
    assert waiting["Refresh"] and "data-tested" not in waiting.content.decode()
    assert phone.post(PAGE + "commission/").status_code == 409
    # and a sample that says nothing is wrong is no test
    says(fleet, status="normal", metrics={"tilt": 2})
    assert phone.post(PAGE + "commission/").status_code == 409
    assert Device.objects.get(pk=cover.pk).state == "registered"
    # when it is tilted, the page says what that would have raised, and nothing was raised
    says(fleet, metrics={"tilt": 40})
    shown = phone.get(PAGE).content.decode()
    assert "data-tested" in shown and "井盖倾斜" in shown
    assert not Alarm.objects.exists() and not Case.objects.exists()
    # then it can be put in service
    assert phone.post(PAGE + "commission/").status_code == 302
    device = Device.objects.get(pk=cover.pk)
    assert (device.state, device.in_service_at is not None) == ("in_service", True)
    event = Event.objects.get(name="device.put_in_service")
    assert (event.actor, event.payload["claim"], event.payload["test_alarms"]) == (worker, made.pk, ["tilted"])
    made.refresh_from_db()
    assert made.completed_at == device.in_service_at
    # and from now on it is judged
    says(fleet, status="tilted")
    assert Alarm.objects.get().active


@pytest.mark.parametrize("role", sorted(INSTALLERS | OTHERS))
def test_each_role_and_the_claim(fleet, cover, role):
    before = snapshot(cover)
    response = claim(fleet.city.user(role), cover)
    if role in INSTALLERS:
        assert response.status_code == 302
        assert DeviceClaim.objects.get().claimed_by == fleet.city.user(role)
    else:  # sees the device and may not; or does not even see it
        refused_and_unchanged(cover, before, response, 403 if role != "supervisor" else 404)


@pytest.mark.parametrize("role", sorted(INSTALLERS))
def test_nobody_from_elsewhere_claims_it_or_sees_it(fleet, cover, role):
    before, outsider = snapshot(cover), fleet.city.outsider(role)
    assert phone_of(outsider).get(PAGE).status_code == 404
    refused_and_unchanged(cover, before, claim(outsider, cover), 404)


def test_who_is_not_signed_in_signs_in_first_and_comes_back(fleet, cover):
    response = Client().get(PAGE)
    assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={PAGE}")


@pytest.mark.parametrize(("given", "field"), [
    ({"east": 0.001}, "longitude"),  # 98 m: too far
    ({"longitude": 0.0, "latitude": 0.0}, "longitude"),  # outside the grid
    ({"longitude": ""}, "longitude"),
    ({"longitude": 181}, "longitude"),
    ({"latitude": "x"}, "latitude"),
    ({"photos": []}, "photos"),
])  # fmt: skip
def test_a_claim_from_a_wrong_place_or_without_a_photo_names_the_field(fleet, cover, given, field):
    before = snapshot(cover)
    response = claim(fleet.city.user("grid_worker"), cover, **given)
    refused_and_unchanged(cover, before, response, 400)
    assert list(response.context["form"].errors) == [field]


def test_how_far_is_allowed_is_said_by_the_profile(fleet, cover):
    worker = fleet.city.user("grid_worker")
    fleet.cover_profile.__class__.objects.filter(pk=fleet.cover_profile.pk).update(claim_distance=200)
    assert claim(worker, cover, east=0.001).status_code == 302
    assert 90 < DeviceClaim.objects.get().distance < 110


def test_who_keeps_devices_may_correct_the_place(fleet, cover):
    # when a grid worker asks for it, their form does not know it
    assert claim(fleet.city.user("grid_worker"), cover, east=0.001, correct_place="on").status_code == 400
    assert not DeviceClaim.objects.exists()
    # when somebody who keeps devices does, the register follows
    assert claim(fleet.city.user("community_staff"), cover, east=0.001, correct_place="on").status_code == 302
    device = Device.objects.get(pk=cover.pk)
    assert device.longitude == pytest.approx(cover.longitude + 0.001)
    told = Event.objects.get(name="device.claimed").payload
    assert told["moved"] and told["place_before"] == [cover.longitude, cover.latitude]
    # but never out of the grid
    assert claim(fleet.city.user("community_staff"), cover, east=10, correct_place="on").status_code == 400


def test_only_who_claimed_it_last_goes_on_and_only_that_day(fleet, cover):
    first, second = fleet.city.user("grid_worker"), fleet.city.user("community_staff")
    claim(first, cover)
    says(fleet, status="tilted")
    # when somebody else claims it anew, the first claim is over, and what was heard before does not count
    before = snapshot(Device.objects.get(pk=cover.pk))
    assert phone_of(second).post(PAGE + "commission/").status_code == 403
    claim(second, cover)
    assert DeviceClaim.objects.filter(replaced_at=None).get().claimed_by == second
    assert phone_of(first).post(PAGE + "commission/").status_code == 403
    assert phone_of(second).post(PAGE + "commission/").status_code == 409
    says(fleet, status="tilted")
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert phone_of(second).post(PAGE + "commission/").status_code == 409
    assert Device.objects.get(pk=cover.pk).state == "registered" and before["state"] == "registered"
    assert phone_of(second).post(PAGE + "commission/").status_code == 302


@pytest.mark.parametrize("state", ["in_service", "maintenance", "retired"])
def test_a_device_in_use_is_not_claimed(fleet, state):
    device = stand(fleet.cover, state)
    before = snapshot(device)
    refused_and_unchanged(device, before, claim(fleet.city.user("community_staff"), device), 409)
    # its page shows how it is, and what may be done
    assert "data-claim" not in phone_of(fleet.city.user("community_staff")).get(PAGE).content.decode()


def test_no_other_door_claims_or_commissions(fleet, cover):
    before, centre = snapshot(cover), fleet.city.user("operations_centre")
    for name in ("claim", "commission"):
        answer = phone_of(centre).post(f"/api/v1/devices/MC-001/transitions/{name}/", {})
        assert answer.status_code == 403, name
        assert phone_of(centre).post(f"/m/devices/MC-001/steps/{name}/", {}).status_code == 404
    assert snapshot(cover) == before


def test_the_baseline_is_the_mean_of_what_was_normal_while_it_was_claimed(fleet, cover):
    # given a cover whose tilt is judged by its baseline, in a sloping road
    ProfileMetric.objects.filter(profile=fleet.cover_profile).update(relative_to_baseline=True)
    forget_rules()
    worker = fleet.city.user("grid_worker")
    claim(worker, cover)
    for tilt in (4, 6, 60):
        says(fleet, metrics={"tilt": tilt})
    phone_of(worker).post(PAGE + "commission/")
    # then the test alarm does not count
    row = DeviceBaseline.objects.get()
    assert (row.metric, row.value, row.set_by) == ("tilt", 5, worker)
    assert Event.objects.get(name="device.baseline_set").payload["samples"] == 2


def test_the_labels_of_chosen_devices_lead_to_their_pages(fleet):
    # when two devices are chosen in the list and their labels printed
    chosen = {"action": "print_labels", "_selected_action": [fleet.cover.pk, fleet.bin.pk]}
    response = phone_of(fleet.city.user("community_staff")).post("/admin/devices/device/", chosen)
    text = response.content.decode()
    # then each has its code and name and the QR code of its address
    assert re.findall(r"<b>([^<]+)</b>", text) == ["MC-001", "TB-001"]
    for device in (fleet.cover, fleet.bin):
        assert qr_svg(f"http://testserver/m/devices/{device.code}/") in text
    assert qr_svg("http://testserver/m/devices/MC-900/") not in text
    assert '<button type="button" id="print">打印</button>' in text and "devices/print.js" in text
    # and who does not see a device gets no label of it
    other = phone_of(fleet.city.outsider("community_staff")).post("/admin/devices/device/", chosen)
    assert "MC-001" not in other.content.decode()
