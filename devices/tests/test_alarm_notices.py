"""Who is told of alarms, storms and lost gateways: once of each matter, urgently of what is urgent."""

import pytest
import time_machine

from devices.live import live_gateways, live_rows, live_storms
from devices.models import OFFLINE, Alarm, AlarmStorm, Gateway, ProfileMetric, ProfileStatus
from devices.offline import offline_sweep
from devices.profile_rules import forget_rules
from devices.tests.fleet import at, message
from devices.tests.test_offline import hear
from devices.tests.test_storms import bins, fill
from governance.models import Event, Notice
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


def test_in_a_storm_rises_are_not_told_one_by_one(shipped):
    limits()
    shipped.ingest(message(0, metrics={"tilt": 20}))
    alarm = Alarm.objects.get()
    AlarmStorm.objects.create(area=alarm.area, alarm_type="tilted", case=alarm.case, began_at=at(0), last_at=at(0),
                              alarms=5)  # fmt: skip
    tilt(shipped, 1, 70)
    assert noticed("alarm.severity_changed") == []
