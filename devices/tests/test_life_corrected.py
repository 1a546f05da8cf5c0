"""What was said of a device's life by mistake is put right: the end of a maintenance, a retirement, a profile."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cases.models import Case
from devices.models import Alarm, Device
from devices.tests import test_admin
from devices.tests.fleet import at, message
from devices.tests.test_life import SOON, form_of, handled, maintained, maintenance, press, stand, work_on_the_device
from governance.errors import Invalid
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
