"""The devices of the fictional city: where they stand, what they report, and whom it concerns."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from cases.demo_material import Material
from cases.models import Case
from devices.bins.forecast import bins_of
from devices.demo_batteries import battery_at, load_batteries
from devices.demo_bins import load_bins
from devices.demo_readings import DemoDevices
from devices.ingest import readings_ingest
from devices.keys import Credential
from devices.models import (
    OFFLINE,
    Alarm,
    AlarmStorm,
    CollectionRun,
    Device,
    DeviceForecast,
    DeviceProfile,
    LatestValue,
    ProfileStatus,
    Shelving,
)
from devices.offline import offline_sweep
from devices.scenarios import SCENARIOS
from devices.simulator import Door, Simulator, StoppedError, demo_devices, single_message
from devices.tests.fleet import key_of
from devices.tests.simulated import Passing, the_server
from governance.models import Area, Event

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def yunchuan(django_db_setup, django_db_blocker):
    """The city without history, loaded once for this module and rolled back after it."""
    files = [str(path) for path in sorted((settings.BASE_DIR / "fixtures").glob("0*.json"))]
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("loaddata", *files, verbosity=0)
        yield
        transaction.set_rollback(True)


def test_every_device_stands_in_its_grid_with_an_address_and_an_owner():
    devices = Device.objects.select_related("area", "unit")
    assert Counter(device.state for device in devices) == {"in_service": 44, "registered": 1}
    assert Counter(device.code.split("-")[0] for device in devices) == {
        "MC": 18, "TB": 10, "SL": 6, "WL": 4, "SD": 3, "AQ": 2, "VC": 2,
    }  # fmt: skip
    for device in devices:
        device.full_clean()
        assert Area.objects.holding(device.longitude, device.latitude) == device.area
        assert device.area.kind == "grid"
        assert device.address


def test_places_of_the_history_are_those_of_the_devices():
    told = {place.device: place for places in Material.load().devices.values() for place in places}
    devices = {device.code: device for device in Device.objects.filter(state="in_service")}
    assert set(told) == set(devices)
    for code, place in told.items():
        given = {name: getattr(devices[code], name) for name in ("area", "address", "longitude", "latitude")}
        assert place.given() == given


def test_profiles_are_what_their_forms_accept():
    for profile in DeviceProfile.objects.all():
        profile.full_clean()
        for part in (*profile.statuses.all(), *profile.metrics.all()):
            part.full_clean()
        assert profile.metrics.filter(high__isnull=False).exists() or profile.code in {"smoke_detector", "camera"}
    opening = ProfileStatus.objects.filter(opens_case=True)
    assert not opening.filter(standard=None).exists()


def test_every_ready_type_is_watched_for_silence():
    # "any: offline after 3 x reporting interval + 10 %" (domain/devices.md); a camera need be heard once a day
    for profile in DeviceProfile.objects.all():
        assert profile.statuses.filter(code=OFFLINE, severity="low", opens_case=False).exists(), profile.code
    camera = DeviceProfile.objects.get(code="camera")
    assert camera.offline_after == timedelta(days=3.3)
    # when one was heard, and then nothing for four days
    Device.objects.filter(code="VC-001").update(last_seen_at=timezone.now() - timedelta(days=4))
    Device.objects.filter(code="VC-002").update(last_seen_at=timezone.now() - timedelta(days=3))
    offline_sweep(timezone.now())
    # then it is in the console, and no case is opened
    alarm = Alarm.objects.get(alarm_type=OFFLINE)
    assert (alarm.device.code, alarm.case, alarm.inhibited) == ("VC-001", None, "")


def test_the_first_manhole_cover_tilts_and_the_municipal_department_has_a_case():
    # given the device of the guides
    device = Device.objects.get(code="MC-001")
    # when it reports that it is tilted
    message = {"device": "MC-001", "at": timezone.now().isoformat(), "status": "tilted", "metrics": {"tilt": 32.5}}
    readings_ingest(credential=Credential(key_id=0, device_id=device.pk), messages=[message])
    # then the case is dispatched as its standard says
    case = Case.objects.get()
    assert case.state == "dispatched"
    assert case.address == "中山路100号"
    assert [unit.short_name for unit in case.units_as("lead")] == ["市政"]
    assert [unit.short_name for unit in case.units_as("supervising")] == ["城管"]
    assert case.due_at - case.reported_at == timedelta(hours=2)


@pytest.mark.parametrize("prefix", ["MC", "TB", "SL", "WL", "SD", "AQ"])
def test_the_history_of_a_device_is_told_through_the_real_door(prefix):
    # given a story of a device of each kind, some days ago
    material, now = Material.load(), timezone.now()
    devices = DemoDevices(Random(1), now=now)
    at = now - timedelta(days=5)
    for story in [story for story in material.stories if story.get("device_prefix") == prefix]:
        subject = material.subject(story, material.devices[prefix][1], "sensor", story["sensor_text"])
        # when it is played: reported, repeated, over
        case = devices.sense(subject, at, False)
        repeated = devices.sense(subject, at + timedelta(minutes=1), False)
        devices.sense(subject, at + timedelta(hours=1), True)
        # then one alarm opened one case under the story's standard, at that time, and it is over in its own time,
        # or waits for somebody's look
        alarm = Alarm.objects.get(case=case)
        assert repeated is None
        assert (case.standard, case.reported_at) == (subject.standard, at)
        rule = alarm.device.profile.statuses.get(code=alarm.alarm_type)
        over = None if rule.latched else at + timedelta(hours=1, seconds=rule.off_delay)
        assert (alarm.raised_at, alarm.cleared_at) == (at, over)
        assert alarm.condition == ("awaiting" if rule.latched else "cleared")
        at += timedelta(hours=6)


def test_an_ordinary_day_raises_nothing():
    # given the devices
    devices = DemoDevices(Random(1), now=timezone.now())
    # when each has reported for a day
    number = devices.ordinary_day()
    # then all have values and none an alarm
    assert number == 528
    assert LatestValue.objects.filter(metric="status", text="normal").count() == 44
    assert not Alarm.objects.exists()
    assert not Case.objects.exists()


@pytest.mark.parametrize("hour", [0, 12])
def test_bins_of_the_city_have_forecasts_and_the_crew_a_round(hour):
    # given an hour of a day on which nobody has emptied a bin yet
    now = timezone.make_aware(datetime(2026, 11, 25, hour, 20))
    DemoDevices(Random(1), now=now).ordinary_day()
    # when three weeks of filling are told
    assert load_bins(now=now) == 10 * 480
    # then each bin has a forecast, those due are on the round of the day, and nothing was raised
    bins = bins_of(Device.objects.all(), at=now)
    assert len(bins) == 10 and all(found.known and found.full_at for found in bins)
    run = CollectionRun.objects.get()
    due = {stop.device_id for stop in run.stops.all()}
    until = timezone.make_aware(datetime(2026, 11, 26, 8))
    assert 2 < len(due) < 10 and run.metres > 1000
    assert due == {found.device.pk for found in bins if found.full_at <= until}
    assert not Alarm.objects.exists()


def test_batteries_of_the_city_run_down_and_are_forecast():
    # given the city as it is loaded
    now = timezone.make_aware(datetime(2026, 11, 25, 12))
    DemoDevices(Random(1), now=now).ordinary_day()
    # when the past of the batteries is told
    number = load_batteries(now=now)
    # then each has a forecast, some are to be replaced in the months to come, and no alarm was raised
    known = DeviceForecast.objects.exclude(outlook="unknown")  # of those with a new battery
    devices = Device.objects.filter(state="in_service", profile__metrics__metric="battery")
    assert number == devices.count() == DeviceForecast.objects.count() and known.count() > 20
    # and who is not put up yet has said nothing
    assert not Device.objects.filter(state="registered", last_seen_at__isnull=False).exists()
    assert known.filter(reaches_at__lt=now + timedelta(days=90)).count() > 1
    assert not Alarm.objects.exists()
    # and what they say later goes on from there
    (device,) = demo_devices(["MC-001"])
    with time_machine.travel(now + timedelta(days=1), tick=False):
        said = single_message(device, "normal", Random(1))["metrics"]["battery"]
    assert said == battery_at("MC-001", now + timedelta(days=1))


def lived(name, codes, *, seconds):
    """Let demo devices play a scenario through the web application, in their own time."""
    keys = {device.code: key_of(device) for device in Device.objects.filter(code__in=codes)}
    with time_machine.travel(timezone.now() + timedelta(seconds=1), tick=False) as traveller:
        clock = Passing(traveller, until=seconds)
        door = Door(the_server(), keys, clock.wait)
        with pytest.raises(StoppedError):
            Simulator(demo_devices(codes), door, clock=clock, rng=Random(3), scenario=SCENARIOS[name]).run()


@pytest.mark.parametrize(("code", "word"), [("MC-001", "tilted"), ("SL-001", "pole_tilted"), ("WL-001", "waterlogging"),
                                            ("TB-001", "full"), ("AQ-001", "air_poor")])  # fmt: skip
def test_a_chattering_device_is_shelved_by_itself_and_its_owner_has_a_case(code, word):
    # when a device of each kind chatters for a minute and a half
    lived("chatter", [code], seconds=90)
    # then its alarm is shelved by the system
    device = Device.objects.get(code=code)
    row = Shelving.objects.get()
    assert (row.device, row.alarm_type, row.chattering, row.ended_at) == (device, word, True, None)
    assert row.shelved_by.username == "system:devices"
    assert Alarm.objects.get().inhibited == "shelved"
    # and the owner unit has one case of maintenance, beside that of the alarm itself
    case = device.chatter_case
    assert (case.state, case.lead_unit, case.category) == ("dispatched", device.unit, device.profile.chatter_category)
    assert set(Case.objects.all()) == {case, Alarm.objects.get().case}
    assert Event.objects.get(name="alarm.chattering").payload["case"] == case.number


def test_rain_makes_one_case_of_the_grid_with_the_others_under_it():
    # given the four covers of a grid by the river
    codes = ["MC-003", "MC-004", "MC-016", "MC-017"]
    # when it rains for half an hour
    lived("storm", codes, seconds=1800)
    # then there is one case of the grid
    storm = AlarmStorm.objects.get()
    assert (storm.alarm_type, storm.area.code, storm.alarms) == ("water_high", "990102001001002", 4)
    alarms = list(Alarm.objects.filter(alarm_type="water_high").order_by("pk"))
    assert {alarm.device.code for alarm in alarms} == set(codes)
    # the two dispatched before it was a storm are its parts, the others belong to it
    assert {alarm.case.parent for alarm in alarms[:2]} == {storm.case}
    assert {alarm.case for alarm in alarms[2:]} == {storm.case}
    assert set(Case.objects.all()) == {storm.case, *(alarm.case for alarm in alarms[:2])}
