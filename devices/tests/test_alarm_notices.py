"""Who is told of alarms, storms and lost gateways: once of each matter, urgently of what is urgent."""

import pytest
import time_machine

from devices.life import device_begin_maintenance, device_end_maintenance
from devices.live import live_gateways, live_rows, live_storms
from devices.models import OFFLINE, Alarm, AlarmStorm, Device, Gateway, ProfileMetric, ProfileStatus
from devices.offline import offline_sweep
from devices.profile_rules import forget_rules
from devices.tests.fleet import at, message
from devices.tests.test_offline import hear
from devices.tests.test_storms import bins, fill
from governance.models import Event, Notice, User
from governance.notices.tests.conftest import load_shipped, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped(fleet):
    """The devices with the rules that every installation begins with."""
    load_shipped()
    yield fleet
    forget_rules()


def severities(**severity):
    for code, value in severity.items():
        ProfileStatus.objects.filter(code=code).update(severity=value)
    forget_rules()


def noticed(event: str) -> list[tuple[str, str]]:
    rows = Notice.objects.filter(event__name=event).order_by("person__username", "pk")
    return list(rows.values_list("person__username", "urgency"))


def test_eighty_sensors_in_the_rain_are_one_notice(shipped):
    # given a type of alarm that comes in storms
    ProfileStatus.objects.filter(code="full").update(storm_count=5)
    severities(full="high")
    # when 80 bins of a grid report at once
    fill(shipped, bins(shipped, 80))
    assert Event.objects.filter(name="alarm.raised", payload__joined=True).count() == 80
    tell()
    # then the centre is told once, of the storm, and nobody of each alarm
    assert noticed("alarm.raised") == []
    assert noticed("storm.begun") == [("operations_centre", "urgent")]
    told = Notice.objects.get(event__name="storm.begun", person__username="operations_centre")
    assert "80" in told.body and AlarmStorm.objects.get().case.number in told.title
    assert live_storms([AlarmStorm.objects.get()])


@pytest.mark.parametrize(("severity", "urgency"), [("high", "urgent"), ("medium", "normal"), ("low", None)])
def test_an_alarm_is_told_as_urgently_as_it_is(shipped, severity, urgency):
    severities(tilted=severity)
    shipped.ingest(message(0, status="tilted"))
    tell()
    wanted = [(name, urgency) for name in ("handler", "operations_centre")] if urgency else []
    assert noticed("alarm.raised") == wanted


def test_a_lost_gateway_is_told_itself_and_what_it_holds_back_is_not(shipped):
    for profile in {shipped.cover.profile, shipped.bin.profile}:
        ProfileStatus.objects.create(profile=profile, code=OFFLINE, label="离线", severity="high", opens_case=False)
    forget_rules()
    hear(shipped, 0, "MC-001")
    hear(shipped, 0, "TB-001")
    with time_machine.travel(at(22), tick=False):
        offline_sweep(at(22))
        tell()
    held = list(Alarm.objects.with_rows().filter(inhibited="suppressed").select_related("device__area"))
    assert len(held) == 2 and noticed("alarm.raised") == []
    assert noticed("gateway.lost") == [("operations_centre", "urgent")]
    assert "东街网关" in Notice.objects.get(event__name="gateway.lost").title
    # and pages that are open hear of the gateway by its name, and of the alarms that they interrupt nobody
    gateway = Gateway.objects.get(silent_since__isnull=False)
    assert live_gateways([gateway])[gateway.pk]["number"] == "GW-1"
    assert {row["held_back"] for row in live_rows(held).values()} == {True}


def tilt(fleet, minute, figure):
    fleet.ingest(message(minute, metrics={"tilt": figure}), received_at=at(minute))
    tell()


def limits(severity="medium", critical="high"):
    severities(tilted=severity)
    ProfileMetric.objects.filter(metric="tilt").update(critical=60, critical_severity=critical)
    forget_rules()


def test_a_rise_to_high_severity_is_told_once(shipped):
    # given an alarm of medium severity, told as such
    limits()
    tilt(shipped, 0, 20)
    assert noticed("alarm.raised") == [("handler", "normal"), ("operations_centre", "normal")]
    # when it rises to high, then falls and rises again
    for minute, figure in enumerate([70, 20, 80], 1):
        tilt(shipped, minute, figure)
    # then people are told once, urgently, and each change is recorded
    assert noticed("alarm.severity_changed") == [("handler", "urgent"), ("operations_centre", "urgent")]
    changes = Event.objects.filter(name="alarm.severity_changed").order_by("id")
    assert [event.payload["escalated"] for event in changes] == [True, False, False]


def test_what_was_told_as_high_or_is_held_back_is_told_no_more(shipped):
    # given an alarm that began as high
    limits()
    for minute, figure in enumerate([70, 20, 80]):
        tilt(shipped, minute, figure)
    assert noticed("alarm.severity_changed") == []
    # and one that is shelved while it rises
    shipped.ingest(message(5, "MC-900", metrics={"tilt": 20}), owner=shipped.far, received_at=at(5))
    Alarm.objects.filter(device=shipped.far).update(inhibited="shelved")
    shipped.ingest(message(6, "MC-900", metrics={"tilt": 70}), owner=shipped.far, received_at=at(6))
    tell()
    assert Event.objects.filter(name="alarm.severity_changed", subject_id=Alarm.objects.get(device=shipped.far).pk)
    assert noticed("alarm.severity_changed") == []


URGENT = [("handler", "urgent"), ("operations_centre", "urgent")]


def test_one_that_comes_back_past_the_critical_limit_is_told_once(shipped):
    # given an alarm of medium severity that is over
    limits()
    for minute, figure in enumerate([20, 1]):
        tilt(shipped, minute, figure)
    assert not Alarm.objects.get().active
    # when it comes back at once past the critical limit, is over and comes back so again
    for minute, figure in enumerate([70, 1, 70, 20, 70], 2):
        tilt(shipped, minute, figure)
    # then it is the same occurrence, and people are told urgently, once
    assert Alarm.objects.get().severity == "high"
    assert noticed("alarm.returned") == URGENT and noticed("alarm.severity_changed") == []


def test_a_latched_one_that_relapses_past_the_critical_limit_is_told(shipped):
    limits()
    ProfileStatus.objects.filter(code="tilted").update(latched=True)
    forget_rules()
    for minute, figure in enumerate([20, 1, 70]):
        tilt(shipped, minute, figure)
    assert Alarm.objects.get().condition == "active"
    assert noticed("alarm.returned") + noticed("alarm.severity_changed") == URGENT


@pytest.mark.parametrize(("before", "while_held", "told"), [(20, 70, 2), (None, 70, 2), (70, 70, 0), (20, 20, 0)])
def test_one_that_is_of_high_severity_when_it_is_released_is_told(shipped, before, while_held, told):
    # given an alarm, there or not before work on the device began, that is reported while it is held back
    limits()
    if before is not None:
        tilt(shipped, 0, before)
    people = User.objects.get(username="handler")
    device_begin_maintenance(shipped.cover, actor=people, until=at(60), reason="换传感器", occurred_at=at(1))
    tilt(shipped, 2, while_held)
    assert noticed("alarm.severity_changed") == []
    # when the work is done and it is there still
    shipped.cover.refresh_from_db()
    device_end_maintenance(shipped.cover, actor=people, occurred_at=at(3))
    tell()
    # then people are told, unless they were told that before
    assert noticed("alarm.released") == URGENT[:told]
    tilt(shipped, 4, 20)
    tilt(shipped, 5, 70)
    assert (noticed("alarm.severity_changed") == []) is (70 in (before, while_held))


def storm_of_tilts(fleet, *figures):
    """A storm of three covers of medium severity, and one of each figure that joins it; return the devices' codes."""
    ProfileStatus.objects.filter(code="tilted").update(storm_count=3)
    forget_rules()
    codes = [f"MC-5{n:02}" for n in range(3 + len(figures))]
    for code in codes:
        Device.objects.create(
            code=code, profile=fleet.cover.profile, gateway=fleet.gateway, area=fleet.cover.area,
            unit=fleet.cover.unit, address="东街", longitude=fleet.cover.longitude, latitude=fleet.cover.latitude,
        )  # fmt: skip
    for minute, figure in enumerate([20, 20, 20, *figures]):
        fleet.ingest(message(minute, codes[minute], metrics={"tilt": figure}), received_at=at(minute))
    tell()
    return codes


@pytest.mark.parametrize("first", [0, 2, 3])
def test_that_a_storm_is_of_high_severity_is_told_once(shipped, first):
    # given a storm that was told as one of medium severity
    limits()
    codes = storm_of_tilts(shipped, 20)
    assert noticed("storm.begun") == [("operations_centre", "urgent")]
    # when one of its alarms rises to high, be it one of those put under its case, and then the others
    order = [codes[first], *codes]
    for minute, code in enumerate(order, 10):
        shipped.ingest(message(minute, code, metrics={"tilt": 70}), received_at=at(minute))
    tell()
    # then people are told of the first
    assert noticed("alarm.severity_changed") == URGENT
    notice = Notice.objects.filter(event__name="alarm.severity_changed").first()
    assert notice.event.subject_id == Alarm.objects.get(device__code=codes[first]).pk
    assert Event.objects.filter(name="alarm.severity_changed", payload__severity="high").count() == len(codes)


def test_of_those_that_join_a_storm_with_high_severity_the_first_is_told(shipped):
    limits()
    codes = storm_of_tilts(shipped, 70, 80)
    told = Event.objects.filter(name="alarm.raised", payload__joined=True, payload__escalated=True)
    assert [Alarm.objects.get(pk=event.subject_id).device.code for event in told] == [codes[3]]
    assert [urgency for _name, urgency in noticed("alarm.raised") if urgency == "urgent"] == ["urgent"] * 2
    # and no rise after that
    shipped.ingest(message(20, codes[0], metrics={"tilt": 70}), received_at=at(20))
    tell()
    assert noticed("alarm.severity_changed") == []
