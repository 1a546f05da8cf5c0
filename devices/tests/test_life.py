"""The life of a device: every transition by every role through API and admin, and what follows from each."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cases.tests.api import client_of
from devices.keys import credential_of
from devices.life import maintained_by, work_begun
from devices.messages import status_word
from devices.models import Alarm, AlarmStorm, Device, PendingAlarm, ProfileStatus
from devices.profile_rules import forget_rules
from devices.tests import test_admin
from devices.tests.fleet import at, key_of, message
from governance.errors import Invalid
from governance.models import Event, User
from governance.models.timer import Timer
from governance.testing import snapshot
from governance.timers import fire_due
from governance.workflow import act, steps_of

SOON = (timezone.now() + timedelta(days=1)).isoformat()
# By hand: who keeps devices. The handler's unit owns the device, the supervisor's does not.
KEEPERS = {"administrator", "operations_centre", "community_staff", "handler"}
OTHERS = {"registrar", "dispatcher", "grid_worker", "supervisor", "resident"}
# transition: (state it starts from, what is sent, state it ends in)
TABLE = {
    "put_in_service": ("registered", {}, "in_service"),
    "begin_maintenance": ("in_service", {"until": SOON, "reason": "换电池"}, "maintenance"),
    "change_maintenance": ("maintenance", {"until": SOON, "reason": "备件未到"}, "maintenance"),
    "end_maintenance": ("maintenance", {}, "in_service"),
    "disable": ("in_service", {"reason": "道路施工"}, "disabled"),
    "retire": ("disabled", {"reason": "拆除"}, "retired"),
    "take_back": ("retired", {"reason": "误报废"}, "registered"),
}


def stand(device, state) -> Device:
    """Put a device in a state as the database holds it."""
    until = timezone.now() + timedelta(days=1) if state == "maintenance" else None
    Device.objects.filter(pk=device.pk).update(state=state, maintenance_until=until)
    return Device.objects.get(pk=device.pk)


def press(user, device, name, data):
    url = f"/api/v1/devices/{device.code}/transitions/{name}/"
    return client_of(user).post(url, data, format="json")


def form_of(device, name) -> str:
    return reverse("admin:devices_device_transition", args=[device.pk, name])


def test_the_table_names_every_transition():
    # claims have their own tests (test_claims.py)
    assert set(TABLE) == {name for name, step in steps_of(Device).items() if not step.quiet}


@pytest.mark.parametrize("name", TABLE)
def test_each_transition_is_open_to_its_roles_and_to_no_others(fleet, name):
    state, data, target = TABLE[name]
    device = stand(fleet.cover, state)
    before = snapshot(device)
    for role in sorted(KEEPERS | OTHERS):
        user = fleet.city.user(role)
        if role in KEEPERS:
            # when somebody who may presses the button, in API and admin, then it is so, with an event
            with transaction.atomic():
                response = press(user, device, name, data)
                assert (response.status_code, response.json()["state"]) == (200, target), (role, response.json())
                assert snapshot(device)["_events"] > before["_events"], role
                transaction.set_rollback(True)
            with transaction.atomic():
                response = test_admin.client_of(user).post(form_of(device, name), data)
                assert response.status_code == 302, role
                assert Device.objects.get(pk=device.pk).state == target
                transaction.set_rollback(True)
        else:
            # when anybody else does, then it is refused and nothing has changed
            assert press(user, device, name, data).status_code in (403, 404), role
            assert test_admin.client_of(user).post(form_of(device, name), data).status_code in (302, 403, 404), role
            assert snapshot(device) == before, role


@pytest.mark.parametrize("name", TABLE)
def test_nobody_elsewhere_touches_the_device(fleet, name):
    state, data, _target = TABLE[name]
    device = stand(fleet.cover, state)
    before = snapshot(device)
    for role in sorted(KEEPERS):
        outsider = fleet.city.outsider(role)
        assert press(outsider, device, name, data).status_code == 404, role
        assert test_admin.client_of(outsider).post(form_of(device, name), data).status_code == 404, role
    assert press(None, device, name, data).status_code == 401
    assert snapshot(device) == before


@pytest.mark.parametrize("state", ["registered", "in_service", "maintenance", "disabled", "retired"])
def test_the_api_lists_what_may_be_done(fleet, state):
    device = stand(fleet.cover, state)
    may = {name for name, step in steps_of(Device).items() if state in step.sources and not step.quiet}
    url = f"/api/v1/devices/{device.code}/"
    assert set(client_of(fleet.city.user("operations_centre")).get(url).json()["transitions"]) == may
    assert client_of(fleet.city.user("dispatcher")).get(url).json()["transitions"] == []


@pytest.mark.parametrize(("name", "data", "attr"), [
    ("begin_maintenance", {"reason": "换电池"}, "until"),
    ("begin_maintenance", {"until": "2020-01-01T00:00:00+08:00", "reason": "x"}, "until"),
    ("begin_maintenance", {"until": (timezone.now() + timedelta(days=31)).isoformat(), "reason": "x"}, "until"),
    ("begin_maintenance", {"until": SOON}, "reason"),
    ("disable", {}, "reason"),
    ("retire", {"reason": " "}, "reason"),
])  # fmt: skip
def test_wrong_input_is_named_and_changes_nothing(fleet, name, data, attr):
    before, user = snapshot(fleet.cover), fleet.city.user("operations_centre")
    response = press(user, fleet.cover, name, data)
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, attr)
    assert test_admin.client_of(user).post(form_of(fleet.cover, name), data).status_code == 400
    assert snapshot(fleet.cover) == before
    # and a button of another state is a conflict
    assert press(user, fleet.cover, "end_maintenance", {}).status_code == 409
    assert snapshot(fleet.cover) == before


def test_a_maintenance_of_more_than_30_days_is_refused_by_the_service_too(fleet):
    before = snapshot(fleet.cover)
    with pytest.raises(Invalid):
        act(fleet.cover, "begin_maintenance", actor=fleet.city.user("operations_centre"), reason="x",
            until=timezone.now() + timedelta(days=31))  # fmt: skip
    assert snapshot(fleet.cover) == before


def maintained(fleet, *, until=60) -> Device:
    centre = fleet.city.user("operations_centre")
    return act(fleet.cover, "begin_maintenance", actor=centre, until=at(until), reason="检修", occurred_at=at(1))


def test_maintenance_holds_alarms_back_and_its_timer_dispatches_what_is_left(fleet):
    # given a tilted cover with its case that is then maintained
    fleet.ingest(message(0, status="tilted"))
    maintained(fleet)
    alarm = Alarm.objects.get()
    assert alarm.inhibited == "out_of_service" and alarm.active
    # and another alarm meanwhile
    fleet.ingest(message(5, status="missing"), received_at=at(5))
    held = Alarm.objects.get(alarm_type="missing")
    assert (held.inhibited, held.case) == ("out_of_service", None)
    # when the time is over
    with time_machine.travel(at(61), tick=False):
        fire_due()
    # then the system has ended it and what is abnormal is dispatched
    device = Device.objects.get(pk=fleet.cover.pk)
    assert (device.state, device.maintenance_until) == ("in_service", None)
    assert Event.objects.get(name="device.maintenance_ended").actor == User.objects.system("devices")
    held.refresh_from_db()
    assert held.inhibited == "" and held.case is not None
    assert not Alarm.objects.exclude(inhibited="").exists() and Case.objects.count() == 2


def test_maintenance_ended_by_hand_leaves_no_timer(fleet):
    device = maintained(fleet)
    device = act(device, "end_maintenance", actor=fleet.city.user("operations_centre"), occurred_at=at(2))
    assert device.state == "in_service"
    assert not Timer.objects.filter(kind="device.maintenance_ends", fired_at=None, cancelled_at=None).exists()
    with time_machine.travel(at(61), tick=False):
        fire_due()
    assert Event.objects.filter(name="device.maintenance_ended").count() == 1


def test_an_alarm_that_was_held_back_and_returns_after_maintenance_is_dispatched(fleet):
    # given an alarm raised and over within a maintenance
    device = maintained(fleet)
    fleet.ingest(message(5, status="tilted"), received_at=at(5))
    fleet.ingest(message(6, status="normal"), received_at=at(6))
    act(device, "end_maintenance", actor=fleet.city.user("operations_centre"), occurred_at=at(7))
    assert not Case.objects.exists()
    # when it comes back soon after
    fleet.ingest(message(8, status="tilted"), received_at=at(8))
    # then somebody is sent
    alarm = Alarm.objects.get()
    assert (alarm.inhibited, alarm.count, alarm.active) == ("", 2, True)
    assert alarm.case is not None


@pytest.mark.parametrize("name", ["disable", "retire"])
def test_what_is_judged_no_more_has_no_open_alarm(fleet, name):
    # given a device with an alarm, another one pending, and a key
    ProfileStatus.objects.filter(profile=fleet.cover_profile, code="tilted").update(on_delay=600)
    forget_rules()
    secret = key_of(fleet.cover)
    fleet.ingest(message(0, status="missing", metrics={"tilt": 20}))
    assert PendingAlarm.objects.exists()
    case = Alarm.objects.get().case
    # when it is disabled or retired
    actor = fleet.city.user("community_staff")
    device = act(fleet.cover, name, actor=actor, reason="拆除", occurred_at=at(1))
    # then nothing is open or pending, and the event says why; the case stays
    alarm = Alarm.objects.get()
    assert (alarm.cleared_at, alarm.condition, alarm.case) == (at(1), "cleared", case)
    assert not PendingAlarm.objects.exists()
    assert Event.objects.get(name="alarm.cleared").payload["why"] == device.state
    case.refresh_from_db()
    assert case.state == "dispatched"
    # and the keys of a retired one are worthless
    assert (credential_of(secret) is None) == (name == "retire")
    with time_machine.travel(at(30), tick=False):
        fire_due()
    assert Alarm.objects.active().count() == 0


def test_a_registered_device_raises_nothing_until_it_is_put_in_service(fleet):
    device = stand(fleet.cover, "registered")
    fleet.ingest(message(0, status="tilted"))
    assert not Alarm.objects.exists()
    device = act(device, "put_in_service", actor=fleet.city.user("handler"), occurred_at=at(1))
    assert device.in_service_at == at(1)
    fleet.ingest(message(2, status="tilted"), received_at=at(2))
    assert Alarm.objects.get().active


def handled(fleet, case, *names, minute):
    """Take a case through some steps of its handling."""
    handler, centre = fleet.city.user("handler"), fleet.city.user("operations_centre")
    steps = {"start": (handler, {}), "submit": (handler, {"result": "已扶正"}), "inspect": (centre, {}),
             "close": (centre, {})}  # fmt: skip
    for name in names:
        actor, given = steps[name]
        case = act(case, name, actor=actor, occurred_at=at(minute), **given)
    with time_machine.travel(at(minute + 0.5), tick=False):
        fire_due()


def maintenance(fleet) -> tuple:
    device = Device.objects.get(pk=fleet.cover.pk)
    return device.state, device.maintenance_case


def work_on_the_device(*words):
    """Let the cases of some statuses be work on the device itself."""
    ProfileStatus.objects.filter(code__in=words).update(maintain_while_handled=True)
    forget_rules()


def test_a_device_is_maintained_while_its_case_is_handled_where_its_status_says_so(fleet):
    # given a status that says so, and a tilted cover with its case
    work_on_the_device("tilted")
    fleet.ingest(message(0, status="tilted"))
    case = Alarm.objects.get().case
    # when the unit begins its work, the device is maintained by the system, for that case and a day at most
    handled(fleet, case, "start", minute=1)
    assert maintenance(fleet) == ("maintenance", case)
    begun = Event.objects.get(name="device.maintenance_begun")
    assert (begun.actor, begun.payload["case"]) == (User.objects.system("devices"), case.number)
    shown = client_of(fleet.city.user("operations_centre")).get("/api/v1/devices/MC-001/").json()
    assert shown["maintenance_case"] == case.number
    # when the case is closed, it ends
    handled(fleet, Case.objects.get(pk=case.pk), "submit", "inspect", "close", minute=3)
    assert maintenance(fleet) == ("in_service", None)
    assert not Timer.objects.filter(kind="device.maintenance_ends", fired_at=None, cancelled_at=None).exists()


def test_a_cover_whose_water_is_handled_is_heard_when_it_is_gone(fleet):
    # given a profile where a tilted cover is work on the cover itself, and high water is not
    work_on_the_device("tilted")
    ProfileStatus.objects.create(
        profile=fleet.cover_profile, code="water_high", label="水位高", severity="medium", standard=fleet.city.standard
    )
    forget_rules()
    fleet.ingest(message(0, status="water_high"))
    # when the work on the water has begun
    handled(fleet, Alarm.objects.get().case, "start", minute=1)
    assert maintenance(fleet) == ("in_service", None)
    # then that the cover is gone is told at once, with a case of its own
    fleet.ingest(message(3, status="missing"), received_at=at(3))
    gone = Alarm.objects.get(alarm_type="missing")
    assert (gone.inhibited, gone.case is not None) == ("", True)


@pytest.mark.parametrize("merged", [False, True])
def test_nobody_works_on_all_the_devices_of_a_storm(fleet, merged):
    # given a status whose cases are work on the device, of which two in a grid are a storm
    work_on_the_device("tilted")
    ProfileStatus.objects.filter(code="tilted").update(storm_count=2)
    forget_rules()
    other = Device.objects.create(
        code="MC-002", name="x", profile=fleet.cover_profile, area=fleet.city.grid, unit=fleet.city.municipal,
        longitude=fleet.city.point[0], latitude=fleet.city.point[1], gateway=fleet.gateway,
    )  # fmt: skip
    fleet.ingest(message(0, status="tilted"), message(0, "MC-002", status="tilted"))
    case = Alarm.objects.filter(device=other).get().case
    if merged:
        # and its alarms went on with the case it was merged into
        fleet.ingest(message(1, "MC-900", status="missing"), owner=Device.objects.get(code="MC-900"))
        main = Alarm.objects.get(alarm_type="missing").case
        Case.objects.filter(pk=case.pk).update(state="merged", merged_into=main)
        Alarm.objects.filter(case=case).update(case=main)
        case = main
    # when the case of the storm is handled, then no cover is maintained
    work_begun(case.pk, at=at(2))
    assert set(Device.objects.values_list("state", flat=True)) == {"in_service"}
    # and without the storm both would be
    AlarmStorm.objects.all().delete()
    work_begun(case.pk, at=at(2))
    assert set(Device.objects.filter(state="maintenance").values_list("code", flat=True)) == {"MC-001", "MC-002"}


def test_the_devices_of_a_case_are_looked_up_by_its_key():
    # asked of every case whose handling begins: both ways lead by the key of the case, no join begins at all devices
    statement = str(maintained_by(7).query)
    chattered, worked_on = statement.split(" UNION ")
    assert '"chatter_case_id" = 7' in chattered and "JOIN" not in chattered.split("(SELECT")[-1], statement
    assert '"case_id" = 7' in worked_on and "OUTER JOIN" not in worked_on, statement


def test_the_time_of_a_maintenance_may_be_over_before_its_case(fleet):
    fleet.ingest(message(0, status="tilted"))
    case = Alarm.objects.get().case
    # without a word in the status nothing happens by itself
    handled(fleet, case, "start", minute=1)
    assert maintenance(fleet) == ("in_service", None)
    # when somebody begins a maintenance for the case, by its number
    soon = timezone.now() + timedelta(hours=1)
    data = {"until": soon.isoformat(), "reason": "检修", "case": case.number}
    response = press(fleet.city.user("handler"), fleet.cover, "begin_maintenance", data)
    assert (response.status_code, maintenance(fleet)) == (200, ("maintenance", case)), response.json()
    with time_machine.travel(soon + timedelta(minutes=1), tick=False):
        fire_due()
    assert maintenance(fleet) == ("in_service", None)


def test_a_maintenance_is_not_linked_with_a_case_of_something_else(fleet):
    fleet.ingest(message(0, device="TB-001", status="full"))
    other, before = Case.objects.get(), snapshot(fleet.cover)
    data = {"until": SOON, "reason": "检修", "case": other.number}
    response = press(fleet.city.user("operations_centre"), fleet.cover, "begin_maintenance", data)
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, "case")
    with pytest.raises(Invalid):
        act(fleet.cover, "begin_maintenance", actor=fleet.city.user("operations_centre"), reason="x", case=other,
            until=timezone.now() + timedelta(days=1))  # fmt: skip
    assert snapshot(fleet.cover) == before


def test_the_case_of_a_device_that_chatters_is_work_on_it_whatever_its_status_says(fleet):
    # given a bin with a maintenance case because it chattered
    fleet.ingest(message(0, status="tilted"))
    case = Alarm.objects.get().case
    Device.objects.filter(pk=fleet.bin.pk).update(chatter_case=case)
    # when the work begins and ends, then so does its maintenance; the cover's status does not say so
    handled(fleet, case, "start", minute=1)
    bin_ = Device.objects.get(pk=fleet.bin.pk)
    assert (bin_.state, bin_.maintenance_case) == ("maintenance", case)
    assert maintenance(fleet) == ("in_service", None)
    handled(fleet, Case.objects.get(pk=case.pk), "submit", "inspect", "close", minute=3)
    assert Device.objects.get(pk=fleet.bin.pk).state == "in_service"


def test_the_ready_profiles_say_whose_cases_are_work_on_the_device_itself():
    rows = json.loads((settings.BASE_DIR / "fixtures/0300_device_profiles.json").read_text())
    statuses = [row["fields"] for row in rows if row["model"] == "devices.profilestatus"]
    assert {(row["profile"][0], row["code"]) for row in statuses if row.get("maintain_while_handled")} == {
        ("manhole_cover", "tilted"), ("manhole_cover", "missing"), ("street_lamp", "lamp_out"),
        ("street_lamp", "pole_tilted"),
    }  # fmt: skip
    words = {row["fields"]["code"] for row in rows if row["fields"].get("profile") == ["trash_bin"]
             and row["model"] == "devices.profilestatus"}  # fmt: skip
    # Smart Data Models WasteContainer: ok and unknown are known to every profile
    assert words >= {status_word(word) for word in ("lidOpen", "dropped", "moved", "vandalized", "burning")}
    assert status_word("ok") == "normal"
