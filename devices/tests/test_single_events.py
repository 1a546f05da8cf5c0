"""Single events: what a camera saw is over by itself some time after it last told of it."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from cases.models import Case
from devices import ingest
from devices.models import Alarm, Device, DeviceProfile, ProfileMetric, ProfileStatus
from devices.offline import offline_sweep
from devices.profile_content import status_in_words
from devices.profile_rules import forget_rules
from devices.profiles import profile_draft, profile_publish, profile_try
from devices.tests.fleet import NOW, at, key_of, message
from devices.tests.test_alarm_lifecycle import names, send, wait
from devices.tests.test_alarm_rules import close
from devices.tests.test_snapshots import post
from governance.errors import Conflict
from governance.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def camera(fleet):
    """A cover whose word ``missing`` is a single event of ten minutes, as what a camera sees."""
    ProfileStatus.objects.filter(code="missing").update(over_after=600, standard=fleet.city.standard)
    forget_rules()
    return fleet


def see(fleet, minutes, *, received=None, word="missing"):
    with time_machine.travel(at(minutes if received is None else received), tick=False):
        fleet.ingest(message(minutes, status=word), received_at=at(minutes if received is None else received))


def only() -> Alarm:
    return Alarm.objects.get()


def test_it_is_over_by_itself_and_the_case_stays(camera):
    # when a camera tells of something and then of nothing
    see(camera, 0)
    wait(9.9)
    assert only().condition == "active"
    wait(10.1)
    # then it is over ten minutes later, its case waits for people and has been told
    alarm = only()
    assert (alarm.condition, alarm.cleared_at, alarm.asserted, alarm.count) == ("cleared", at(10), False, 1)
    assert alarm.case.state != "closed"
    assert names() == ["alarm.raised", "alarm.cleared"]
    assert Event.objects.get(name="alarm.cleared").payload["why"] == "not_told_again"


def test_a_repetition_makes_it_last_and_is_the_same_occurrence(camera, monkeypatch):
    # given an event that is told of again, where nothing else happens: the alarm book is not asked
    see(camera, 0)
    monkeypatch.setattr(ingest.alarm_writes, "write", None)
    see(camera, 4)
    see(camera, 8)
    monkeypatch.undo()
    # then it lasts for ten minutes from the last
    wait(17.9)
    assert (only().condition, only().count) == ("active", 3)
    wait(18.1)
    assert (only().cleared_at, only().last_at) == (at(18), at(8))
    assert names() == ["alarm.raised", "alarm.cleared"]


def test_the_reopen_window_holds_after_it_and_then_it_is_another(camera):
    see(camera, 0)
    wait(11)
    # within half an hour of its end it is the same, with the same open case
    see(camera, 39)
    assert (only().condition, only().count) == ("active", 2)
    wait(50)
    assert only().cleared_at == at(49)
    # later it is another, with a case of its own
    see(camera, 80)
    assert [alarm.raised_at for alarm in Alarm.objects.order_by("pk")] == [NOW, at(80)]
    assert Case.objects.count() == 2


def test_normal_and_the_next_sample_end_it_in_the_order_of_their_times(camera):
    # given an event, and another word that comes when its time is over, without the timers
    see(camera, 0)
    see(camera, 15, word="tilted")
    assert Alarm.objects.get(alarm_type="missing").cleared_at == at(10)
    # and one that is taken back
    see(camera, 60)
    see(camera, 63, word="normal")
    assert Alarm.objects.filter(alarm_type="missing").order_by("-pk").first().cleared_at == at(63)


def test_a_backlog_is_heard_before_it_is_over(camera):
    # given events of an hour ago, told of now in two messages
    see(camera, 0, received=60)
    see(camera, 9, received=69)
    wait(78)
    assert (only().condition, only().count) == ("active", 2)
    # then it was over ten minutes after the last, in the device's time
    wait(79.1)
    assert only().cleared_at == at(19)


def test_what_is_told_late_is_history(camera):
    see(camera, 0, word="normal")
    # an event of before, and a repetition of it
    see(camera, -20, received=1)
    see(camera, -15, received=2)
    alarm = only()
    assert (alarm.late, alarm.condition, alarm.raised_at, alarm.cleared_at) == (True, "cleared", at(-20), at(-15))
    assert alarm.case is None and not Case.objects.exists()


def test_latched_it_waits_for_the_look(camera):
    ProfileStatus.objects.filter(code="missing").update(latched=True)
    forget_rules()
    see(camera, 0)
    wait(11)
    assert (only().condition, only().asserted) == ("awaiting", False)
    # told of again before the look it stands again, and waits again
    see(camera, 20)
    assert only().condition == "active"
    wait(31)
    assert only().condition == "awaiting"


def test_the_closed_case_of_one_that_still_stands(camera):
    # given a case that was closed while the event lasted
    see(camera, 0)
    with time_machine.travel(NOW, tick=False):
        close(camera.city, Case.objects.get())
    # when it is told of again, then people are sent again
    see(camera, 5)
    old, new = Alarm.objects.order_by("pk")
    assert (old.condition, new.condition, new.count) == ("cleared", "active", 1)
    assert new.case != old.case and new.case.state != "closed"
    # and when not, it is over in its time
    wait(15.1)
    new.refresh_from_db()
    assert new.cleared_at == at(15)


def test_a_latched_one_whose_case_is_closed_already_is_over_in_its_time(camera):
    ProfileStatus.objects.filter(code="missing").update(latched=True)
    forget_rules()
    see(camera, 0)
    with time_machine.travel(NOW, tick=False):
        close(camera.city, Case.objects.get())
    wait(10.1)
    assert (only().condition, only().cleared_at) == ("cleared", at(10))


def test_a_new_version_lets_end_what_stands(fleet):
    # given an event that stands for ever, as the version in force has it
    admin = fleet.city.user("administrator")
    see(fleet, 0)
    wait(120)
    assert only().condition == "active"
    # when a version is published by which it is over by itself
    with time_machine.travel(at(120), tick=False):
        draft = profile_draft(fleet.cover_profile, actor=admin)
        draft.statuses.filter(code="missing").update(over_after=600)
        trial = profile_try(draft, actor=admin)
        assert (trial.were, trial.would) == (1, 1)
        profile_publish(draft, actor=admin)
    wait(121)
    assert (only().condition, only().cleared_at) == ("cleared", at(10))


def test_a_new_version_that_lets_it_last_longer_is_waited_for(camera):
    admin = camera.city.user("administrator")
    see(camera, 0)
    with time_machine.travel(at(1), tick=False):
        draft = profile_draft(camera.cover_profile, actor=admin)
        draft.statuses.filter(code="missing").update(over_after=1200)
        profile_publish(draft, actor=admin, reason="镜头转动较慢")
    wait(11)
    assert only().condition == "active"
    wait(20.1)
    assert only().cleared_at == at(20)


def test_a_trial_counts_them_as_they_would_have_been(fleet):
    # given three events an hour apart that were one alarm
    admin = fleet.city.user("administrator")
    for minutes in (0, 60, 120):
        see(fleet, minutes)
    with time_machine.travel(at(180), tick=False):
        draft = profile_draft(fleet.cover_profile, actor=admin)
        draft.statuses.filter(code="missing").update(over_after=600)
        trial = profile_try(draft, actor=admin)
    assert (trial.were, trial.would) == (1, 3)


def test_no_figure_raises_one(fleet):
    # given a draft in which a metric raises a status that is over by itself
    admin = fleet.city.user("administrator")
    draft = profile_draft(fleet.cover_profile, actor=admin)
    draft.statuses.filter(code="tilted").update(over_after=600)
    # then its form refuses it, and it is not published
    with pytest.raises(ValidationError):
        ProfileMetric.objects.get(profile=draft).full_clean()
    with pytest.raises(Conflict) as refused, transaction.atomic():
        profile_publish(draft, actor=admin, reason="试行")
    assert refused.value.code == "over_by_itself"
    assert DeviceProfile.objects.get(pk=draft.pk).state == "draft"
    # nor is silence over by itself
    with pytest.raises(IntegrityError), transaction.atomic():
        ProfileStatus.objects.create(profile=draft, code="offline", label="离线", over_after=600)


def test_people_read_when_it_is_over(camera):
    profile = DeviceProfile.objects.with_rules().get(pk=camera.cover_profile.pk)
    told = status_in_words(profile, next(row for row in profile.statuses.all() if row.code == "missing"))
    assert any("10" in sentence for sentence in told[1:2])


def test_the_picture_of_each_event_is_kept_with_its_case(camera):
    with time_machine.travel(NOW, tick=False):
        secret = key_of(camera.cover)
    first = post(secret, 0, status="missing").json()
    wait(11)
    second = post(secret, 45, status="missing").json()
    assert first["snapshot_kept"] and second["snapshot_kept"]
    assert second["case"] != first["case"] and second["alarm"] != first["alarm"]


def silent_cameras(fleet, *, watched: bool):
    """Two covers behind the gateway that are heard once; a profile that knows ``offline`` is watched."""
    if watched:
        ProfileStatus.objects.create(profile=fleet.cover_profile, code="offline", label="离线", opens_case=False)
    forget_rules()
    Device.objects.filter(code="MC-900").update(gateway=fleet.gateway)
    Device.objects.filter(code="TB-001").update(gateway=None)
    for code in ("MC-001", "MC-900"):
        fleet.ingest(message(0, code, status="missing"))


def test_cameras_that_send_events_only_are_not_told_offline_and_lose_no_gateway(camera):
    silent_cameras(camera, watched=False)
    assert offline_sweep(at(3 * 24 * 60)) == 0
    camera.gateway.refresh_from_db()
    assert camera.gateway.silent_since is None
    assert not Alarm.objects.filter(alarm_type="offline").exists()


def test_a_camera_with_heartbeats_is_watched_and_they_leave_its_alarms_alone(camera):
    # given a camera whose profile knows ``offline``, alone at its gateway
    silent_cameras(camera, watched=True)
    Device.objects.filter(code="MC-900").update(gateway=None, last_seen_at=None)
    # when it sends heartbeats every five minutes
    for minutes in (5, 8):
        send(camera, minutes, metrics={"uptime": 3600.0 + minutes})
    # then its event stands for its time, and it is not offline
    assert Alarm.objects.get(device__code="MC-001").condition == "active"
    assert offline_sweep(at(20)) == 0
    # and when they stop it is
    assert offline_sweep(at(8) + timedelta(seconds=5 * 60 * 3.3 + 10)) == 1
    wait(60)
    seen = Alarm.objects.get(device__code="MC-001", alarm_type="missing")
    assert (seen.cleared_at, seen.raised_at) == (seen.raised_at + timedelta(minutes=10), NOW)
    assert not Alarm.objects.filter(cleared_at__lt=F("raised_at")).exists()


def falls_silent(camera, *, told_at: float, lasts: int) -> None:
    """Let a camera that is watched tell of something that lasts so many seconds, and be silent from then on."""
    silent_cameras(camera, watched=True)
    Device.objects.filter(code="MC-900").update(gateway=None, last_seen_at=None)
    ProfileStatus.objects.filter(code="missing").update(over_after=lasts)
    forget_rules()
    send(camera, told_at, status="missing")
    assert offline_sweep(at(18)) == 1


def test_silence_ends_no_event(camera):
    # given a camera that is watched and tells of something just before it falls silent
    falls_silent(camera, told_at=1, lasts=1200)
    # then what it saw stands, stale, though its time is over
    wait(21.1)
    wait(60)
    missing = Alarm.objects.get(device__code="MC-001", alarm_type="missing")
    assert (missing.condition, missing.count) == ("active", 2)
    # when it is heard, be it by a heartbeat, then its time counts anew, also for what comes next
    send(camera, 60, metrics={"uptime": 60.0})
    assert not Alarm.objects.get(alarm_type="offline").active
    send(camera, 75, metrics={"uptime": 960.0})
    wait(79.9)
    missing.refresh_from_db()
    assert missing.condition == "active"
    wait(80.1)
    missing.refresh_from_db()
    assert (missing.condition, missing.cleared_at, missing.last_at) == ("cleared", at(80), at(1))


def test_a_connection_that_comes_and_goes_ends_no_event(camera):
    # given a single event of half an hour, silence, and a moment of connection
    falls_silent(camera, told_at=0, lasts=1800)
    send(camera, 20, metrics={"uptime": 1.0})
    # when it is silent again, which is the same occurrence, past the time that counted anew
    assert offline_sweep(at(38)) == 1
    wait(55)
    # then what it saw stands until it is heard for so long
    missing = Alarm.objects.get(device__code="MC-001", alarm_type="missing")
    assert (missing.condition, missing.lasts_from) == ("active", at(20))
    send(camera, 60, metrics={"uptime": 2.0})
    wait(89.9)
    missing.refresh_from_db()
    assert missing.condition == "active"
    wait(90.1)
    missing.refresh_from_db()
    assert (missing.condition, missing.cleared_at, missing.lasts_from) == ("cleared", at(90), None)


def test_a_single_event_whose_case_was_closed_is_no_other_one_by_a_heartbeat(camera):
    # given a single event that somebody has dealt with
    see(camera, 0)
    close(camera.city, only().case)
    # when its camera is heard
    send(camera, 5, metrics={"uptime": 300.0})
    # then nobody is sent again
    assert (only().count, Case.objects.count()) == (1, 1)
