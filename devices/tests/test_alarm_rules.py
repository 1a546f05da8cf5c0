"""When an alarm is raised, repeated, brought back, cleared; what it does to its case; what is only history."""

import pytest

from cases.models import Case, CaseEvidence
from devices.models import Alarm, Device, ProfileStatus, Reading
from devices.profile_rules import forget_rules
from devices.tests.fleet import NOW, at, message
from governance.models import Area, Event, User
from governance.workflow import act


def tilted(minutes, **more):
    return message(minutes, status="tilted", **more)


def normal(minutes, **more):
    return message(minutes, status="normal", **more)


def fill(minutes, level, **more):
    return message(minutes, "TB-001", metrics={"fill": level}, **more)


def kinds():
    return list(CaseEvidence.objects.order_by("id").values_list("kind", flat=True))


def close(city, case):
    """Bring a dispatched case to its end, at the time of the newest reading."""
    when = Reading.objects.order_by("-at").first().at
    centre, handler = city.user("operations_centre"), city.user("handler")
    for name, actor, given in [("start", handler, {}), ("submit", handler, {"result": "已复位"}),
                               ("inspect", centre, {}), ("close", centre, {})]:  # fmt: skip
        case = act(case, name, actor=actor, occurred_at=when, **given)
    return case


def test_a_repetition_adds_evidence_to_the_same_case(fleet):
    # given a tilted cover
    fleet.ingest(tilted(0))
    # when it reports so twice more, the second time with a figure
    fleet.ingest(tilted(5), tilted(10, metrics={"tilt": 40}), received_at=at(10))
    # then it is one occurrence with one case, which is told again after ten minutes
    alarm = Alarm.objects.get()
    assert (alarm.count, alarm.raised_at, alarm.last_at, alarm.active) == (3, NOW, at(10), True)
    assert Case.objects.count() == 1
    assert kinds() == ["alarm_raised", "alarm_repeated"]
    said = {"device": "MC-001", "alarm": alarm.pk, "alarm_type": "tilted", "count": 3, "status": "tilted", "tilt": 40}
    assert CaseEvidence.objects.last().data == said | {"label": "井盖倾斜", "measured": ["倾角 40°"]}
    assert Event.objects.filter(name="alarm.raised").count() == 1


def test_normal_clears_and_never_closes_the_case(fleet):
    fleet.ingest(tilted(0, metrics={"tilt": 32}))
    fleet.ingest(normal(5), received_at=at(6))
    alarm = Alarm.objects.get()
    assert (alarm.cleared_at, alarm.active, alarm.count) == (at(5), False, 1)
    assert alarm.case.state == "dispatched"
    assert kinds() == ["alarm_raised", "alarm_cleared"]
    assert Event.objects.get(name="alarm.cleared").occurred_at == at(5)


def test_a_return_within_the_window_is_the_same_occurrence(fleet):
    # given an alarm that was cleared
    fleet.ingest(tilted(0))
    fleet.ingest(normal(5), received_at=at(5))
    # when it comes back 30 minutes later
    fleet.ingest(tilted(35), received_at=at(35))
    # then it is the same alarm and the same case
    alarm = Alarm.objects.get()
    assert (alarm.active, alarm.count, alarm.raised_at, alarm.last_at) == (True, 2, NOW, at(35))
    assert Case.objects.count() == 1
    assert kinds() == ["alarm_raised", "alarm_cleared", "alarm_returned"]
    assert Event.objects.get(name="alarm.returned").payload["count"] == 2


def test_a_return_after_the_window_is_a_new_occurrence(fleet):
    fleet.ingest(tilted(0))
    fleet.ingest(normal(5), received_at=at(5))
    fleet.ingest(tilted(35.1), received_at=at(36))
    assert Alarm.objects.count() == Case.objects.count() == 2
    assert Alarm.objects.active().count() == 1


def test_a_return_when_the_case_is_closed_is_a_new_occurrence(fleet):
    fleet.ingest(tilted(0))
    fleet.ingest(normal(5), received_at=at(5))
    close(fleet.city, Case.objects.get())
    fleet.ingest(tilted(20), received_at=at(20))
    assert Alarm.objects.count() == Case.objects.count() == 2


def test_a_condition_that_outlives_its_closed_case_opens_a_new_one(fleet):
    # given a case closed while the cover is still tilted
    fleet.ingest(tilted(0))
    first = close(fleet.city, Case.objects.get())
    # when the cover says so again
    fleet.ingest(tilted(5), received_at=at(5))
    # then the old occurrence is over, and somebody must look again
    old, new = Alarm.objects.order_by("id")
    assert (old.case, old.active, old.cleared_at) == (first, False, NOW)
    assert (new.active, new.raised_at, new.count) == (True, at(5), 1)
    assert new.case != first
    assert Event.objects.get(name="alarm.cleared").payload["why"] == "case_closed"


def test_what_a_device_said_once_outlives_its_closed_case(fleet):
    # given a cover that says what changes and sends figures between, whose case was closed though nothing was put right
    fleet.ingest(tilted(0))
    first = close(fleet.city, Case.objects.get())
    # when it is heard and does not take its word back
    heartbeats = [message(minutes, metrics={"battery": 90}) for minutes in (5, 10, 60)]
    for minutes, said in zip((5, 10, 60), heartbeats, strict=True):
        fleet.ingest(said, received_at=at(minutes))
    # then somebody must look again, once
    old, new = Alarm.objects.order_by("id")
    assert (old.case, old.cleared_at) == (first, NOW)
    assert (new.active, new.raised_at, new.last_at, new.count) == (True, at(5), at(5), 1)
    assert new.case not in (first, None)
    # and when it says that all is well, that is over
    fleet.ingest(normal(61), received_at=at(61))
    assert not Alarm.objects.active().exists()
    assert Case.objects.count() == 2


def test_a_case_rejected_by_people_is_not_opened_again_and_again(fleet):
    # given an alarm whose case was cancelled
    fleet.ingest(tilted(0))
    case = Case.objects.get()
    case = act(case, "recall", actor=fleet.city.user("dispatcher"), reason="误报")
    act(case, "cancel", actor=fleet.city.user("operations_centre"), reason="误报")
    evidence = kinds()
    # when the device goes on
    fleet.ingest(tilted(5), tilted(10), received_at=at(10))
    # then the occurrence is counted, without a new case or evidence to the old one
    assert Alarm.objects.get().count == 3
    assert Case.objects.count() == 1
    assert kinds() == evidence


def test_a_metric_is_judged_with_hysteresis(fleet):
    # when the fill rises, swings below the limit, and falls past the clear value
    levels = [0.79, 0.80, 0.75, 0.61, 0.85, 0.60, 0.70]
    active = []
    for minute, level in enumerate(levels):
        fleet.ingest(fill(minute, level), received_at=at(minute))
        active.append(Alarm.objects.active().exists())
    # then it is one alarm from the high limit to the clear limit
    assert active == [False, True, True, True, True, False, False]
    alarm = Alarm.objects.get()
    assert (alarm.count, alarm.value, alarm.cleared_at) == (2, 0.80, at(5))


def test_a_low_limit_is_judged_the_other_way_round_and_may_open_no_case(fleet):
    for minute, level in enumerate([21, 20, 24, 25]):
        fleet.ingest(message(minute, "TB-001", metrics={"battery": level}), received_at=at(minute))
    alarm = Alarm.objects.get()
    assert (alarm.alarm_type, alarm.raised_at, alarm.cleared_at, alarm.case) == ("battery_low", at(1), at(3), None)
    assert not Case.objects.exists()
    assert Event.objects.get(name="alarm.raised").payload["case"] is None


def test_a_status_does_not_end_what_a_metric_says(fleet):
    fleet.ingest(fill(0, 0.9))
    fleet.ingest(message(1, "TB-001", status="normal"), received_at=at(1))
    assert Alarm.objects.get().active
    fleet.ingest(fill(2, 0.3), received_at=at(2))
    assert not Alarm.objects.get().active


def test_a_metric_does_not_end_what_the_device_asserts(fleet):
    fleet.ingest(tilted(0))
    fleet.ingest(message(1, metrics={"tilt": 1}), received_at=at(1))
    assert Alarm.objects.get().active
    fleet.ingest(normal(2), received_at=at(2))
    assert not Alarm.objects.get().active


def test_a_figure_past_the_limit_outweighs_the_word_normal(fleet):
    fleet.ingest(tilted(0, metrics={"tilt": 32}))
    fleet.ingest(normal(1, metrics={"tilt": 31}), received_at=at(1))
    fleet.ingest(normal(2, metrics={"tilt": 12}), received_at=at(2))
    alarm = Alarm.objects.get()
    assert (alarm.active, alarm.asserted, alarm.exceeded, alarm.count) == (True, False, True, 2)
    fleet.ingest(normal(3, metrics={"tilt": 9}), received_at=at(3))
    assert not Alarm.objects.get().active


def test_a_figure_that_never_reached_the_limit_does_not_hold_an_alarm(fleet):
    fleet.ingest(tilted(0, metrics={"tilt": 12}))
    fleet.ingest(normal(1, metrics={"tilt": 12}), received_at=at(1))
    assert not Alarm.objects.get().active


def test_an_older_word_does_not_take_back_a_newer_figure(fleet):
    # given a cover that asserted it is tilted, and then measured so
    fleet.ingest(tilted(0))
    fleet.ingest(message(10, metrics={"tilt": 32}), received_at=at(10))
    # when a word from in between comes in late
    fleet.ingest(normal(5), received_at=at(11))
    # then the figure still holds the alarm, and its return below the limit ends it
    alarm = Alarm.objects.get()
    assert (alarm.active, alarm.asserted, alarm.exceeded, alarm.last_at) == (True, False, True, at(10))
    fleet.ingest(message(12, metrics={"tilt": 3}), received_at=at(12))
    assert Alarm.objects.get().cleared_at == at(12)


def test_a_word_older_than_the_alarm_still_holds_it(fleet):
    # given an alarm raised by a figure
    fleet.ingest(message(0, metrics={"tilt": 32}))
    # when the newest word known of the device comes in late
    fleet.ingest(tilted(-5), received_at=at(1))
    # then it is the same occurrence, and ends only when both are over
    assert Alarm.objects.get().count == 2
    fleet.ingest(message(2, metrics={"tilt": 3}), received_at=at(2))
    assert Alarm.objects.get().active
    fleet.ingest(normal(3), received_at=at(3))
    alarm = Alarm.objects.get()
    assert (alarm.raised_at, alarm.last_at, alarm.cleared_at) == (NOW, NOW, at(3))


def test_each_type_has_its_own_alarm_and_case(fleet):
    # when a tilted cover goes missing
    fleet.ingest(tilted(0))
    fleet.ingest(message(5, status="missing"), received_at=at(5))
    # then both stand, each with its own case under its own standard
    assert set(Alarm.objects.active().values_list("alarm_type", "case__standard__condition_code")) == {
        ("tilted", "tilted"), ("missing", "broken")
    }  # fmt: skip
    assert Case.objects.get(standard=fleet.city.roleless).lead_unit == fleet.city.water
    # and normal ends both
    fleet.ingest(normal(6), received_at=at(6))
    assert not Alarm.objects.active().exists()


def test_without_a_standard_the_case_waits_for_a_dispatcher(fleet):
    fleet.ingest(fill(0, 0.9))
    case = Case.objects.get()
    assert (case.state, case.category, case.standard, case.lead_unit) == ("accepted", fleet.city.category, None, None)
    assert case.review_reason


def test_a_video_profile_opens_cases_as_video(fleet):
    fleet.cover_profile.case_source = "video"
    fleet.cover_profile.save()
    fleet.ingest(tilted(0))
    assert Case.objects.get().source == "video"


def test_a_late_abnormal_sample_is_history_without_a_case(fleet):
    # given a device that is normal now
    fleet.ingest(normal(0))
    # when samples from before come in
    fleet.ingest(tilted(-60), tilted(-40), received_at=at(1))
    # then one closed occurrence tells of them, nobody is sent
    alarm = Alarm.objects.get()
    assert (alarm.late, alarm.raised_at, alarm.cleared_at, alarm.count, alarm.case) == (True, at(-60), at(-40), 2, None)
    assert alarm.received_at == at(1)
    assert not Case.objects.exists()
    assert not Event.objects.filter(name__startswith="alarm.").exists()
    assert Device.objects.get(code="MC-001").status == "normal"
    # and one further away is another
    fleet.ingest(tilted(-200), received_at=at(2))
    assert Alarm.objects.filter(late=True).count() == 2


def test_a_late_sample_within_a_known_occurrence_adds_nothing(fleet):
    fleet.ingest(tilted(-60), received_at=at(-60))
    fleet.ingest(normal(-20), received_at=at(-20))
    fleet.ingest(tilted(0), received_at=at(0))
    before = list(Alarm.objects.order_by("id").values())
    fleet.ingest(tilted(-30), received_at=at(1))
    assert list(Alarm.objects.order_by("id").values()) == before


def test_a_late_normal_sample_clears_nothing(fleet):
    fleet.ingest(tilted(0))
    fleet.ingest(normal(-5), received_at=at(1))
    assert Alarm.objects.get().active


def test_a_late_occurrence_is_never_brought_back(fleet):
    fleet.ingest(normal(0))
    fleet.ingest(tilted(-5), received_at=at(0))
    fleet.ingest(tilted(5), received_at=at(5))
    assert [(alarm.late, alarm.case is None) for alarm in Alarm.objects.order_by("id")] == [
        (True, True),
        (False, False),
    ]


def test_a_place_outside_its_redrawn_area_still_opens_a_case(fleet):
    # given that the grid's boundary was redrawn since the device was registered
    Area.objects.exclude(pk=fleet.city.city.pk).update(
        boundary=fleet.city.other_grid.boundary, west=112.92, east=112.93
    )
    # when the device reports
    fleet.ingest(tilted(0))
    # then the case is opened in its area, without the doubtful point
    case = Case.objects.get()
    assert (case.area, case.longitude, case.lead_unit) == (fleet.city.grid, None, fleet.city.municipal)


def test_a_status_taken_out_of_the_profile_can_still_be_cleared(fleet):
    fleet.ingest(message(0, metrics={"tilt": 40}))
    ProfileStatus.objects.filter(profile=fleet.cover_profile, code="tilted").delete()
    fleet.cover_profile.metrics.all().delete()
    forget_rules()
    fleet.ingest(normal(1), received_at=at(1))
    assert not Alarm.objects.get().active


@pytest.mark.parametrize("order", [1, -1])
def test_a_batch_of_several_devices_raises_each(fleet, order):
    batch = [tilted(0), fill(0, 0.9)][::order]
    fleet.ingest(*batch)
    assert set(Alarm.objects.values_list("device__code", "alarm_type")) == {("MC-001", "tilted"), ("TB-001", "full")}
    assert User.objects.filter(username="system:devices").count() == 1
