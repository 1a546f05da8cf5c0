"""Delays, N of M, critical limits, latching, shelving and maintenance: each by itself (the oracle plays them mixed)."""

from datetime import timedelta

import pytest
import time_machine

from cases.models import Case, CaseEvidence
from devices.models import Alarm, Device, PendingAlarm, ProfileMetric, ProfileStatus, Shelving
from devices.profile_rules import forget_rules
from devices.profiles import profile_draft, profile_publish
from devices.tests.fleet import NOW, at, message
from devices.tests.test_alarm_rules import close
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.models.timer import Timer
from governance.timers import fire_due
from governance.workflow import act


def cover(fleet, **rule):
    """Set the rule of ``tilted``; ``critical`` is that of its metric."""
    critical = rule.pop("critical", None)
    ProfileStatus.objects.filter(profile=fleet.cover_profile, code="tilted").update(**rule)
    ProfileMetric.objects.filter(profile=fleet.cover_profile).update(critical=critical)
    forget_rules()


def send(fleet, minutes, **said):
    with time_machine.travel(at(minutes), tick=False):
        fire_due()
        fleet.ingest(message(minutes, **said), received_at=at(minutes))


def tilt(fleet, minutes, degrees):
    send(fleet, minutes, metrics={"tilt": degrees})


def wait(minutes):
    """Let the timers process look at a moment."""
    with time_machine.travel(at(minutes), tick=False):
        return fire_due()


def names(prefix="alarm."):
    return list(Event.objects.filter(name__startswith=prefix).order_by("id").values_list("name", flat=True))


def publish(fleet, minutes, **rule):
    """Put a version in force by which ``tilted`` has another rule."""
    with time_machine.travel(at(minutes), tick=False):
        admin = fleet.city.user("administrator")
        draft = profile_draft(fleet.cover_profile, actor=admin)
        draft.statuses.filter(code="tilted").update(**rule)
        profile_publish(draft, actor=admin, reason="等待时间调整")


def test_delays_that_a_new_version_makes_longer_end_in_their_time(fleet):
    # given a cover whose on-delay of half a minute runs when a version with two minutes comes
    cover(fleet, on_delay=30, off_delay=30)
    tilt(fleet, 0, 20)
    publish(fleet, 0.1, on_delay=120, off_delay=120)
    # then nothing is raised after half a minute, and after two it is, without another sample
    assert wait(0.6) == 1 and not Alarm.objects.exists()
    assert wait(2.1) == 1 and Alarm.objects.get().raised_at == at(2)
    # and as well for what is normal again
    tilt(fleet, 3, 2)
    publish(fleet, 3.1, off_delay=240)
    wait(5.1)
    assert Alarm.objects.get().condition == "clearing"
    wait(7.1)
    assert Alarm.objects.get().cleared_at == at(7)


def test_an_on_delay_passes_without_another_sample(fleet):
    # given covers that count as tilted after a minute
    cover(fleet, on_delay=60)
    # when one is tilted
    tilt(fleet, 0, 20)
    # then nothing is raised yet, half a minute later neither
    assert not Alarm.objects.exists() and PendingAlarm.objects.get().since == NOW
    wait(0.5)
    assert not Alarm.objects.exists()
    # and after a minute it is, with the four times and the figure of the first sample
    wait(1.1)
    alarm = Alarm.objects.get()
    assert (alarm.device_at, alarm.received_at, alarm.raised_at, alarm.value) == (NOW, NOW, at(1), 20)
    assert alarm.case.state == "dispatched" and "倾角 20°" in alarm.case.description
    assert not PendingAlarm.objects.exists()


def test_a_short_tilt_is_no_alarm(fleet):
    cover(fleet, on_delay=60)
    tilt(fleet, 0, 20)
    tilt(fleet, 0.5, 12)  # between the limits: it may still be tilted
    assert PendingAlarm.objects.exists()
    tilt(fleet, 0.8, 5)
    wait(5)
    assert not Alarm.objects.exists() and not PendingAlarm.objects.exists()


@pytest.mark.parametrize("said", [{"status": "tilted"}, {"metrics": {"tilt": 61}}])
def test_the_devices_word_and_a_critical_figure_have_no_delay(fleet, said):
    cover(fleet, on_delay=60, critical=60)
    send(fleet, 0, **said)
    assert Alarm.objects.get().raised_at == NOW


def test_a_value_that_swings_within_the_off_delay_is_one_alarm(fleet):
    cover(fleet, off_delay=120)
    for minute, degrees in enumerate([20, 5, 20, 5, 20, 5]):
        tilt(fleet, minute, degrees)
    alarm = Alarm.objects.get()
    assert (alarm.condition, alarm.since, alarm.count) == ("clearing", at(5), 3)
    assert names() == ["alarm.raised"]
    wait(7.1)
    alarm.refresh_from_db()
    assert (alarm.condition, alarm.cleared_at) == ("cleared", at(7))
    assert names() == ["alarm.raised", "alarm.cleared"]


def test_two_of_three_samples(fleet):
    cover(fleet, samples_needed=2, samples_of=3)
    for minute, degrees in enumerate([20, 5, 5, 20, 5]):
        tilt(fleet, minute, degrees)
    assert not Alarm.objects.exists()
    tilt(fleet, 5, 20)
    assert Alarm.objects.get().raised_at == at(5)


def test_severity_rises_and_falls_on_record(fleet):
    cover(fleet, critical=60, severity="medium")
    for minute, degrees in enumerate([20, 70, 30]):
        tilt(fleet, minute, degrees)
    assert Alarm.objects.get().severity == "medium"
    changes = Event.objects.filter(name="alarm.severity_changed").order_by("id")
    assert [event.payload["severity"] for event in changes] == ["high", "medium"]


def test_a_latched_alarm_waits_for_the_look(fleet):
    # given a latched alarm that is normal again
    cover(fleet, latched=True)
    tilt(fleet, 0, 20)
    tilt(fleet, 5, 3)
    alarm = Alarm.objects.get()
    assert (alarm.condition, alarm.cleared_at) == ("awaiting", None)
    # when its case is closed
    close(fleet.city, alarm.case)
    wait(61)
    # then it is over
    alarm.refresh_from_db()
    assert alarm.condition == "cleared"
    assert Event.objects.get(name="alarm.cleared").payload["why"] == "verified"


def test_a_latched_alarm_that_is_abnormal_again_before_the_look_says_so(fleet):
    # given a latched alarm that is normal again, as the console tells by the event
    cover(fleet, latched=True)
    tilt(fleet, 0, 20)
    tilt(fleet, 5, 3)
    assert names() == ["alarm.raised", "alarm.normal_again"]
    # when it is abnormal again
    tilt(fleet, 6, 25)
    # then the console is told as well, of the same occurrence
    assert names() == ["alarm.raised", "alarm.normal_again", "alarm.returned"]
    assert Event.objects.latest("id").payload["count"] == 2
    alarm = Alarm.objects.get()
    assert (alarm.condition, alarm.count) == ("active", 2)
    assert Case.objects.count() == 1


def test_a_latched_alarm_whose_case_is_open_is_ended_by_the_look_at_the_case_alone(fleet):
    cover(fleet, latched=True)
    tilt(fleet, 0, 20)
    tilt(fleet, 5, 3)
    alarm, before = Alarm.objects.get(), names()
    assert alarm.case is not None and alarm.condition == "awaiting"
    with pytest.raises(Conflict):
        act(alarm, "reset", actor=fleet.city.user("operations_centre"), reason="远程复位")
    assert (Alarm.objects.get().condition, names()) == ("awaiting", before)


def test_a_latched_alarm_without_a_case_is_reset_with_a_reason_only_when_normal(fleet):
    cover(fleet, latched=True)
    ProfileStatus.objects.update(opens_case=False)
    forget_rules()
    tilt(fleet, 0, 20)
    alarm, centre = Alarm.objects.get(), fleet.city.user("operations_centre")
    with pytest.raises(Conflict):
        act(alarm, "reset", actor=centre, reason="已到场")
    tilt(fleet, 5, 3)
    with pytest.raises(Invalid):
        act(alarm, "reset", actor=centre)
    with pytest.raises(NotPermitted):
        act(alarm, "reset", actor=fleet.city.user("supervisor"), reason="已到场")
    assert act(alarm, "reset", actor=centre, reason="已到场复位").condition == "cleared"
    assert names()[-2:] == ["alarm.reset", "alarm.cleared"]


def test_a_shelved_alarm_is_kept_and_dispatched_when_the_shelving_ends(fleet):
    centre = fleet.city.user("operations_centre")
    # given a bin's alarm that is shelved, over, and back as a new occurrence
    send(fleet, 0, device="TB-001", metrics={"fill": 0.9})
    alarm = Alarm.objects.get()
    shelved = act(alarm, "shelve", actor=centre, until=at(180), reason="附近施工", occurred_at=at(1))
    assert shelved.inhibited == "shelved"
    send(fleet, 2, device="TB-001", metrics={"fill": 0.1})
    send(fleet, 60, device="TB-001", metrics={"fill": 0.95})
    # then it is judged and kept, but nobody is sent
    held = Alarm.objects.latest("id")
    assert held.pk != alarm.pk and (held.inhibited, held.case, held.active) == ("shelved", None, True)
    assert names()[-1] == "alarm.held_back" and Case.objects.count() == 1
    # when the shelving ends
    wait(181)
    # then it is dispatched
    held.refresh_from_db()
    assert held.inhibited == "" and held.case.state in ("dispatched", "accepted")
    assert names()[-1] == "alarm.released" and Shelving.objects.get().ended_at == at(180)
    assert CaseEvidence.objects.filter(case=held.case).count() == 1


def held_back_once(fleet) -> Alarm:
    """Return a cover's alarm that was raised while it was maintained."""
    centre = fleet.city.user("operations_centre")
    cover_device = Device.objects.get(code="MC-001")
    act(cover_device, "begin_maintenance", actor=centre, until=at(60), reason="换电池", occurred_at=at(-1))
    tilt(fleet, 0, 20)
    alarm = Alarm.objects.get()
    assert (alarm.inhibited, alarm.case) == ("out_of_service", None)
    return alarm


def end_maintenance(fleet, minutes):
    centre = fleet.city.user("operations_centre")
    act(Device.objects.get(code="MC-001"), "end_maintenance", actor=centre, occurred_at=at(minutes))


def test_what_stands_again_after_its_off_delay_began_while_it_was_held_back_sends_somebody(fleet):
    # given an alarm held back, whose off-delay runs when nothing holds it any more
    cover(fleet, off_delay=300)
    alarm = held_back_once(fleet)
    tilt(fleet, 1, 5)
    end_maintenance(fleet, 2)
    assert not Case.objects.exists()
    # when it stands again before that
    tilt(fleet, 3, 20)
    # then somebody is sent
    alarm.refresh_from_db()
    assert (alarm.condition, alarm.inhibited, alarm.case.state) == ("active", "", "dispatched")
    assert CaseEvidence.objects.filter(case=alarm.case).count() == 1


def test_what_comes_back_for_a_moment_sends_somebody_if_nobody_was(fleet):
    # given an alarm that was held back, is over and held no more
    alarm = held_back_once(fleet)
    tilt(fleet, 1, 5)
    end_maintenance(fleet, 2)
    # when one batch tells that it came back and went
    fleet.ingest(message(5, status="tilted"), message(6, status="normal"), received_at=at(7))
    # then there is a case of it, as there is of one that is raised for a moment
    alarm.refresh_from_db()
    assert (alarm.condition, alarm.count, alarm.case.state) == ("cleared", 2, "dispatched")


def test_one_batch_that_tells_that_it_came_back_and_went_on_tells_its_new_case_both(fleet):
    # given an alarm that was held back, is over and held no more
    alarm = held_back_once(fleet)
    tilt(fleet, 1, 5)
    end_maintenance(fleet, 2)
    # when what a device sends late tells that it came back, that it stood a minute and a quarter of an hour later
    said = [message(minute, metrics={"tilt": 20}) for minute in (5, 6, 20)]
    fleet.ingest(*said, received_at=at(21))
    # then the case opened for it knows of its coming back and that it went on, but not of every message
    alarm.refresh_from_db()
    rows = CaseEvidence.objects.filter(case=alarm.case).order_by("happened_at")
    assert list(rows.values_list("kind", "happened_at")) == [
        ("alarm_returned", at(5)), ("alarm_repeated", at(20)),
    ]  # fmt: skip
    assert alarm.count == 4


def test_unshelving_dispatches_at_once_and_a_shelving_has_an_end_within_a_week(fleet):
    centre, grid = fleet.city.user("operations_centre"), fleet.city.user("grid_worker")
    send(fleet, 0, metrics={"tilt": 30})
    alarm = Alarm.objects.get()
    for until in (at(0), at(1) + timedelta(days=8)):
        with pytest.raises(Invalid):
            act(alarm, "shelve", actor=centre, until=until, reason="施工", occurred_at=at(1))
    with pytest.raises(NotPermitted):
        act(alarm, "shelve", actor=grid, until=at(60), reason="施工", occurred_at=at(1))
    act(alarm, "shelve", actor=centre, until=at(60), reason="施工", occurred_at=at(1))
    with pytest.raises(Conflict):
        act(alarm, "shelve", actor=centre, until=at(60), reason="施工", occurred_at=at(1))
    assert act(alarm, "unshelve", actor=centre, occurred_at=at(2)).inhibited == ""
    assert not Shelving.objects.filter(ended_at=None).exists()
    assert not Timer.objects.filter(kind="device.shelf_ends", fired_at=None, cancelled_at=None).exists()


@pytest.mark.parametrize(
    ("state", "judged", "stored"),
    [
        ("registered", False, True),
        ("disabled", False, True),
        ("in_service", True, True),
        ("retired", False, False),
    ],
)
def test_only_what_is_in_service_is_judged(fleet, state, judged, stored):
    Device.objects.filter(code="MC-001").update(state=state)
    result = fleet.ingest(message(0, status="tilted"))
    assert (Alarm.objects.exists(), result.accepted == 1) == (judged, stored)


def test_cases_of_two_alarms_can_be_merged_and_both_alarms_go_on_with_the_one(fleet):
    # given the cases of a cover's and of a bin's alarm
    fleet.ingest(message(0, status="tilted"), message(0, device="TB-001", status="full"))
    cover_alarm, bin_alarm = Alarm.objects.order_by("device__code")
    # when one is merged into the other
    act(bin_alarm.case, "merge", actor=fleet.city.user("registrar"), into=cover_alarm.case)
    # then the bin's news is added to the one that goes on, at once
    before = CaseEvidence.objects.filter(case=cover_alarm.case).count()
    fleet.ingest(message(5, device="TB-001", status="normal"), received_at=at(5))
    assert CaseEvidence.objects.filter(case=cover_alarm.case).count() == before + 1
    # and a moment later both alarms belong to it
    fire_due()
    assert {alarm.case_id for alarm in Alarm.objects.all()} == {cover_alarm.case_id}


def test_an_alarm_that_follows_a_case_that_was_looked_at_already_is_over(fleet):
    # given a latched alarm that waits for a look, whose case is merged into another, which is closed at once
    ProfileStatus.objects.filter(code="tilted").update(latched=True)
    forget_rules()
    fleet.ingest(message(0, status="tilted"), message(0, device="TB-001", status="full"))
    fleet.ingest(message(5, status="normal"), received_at=at(5))
    cover_alarm, bin_alarm = Alarm.objects.order_by("device__code")
    assert cover_alarm.condition == "awaiting"
    act(cover_alarm.case, "merge", actor=fleet.city.user("registrar"), into=bin_alarm.case)
    Case.objects.filter(pk=bin_alarm.case_id).update(state="closed", closed_at=at(6))
    # when the alarm follows
    fire_due()
    # then it is over
    cover_alarm.refresh_from_db()
    assert (cover_alarm.case_id, cover_alarm.condition) == (bin_alarm.case_id, "cleared")


def test_what_comes_back_before_the_look_has_the_severity_of_now(fleet):
    # given a latched alarm that was critical until the device took its word back
    cover(fleet, latched=True, severity="medium", critical=60)
    send(fleet, 0, status="tilted", metrics={"tilt": 80})
    send(fleet, 1, status="normal")
    assert (Alarm.objects.get().condition, Alarm.objects.get().severity) == ("awaiting", "high")
    # when it comes back past the limit only, then it is as severe as that
    tilt(fleet, 2, 20)
    assert (Alarm.objects.get().condition, Alarm.objects.get().severity) == ("active", "medium")
    assert Event.objects.filter(name="alarm.returned").get().payload["severity"] == "medium"
    # and critical again where it is
    tilt(fleet, 3, 2)
    tilt(fleet, 4, 80)
    assert Alarm.objects.get().severity == "high"
