"""Silent devices, lost gateways, and what the next sample does."""

from datetime import timedelta
from unittest import mock

import pytest
import time_machine
from django.utils import translation

from cases.models import Case, CaseEvidence
from devices.life import device_begin_maintenance, device_end_maintenance
from devices.listening import Heard, listening_note
from devices.models import OFFLINE, Alarm, Device, DeviceRefusal, Gateway, Listening, ProfileStatus, Reading
from devices.offline import offline_round, offline_sweep
from devices.profile_rules import forget_rules
from devices.tests.fleet import at, message
from devices.workflow import JUDGED, DeviceState
from governance import heartbeats
from governance.models import Event, User

# Both profiles report every 300 s: silent for 16.5 minutes (and 5 s) is offline.


@pytest.fixture
def fleet(fleet):
    """The fleet with the alarm in both profiles."""
    for profile in {fleet.cover.profile, fleet.bin.profile}:
        ProfileStatus.objects.create(profile=profile, code=OFFLINE, label="离线", severity="low", opens_case=False)
    forget_rules()
    return fleet


def hear(fleet, minutes, *codes, **said):
    said = said or {"metrics": {"x": minutes}}
    return fleet.ingest(*[message(minutes, code, **said) for code in codes], received_at=at(minutes))


def alone(fleet):
    """Let the cover stand by itself, with no gateway to blame."""
    Device.objects.filter(pk=fleet.cover.pk).update(gateway=None)
    fleet.cover.refresh_from_db()
    fleet.ingest(message(0, metrics={"x": 1}), owner=fleet.cover)


def names(prefix):
    return list(Event.objects.filter(name__startswith=prefix).order_by("id").values_list("name", flat=True))


def test_a_silent_device_has_one_alarm_until_it_is_heard(fleet):
    alone(fleet)
    # when it is silent for as long as it may be, then nothing; longer, then an alarm that opens no case
    assert offline_sweep(at(16.5)) == 0
    assert offline_sweep(at(17)) == 1
    assert offline_sweep(at(17.1)) == 0
    alarm = Alarm.objects.get()
    assert (alarm.alarm_type, alarm.raised_at, alarm.case, alarm.active) == (OFFLINE, at(17), None, True)
    # when it is heard, whatever it says
    fleet.ingest(message(20, metrics={"x": 1}), owner=fleet.cover, received_at=at(20))
    # then it is over, by our own clock
    alarm.refresh_from_db()
    assert (alarm.cleared_at, alarm.condition) == (at(20), "cleared")
    assert names("alarm.") == ["alarm.raised", "alarm.cleared"]
    # and silent again soon after it is the same occurrence
    assert offline_sweep(at(37)) == 1
    alarm.refresh_from_db()
    assert (Alarm.objects.count(), alarm.active, alarm.count) == (1, True, 2)


def test_late_samples_do_not_say_that_it_is_there(fleet):
    alone(fleet)
    offline_sweep(at(17))
    fleet.ingest(message(-5, metrics={"x": 1}), owner=fleet.cover, received_at=at(20))
    assert Alarm.objects.get().active


def test_no_device_says_that_it_is_offline(fleet):
    result = fleet.ingest(message(0, status=OFFLINE))
    assert [rejection.code for rejection in result.rejected] == ["status_not_reported"]
    # and staff do not read that it was taken
    row = DeviceRefusal.objects.get(device=fleet.cover)
    with translation.override("zh-hans"):
        assert (row.code, row.label) == ("status_not_reported", "设备自报离线（不予接收，离线由平台判定）")
    # with figures it is taken for these, and its sender is told that the word was not
    result = fleet.ingest(message(1, status=OFFLINE, metrics={"battery": 90.0}))
    assert (result.accepted, [warning.code for warning in result.warnings]) == (1, ["status_not_reported"])
    assert not Alarm.objects.exists() and "kept" not in result.warnings[0].detail
    assert set(Reading.objects.values_list("metric", flat=True)) == {"battery"}


@pytest.mark.parametrize("state", sorted(set(DeviceState) - set(JUDGED)))
def test_only_devices_in_service_or_maintenance_are_missed(fleet, state):
    alone(fleet)
    Device.objects.filter(pk=fleet.cover.pk).update(state=state)
    assert offline_sweep(at(60)) == 0
    assert not Alarm.objects.exists()


def maintained(fleet):
    """A cover in maintenance whose offline alarm would open a case."""
    ProfileStatus.objects.filter(code=OFFLINE).update(opens_case=True)
    forget_rules()
    alone(fleet)
    fleet.cover.refresh_from_db()
    system = User.objects.system("devices")
    return device_begin_maintenance(fleet.cover, actor=system, until=at(999), occurred_at=at(1), reason="x")


def test_a_device_silent_in_maintenance_is_dispatched_on_its_return(fleet):
    # given a device in maintenance that falls silent: it is found, and held back
    device = maintained(fleet)
    assert offline_sweep(at(30)) == 1
    assert offline_sweep(at(31)) == 0
    alarm = Alarm.objects.get()
    assert (alarm.active, alarm.inhibited, alarm.case) == (True, "out_of_service", None)
    assert "alarm.raised" not in names("alarm.") and not Case.objects.exists()
    # when it returns and is silent still
    device_end_maintenance(device, actor=User.objects.system("devices"), occurred_at=at(40))
    # then it is dispatched
    alarm.refresh_from_db()
    assert (alarm.inhibited, alarm.case) == ("", Case.objects.get())
    assert names("alarm.")[-1] == "alarm.released"


def test_a_device_heard_before_its_maintenance_ends_is_nobody_s_work(fleet):
    device = maintained(fleet)
    offline_sweep(at(30))
    fleet.ingest(message(35, metrics={"x": 1}), owner=fleet.cover, received_at=at(35))
    device_end_maintenance(device, actor=User.objects.system("devices"), occurred_at=at(40))
    assert (Alarm.objects.get().active, Case.objects.exists()) == (False, False)


def test_who_was_never_heard_or_put_in_service_just_now_is_not_missed(fleet):
    assert offline_sweep(at(60)) == 0
    alone(fleet)
    Device.objects.filter(pk=fleet.cover.pk).update(in_service_at=at(50))
    assert offline_sweep(at(60)) == 0
    assert offline_sweep(at(67)) == 1


def test_a_profile_without_the_alarm_raises_none(fleet):
    ProfileStatus.objects.filter(profile=fleet.cover_profile, code=OFFLINE).delete()
    forget_rules()
    alone(fleet)
    assert offline_sweep(at(60)) == 0


def test_silence_before_we_listened_does_not_count(fleet):
    alone(fleet)
    assert offline_sweep(at(60), heard=Heard(((at(50), at(60)),))) == 0
    assert offline_sweep(at(67), heard=Heard(((at(50), at(67)),))) == 1


def look(minute, *, doors=("live",)):
    """Let the timers process look at a moment, the doors that are open having given their signs of life."""
    with (
        mock.patch("devices.offline.timezone.now", return_value=at(minute)),
        mock.patch("devices.listening.heartbeats.is_alive", side_effect=lambda door: door in doors),
    ):
        offline_round(at(minute))


def look_from(begin, end, **said):
    """Let it look every six seconds."""
    for step in range(round((end - begin) * 10) + 1):
        look(begin + step / 10, **said)


def test_a_restart_of_a_minute_costs_a_minute(fleet):
    # given a device that may be silent for 16.5 minutes (and 5 s), and restarts of a minute every five minutes
    alone(fleet)
    for begin in (0, 5, 10, 15):
        look_from(begin, begin + 4)
    # when it was listened to for 16 minutes in all, then not yet; soon after it is found
    assert not Alarm.objects.exists()
    look_from(20, 20.4)
    assert not Alarm.objects.exists()
    look_from(20.5, 20.8)
    assert Alarm.objects.get().alarm_type == OFFLINE
    assert Listening.objects.count() == 5


def test_an_outage_of_our_own_raises_nothing(fleet):
    alone(fleet)
    look_from(0, 1)
    # when nobody looked for a day, or the doors were closed while the timers ran
    look(24 * 60)
    look_from(24 * 60 + 1, 24 * 60 + 30, doors=())
    look(24 * 60 + 30.1)
    assert not Alarm.objects.exists()
    # when all is heard again, then nothing is ever said
    fleet.ingest(message(24 * 60 + 31, metrics={"x": 1}), owner=fleet.cover, received_at=at(24 * 60 + 31))
    look_from(24 * 60 + 31, 24 * 60 + 40)
    assert not Alarm.objects.exists()


def test_without_the_mqtt_bridge_nobody_listens_where_one_is_expected(fleet, settings):
    settings.EXPECTED_PROCESSES = ("mqtt",)
    alone(fleet)
    look_from(0, 20)
    assert not Listening.objects.exists() and not Alarm.objects.exists()
    look_from(20, 37, doors=("live", "mqtt"))
    assert Alarm.objects.count() == 1


def test_timers_that_have_much_to_do_are_no_break(fleet):
    # given doors that show their signs of life while the timers look once in a minute
    alone(fleet)
    for tenth in range(171):
        with time_machine.travel(at(tenth / 10), tick=False):
            heartbeats.beat("live")
            if tenth % 10 == 0:
                offline_round(at(tenth / 10))
    # then it is one time without a break, and the silent device is found
    assert [(row.began_at, row.until) for row in Listening.objects.all()] == [(at(0), at(17))]
    assert Alarm.objects.get().alarm_type == OFFLINE


def test_a_door_that_beats_alone_opens_nothing(fleet, settings):
    settings.EXPECTED_PROCESSES = ("mqtt",)
    with time_machine.travel(at(0), tick=False):
        heartbeats.beat("live")
        assert not Listening.objects.exists()
        heartbeats.beat("mqtt")
        assert Listening.objects.count() == 1


def test_looks_far_from_each_other_leave_no_rows_behind(fleet):
    for minute in range(5):
        listening_note(at(minute))
    assert [(row.began_at, row.until) for row in Listening.objects.all()] == [(at(4), at(4))]


def test_what_was_listened_to_is_read_only_as_far_back_as_a_device_may_be_silent(fleet, django_assert_num_queries):
    # given a break of ten seconds in each of 300 minutes
    Listening.objects.bulk_create(Listening(began_at=at(-row - 5 / 6), until=at(-row)) for row in range(1, 300))
    with django_assert_num_queries(2):
        heard = Heard.known(at(0))
    # then 21.5 minutes of listening (16.5, and 5 to spare) are in the first hundred; 16.5 are 19 times 50 s, and 40 s
    assert len(heard.times) == 100
    assert heard.back(at(0), timedelta(minutes=16.5)) == at(-20) - timedelta(seconds=40)
    # given devices that may be silent for longer, it reads on, and to the end where there is no more
    fleet.cover_profile.__class__.objects.update(reporting_interval=1800)
    assert len(Heard.known(at(0)).times) == 200
    fleet.cover_profile.__class__.objects.update(reporting_interval=86400)
    assert len(Heard.known(at(0)).times) == 299


def test_no_time_counts_twice():
    heard = Heard(((at(10), at(20)), (at(10), at(20)), (at(0), at(5))))
    assert heard.back(at(20), timedelta(minutes=10)) == at(10)
    assert heard.back(at(20), timedelta(minutes=12)) == at(3)
    assert heard.back(at(20), timedelta(minutes=16)) is None
    assert Heard().back(at(20), timedelta(minutes=16)) == at(4)


def test_other_alarms_of_a_silent_device_are_stale_and_stay(fleet):
    alone(fleet)
    fleet.ingest(message(1, status="tilted"), owner=fleet.cover, received_at=at(1))
    offline_sweep(at(30))
    stale = dict(Alarm.objects.with_rows().values_list("alarm_type", "stale"))
    assert stale == {"tilted": True, OFFLINE: False}
    assert Alarm.objects.active().count() == 2
    # when it is heard and still tilted
    fleet.ingest(message(31, status="tilted"), owner=fleet.cover, received_at=at(31))
    assert list(Alarm.objects.active().with_rows().values_list("alarm_type", "stale")) == [("tilted", False)]


def test_an_offline_alarm_that_opens_cases_is_raised_anew_when_its_case_is_closed_and_it_is_silent_still(fleet):
    ProfileStatus.objects.filter(code=OFFLINE).update(opens_case=True)
    forget_rules()
    alone(fleet)
    offline_sweep(at(17))
    case = Alarm.objects.get().case
    Case.objects.filter(pk=case.pk).update(state="closed", closed_at=at(20))
    # not at once: it was put right and has yet to report
    assert offline_sweep(at(21)) == 0
    assert offline_sweep(at(37)) == 1
    assert [alarm.active for alarm in Alarm.objects.order_by("id")] == [False, True]
    assert Case.objects.count() == 2


def test_a_lost_gateway_is_one_thing(fleet):
    # given a gateway with a category, whose devices fall silent one after the other
    Gateway.objects.update(category=fleet.city.category)
    hear(fleet, 0, "MC-001")
    hear(fleet, 5, "TB-001")
    # when only one is silent, then it is that device
    assert offline_sweep(at(17)) == 1
    assert Alarm.objects.get().inhibited == ""
    # when all are
    offline_sweep(at(22))
    offline_sweep(at(23))
    # then it is the gateway: one case, one event, all alarms held back
    gateway = Gateway.objects.get()
    assert gateway.silent_since == at(5)
    assert set(Alarm.objects.values_list("device__code", "inhibited")) == {
        ("MC-001", "suppressed"), ("TB-001", "suppressed"),
    }  # fmt: skip
    assert Case.objects.get() == gateway.case and gateway.case.origin == {"gateway": "GW-1"}
    assert names("gateway.") == ["gateway.lost"]
    assert Event.objects.get(name="gateway.lost").payload["case"] == gateway.case.number


def test_a_gateway_that_is_back_gives_its_devices_time(fleet):
    Gateway.objects.update(category=fleet.city.category)
    hear(fleet, 0, "MC-001", "TB-001")
    offline_sweep(at(17))
    # when one device is heard
    hear(fleet, 30, "TB-001")
    offline_sweep(at(30.1))
    # then the gateway is back, its case is told, the other device is held back still
    gateway = Gateway.objects.get()
    assert (gateway.silent_since, gateway.back_at) == (None, at(30.1))
    assert CaseEvidence.objects.get(case=gateway.case).kind == "gateway_back"
    assert names("gateway.") == ["gateway.lost", "gateway.back"]
    assert Alarm.objects.active().get().inhibited == "suppressed"
    # when its time has passed too, then the other device has an alarm of its own
    hear(fleet, 45, "TB-001")
    offline_sweep(at(47))
    alarm = Alarm.objects.active().get()
    assert (alarm.device.code, alarm.inhibited) == ("MC-001", "")
    # when the gateway is lost once more with its case still open, then that case is told
    offline_sweep(at(62))
    assert Case.objects.count() == 1
    assert CaseEvidence.objects.order_by("-id").first().kind == "gateway_lost"


def test_an_outage_of_our_own_is_no_time_given_to_the_devices_of_a_gateway_that_is_back(fleet):
    # given a gateway that is back for a minute when nobody listens for a day
    hear(fleet, 0, "MC-001", "TB-001")
    offline_sweep(at(17))
    hear(fleet, 30, "TB-001")
    offline_sweep(at(30.1))
    day = 24 * 60
    # when somebody listens again, then the device that was silent still has its time; then its alarm is released
    offline_sweep(at(day), heard=Heard(((at(day), at(day)), (at(0), at(31)))))
    assert Alarm.objects.active().get().inhibited == "suppressed"
    hear(fleet, day + 5, "TB-001")
    offline_sweep(at(day + 17), heard=Heard(((at(day), at(day + 17)), (at(0), at(31)))))
    assert Alarm.objects.active().get().inhibited == ""


def test_an_outage_of_our_own_is_no_time_given_where_people_s_steps_look_anew_either(fleet):
    # given a gateway that is back for a minute when nobody listens for a day; then somebody listens again
    hear(fleet, 0, "MC-001", "TB-001")
    offline_sweep(at(17))
    hear(fleet, 30, "TB-001")
    offline_sweep(at(30.1))
    day = 24 * 60
    Listening.objects.create(began_at=at(0), until=at(31))
    Listening.objects.create(began_at=at(day), until=at(day + 10))
    # when the silent one is looked at anew by a person's step, not by the sweep
    system = User.objects.system("devices")
    given = {"actor": system, "until": at(day + 99), "reason": "x"}
    device = device_begin_maintenance(fleet.cover, occurred_at=at(day + 9), **given)
    assert Alarm.objects.active().get(device=device).inhibited == "out_of_service"
    device_end_maintenance(device, actor=system, occurred_at=at(day + 10))
    # then its gateway explains the silence still, as the sweep says too
    assert Alarm.objects.active().get(device=device).inhibited == "suppressed"
    offline_sweep(at(day + 10), heard=Heard.known(at(day + 10)))
    assert Alarm.objects.active().get(device=device).inhibited == "suppressed"
    # until somebody has listened for long enough since
    Listening.objects.filter(began_at=at(day)).update(until=at(day + 17))
    device = device_begin_maintenance(device, occurred_at=at(day + 16), **given)
    device_end_maintenance(device, actor=system, occurred_at=at(day + 17))
    assert Alarm.objects.active().get(device=device).inhibited == ""


@pytest.mark.parametrize("spoil", ["talking", "one", "retired_gateway"])
def test_what_is_no_lost_gateway(fleet, spoil):
    hear(fleet, 0, "MC-001", "TB-001")
    if spoil == "talking":
        hear(fleet, 15, "TB-001")
    elif spoil == "one":
        Device.objects.filter(code="TB-001").update(state="retired")
    else:
        Gateway.objects.update(is_active=False)
    offline_sweep(at(17))
    assert Gateway.objects.get().silent_since is None
    assert "MC-001" in set(Alarm.objects.filter(inhibited="").values_list("device__code", flat=True))


def test_a_device_taken_from_a_lost_gateway_speaks_for_itself(fleet):
    hear(fleet, 0, "MC-001", "TB-001")
    offline_sweep(at(17))
    assert not Case.objects.exists()  # no category: no case
    Device.objects.filter(code="MC-001").update(gateway=None)
    offline_sweep(at(18))
    assert Alarm.objects.get(device__code="MC-001").inhibited == ""
    assert Alarm.objects.get(device__code="TB-001").inhibited == "suppressed"


def test_many_silent_devices_take_few_statements(fleet, django_assert_max_num_queries):
    for number in range(30):
        Device.objects.create(
            code=f"MC-2{number:02}", name="x", profile=fleet.cover_profile, area=fleet.city.grid, longitude=112.905,
            latitude=28.205, unit=fleet.city.municipal, last_seen_at=at(0),
        )  # fmt: skip
    with django_assert_max_num_queries(40):
        assert offline_sweep(at(60)) == 30
    assert Alarm.objects.get(device__code="MC-200").raised_at - at(0) == timedelta(minutes=60)
