"""Alarms that chatter: shelved by themselves, one maintenance case for the owner, back when the shelf ends."""

import pytest

from cases.models import Case, CaseEvidence
from devices.life import device_begin_maintenance, device_end_maintenance
from devices.models import Alarm, Device, DeviceProfile, ProfileMetric, ProfileStatus, Shelving
from devices.profile_rules import forget_rules
from devices.services import alarm_acknowledge
from devices.shelving import alarm_shelve, chattering_done, shelving_end, shelving_lift
from devices.tests.fleet import at, message
from devices.tests.test_life import handled
from governance.models import Event, Timer
from governance.timers import fire_past

SECOND = 1 / 60


@pytest.fixture
def nervous(fleet):
    """Covers have a category for maintenance; three times within a minute is chattering (the default)."""
    DeviceProfile.objects.filter(code="manhole_cover").update(chatter_category=fleet.city.category)
    forget_rules()
    yield fleet
    forget_rules()


def flap(fleet, times, start=0.0, device="MC-001", word="tilted", apart=10):
    """The alarm is raised and over so many times, every ``apart`` seconds, a message a request."""
    for number in range(times):
        moment = start + number * apart * SECOND
        fleet.ingest(message(moment, device, status=word), received_at=at(moment))
        moment += apart / 2 * SECOND
        fleet.ingest(message(moment, device, status="normal"), received_at=at(moment))


def maintenance():
    return Case.objects.exclude(pk__in=Alarm.objects.filter(case__isnull=False).values("case"))


def test_three_times_in_a_minute_is_shelved_with_one_case_for_the_owner(nervous):
    # when a cover tilts and stands again three times
    flap(nervous, 3)
    # then its alarm is shelved by the system, for a shift
    row = Shelving.objects.get()
    assert (row.device, row.alarm_type, row.chattering, row.ended_at) == (nervous.cover, "tilted", True, None)
    assert (row.shelved_by.username, row.until) == ("system:devices", at(8 * 60 + 20 * SECOND))
    told = Event.objects.get(name="alarm.chattering")
    assert (told.payload["times"], told.payload["device"], told.area) == (3, "MC-001", nervous.city.grid)
    # and the owner unit has one case of maintenance, beside the case of the first tilt
    case = maintenance().get()
    assert (case.state, case.lead_unit, case.category) == ("dispatched", nervous.city.municipal, nervous.city.category)
    assert Device.objects.get(code="MC-001").chatter_case == case
    assert told.payload["case"] == case.number
    assert CaseEvidence.objects.get(case=case).data["count"] == 3
    # and when it goes on, nothing new happens
    before = Case.objects.count(), Shelving.objects.count(), Event.objects.filter(name="alarm.chattering").count()
    flap(nervous, 6, start=1)
    assert before == (
        Case.objects.count(), Shelving.objects.count(), Event.objects.filter(name="alarm.chattering").count()
    )  # fmt: skip


def test_all_in_one_batch_is_found_too_and_nobody_is_sent(nervous):
    batch = [message(number * 5 * SECOND, status=("tilted", "normal")[number % 2]) for number in range(5)]
    nervous.ingest(*batch, received_at=at(1))
    assert Shelving.objects.get().chattering
    assert Alarm.objects.get().inhibited == "shelved"
    assert Case.objects.get() == maintenance().get()


def test_a_latched_alarm_chatters_too(nervous):
    # given covers whose alarm waits for a look
    ProfileStatus.objects.filter(code="tilted").update(latched=True)
    forget_rules()
    # when one tilts and stands again three times
    flap(nervous, 3)
    # then it is shelved like any other
    assert Shelving.objects.get().chattering
    assert Alarm.objects.get().inhibited == "shelved"
    assert maintenance().get().lead_unit == nervous.city.municipal


@pytest.mark.parametrize("latched", [True, False])
def test_what_chatters_on_does_not_fill_its_case(nervous, latched):
    ProfileStatus.objects.filter(code="tilted").update(latched=latched)
    forget_rules()
    flap(nervous, 3)
    case = Alarm.objects.get().case
    before = CaseEvidence.objects.filter(case=case).count()
    # when it goes on for five minutes, every ten seconds
    flap(nervous, 30, start=0.5)
    # then the case is told no more often than of any alarm that goes on
    assert CaseEvidence.objects.filter(case=case).count() - before <= 1
    assert Alarm.objects.get().count >= 33


@pytest.mark.parametrize(("times", "apart"), [(2, 10), (3, 31)])
def test_less_is_no_chattering(nervous, times, apart):
    flap(nervous, times, apart=apart)
    assert not Shelving.objects.exists()
    assert not maintenance().exists()


@pytest.mark.parametrize("change", [{"chatter_count": 0}, {"chatter_count": 4}, {"chatter_window": 15}])
def test_how_often_and_how_soon_is_data_of_the_profile(nervous, change):
    DeviceProfile.objects.filter(code="manhole_cover").update(**change)
    forget_rules()
    flap(nervous, 3)
    assert not Shelving.objects.exists()


def test_without_a_category_it_is_seen_in_the_console_only(fleet):
    flap(fleet, 3, device="TB-001", word="full")
    assert Shelving.objects.get().chattering
    assert not maintenance().exists()
    assert Event.objects.get(name="alarm.chattering").payload["case"] is None


def test_new_occurrences_count_as_much_as_one_that_comes_back(nervous):
    ProfileStatus.objects.filter(code="tilted").update(reopen_window=0)
    forget_rules()
    flap(nervous, 3)
    assert Alarm.objects.count() == 3
    assert Shelving.objects.get().chattering


def test_another_alarm_of_the_device_adds_to_the_open_case_and_a_closed_one_is_followed_by_a_new_one(nervous):
    flap(nervous, 3)
    case = maintenance().get()
    # when another alarm of it chatters
    flap(nervous, 3, start=2, word="missing")
    # then the case that is open is told
    assert Shelving.objects.count() == 2
    assert [row.data["alarm_type"] for row in CaseEvidence.objects.filter(case=case).order_by("pk")] == [
        "tilted", "missing"
    ]  # fmt: skip
    # when the case is over, the shelf ends and it chatters again
    Case.objects.filter(pk=case.pk).update(state="cancelled")
    for row in Shelving.objects.all():
        shelving_end(row.pk, at=row.until)
    flap(nervous, 3, start=9 * 60)
    # then there is a new case
    assert Device.objects.get(code="MC-001").chatter_case.number != case.number


def test_a_case_merged_into_another_is_still_the_one(nervous):
    flap(nervous, 3)
    case, other = maintenance().get(), Case.objects.exclude(pk=maintenance().get().pk).first()
    Case.objects.filter(pk=case.pk).update(state="merged", merged_into=other)
    flap(nervous, 3, start=2, word="missing")
    assert Device.objects.get(code="MC-001").chatter_case == other


def test_when_the_shelf_ends_it_is_dispatched_if_it_is_still_there(nervous):
    # given a bin that chatters and stays full, its case held back
    batch = [message(n * 5 * SECOND, "TB-001", status=("full", "normal")[n % 2]) for n in range(5)]
    nervous.ingest(*batch, received_at=at(1))
    alarm = Alarm.objects.get()
    assert (alarm.active, alarm.inhibited, alarm.case) == (True, "shelved", None)
    row = Shelving.objects.get()
    # when the time has come
    assert fire_past(Timer.objects.get(kind="device.shelf_ends").key, row.until)
    # then somebody is sent
    fresh = Alarm.objects.get()
    assert (fresh.inhibited, fresh.case is not None) == ("", True)


def test_what_a_person_shelved_is_left_alone(nervous):
    nervous.ingest(message(0, status="tilted"))
    dispatcher = nervous.city.user("dispatcher")
    alarm_acknowledge(Alarm.objects.get(), actor=dispatcher, occurred_at=at(0))
    alarm_shelve(Alarm.objects.get(), actor=dispatcher, until=at(60), reason="检修", occurred_at=at(0))
    flap(nervous, 5, start=0.1)
    assert [row.chattering for row in Shelving.objects.all()] == [False]
    assert not maintenance().exists()
    # and what the system shelved a person may take back
    shelving_lift(Shelving.objects.get(), actor=dispatcher, occurred_at=at(2))
    flap(nervous, 3, start=3)
    assert Shelving.objects.filter(ended_at=None).get().chattering


def test_a_backlog_that_tells_of_yesterday_shelves_nothing(nervous):
    batch = [message(-600 + n * 5 * SECOND, status=("tilted", "normal")[n % 2]) for n in range(6)]
    nervous.ingest(*batch)
    assert not Shelving.objects.exists()


def maintain(fleet, start, end):
    """The cover is in maintenance from one minute to another; yield in between."""
    keeper = fleet.city.user("operations_centre")
    device_begin_maintenance(fleet.cover, actor=keeper, until=at(end + 60), reason="检修", occurred_at=at(start))
    yield
    device_end_maintenance(Device.objects.get(pk=fleet.cover.pk), actor=keeper, occurred_at=at(end))


def test_who_works_on_a_device_makes_no_alarm_that_chatters(nervous):
    # given covers that chatter with three alarms within the hour
    DeviceProfile.objects.filter(code="manhole_cover").update(chatter_window=3600)
    forget_rules()
    work = maintain(nervous, -1, 5)
    next(work)
    # when somebody who maintains one lifts and closes it
    flap(nervous, 4)
    # then nothing is shelved and nobody is sent
    assert not Shelving.objects.exists() and not Case.objects.exists()
    assert Alarm.objects.get().inhibited == "out_of_service"
    # when the work is over and it is tilted within the hour
    next(work, None)
    flap(nervous, 1, start=40)
    # then that is heard
    assert not Shelving.objects.exists()
    assert Alarm.objects.get(case__isnull=False).inhibited == ""


def test_what_was_counted_before_the_work_is_not_counted_after_it(nervous):
    # given a cover that was tilted twice within the minute
    flap(nervous, 2)
    work = maintain(nervous, 0.4, 0.5)
    next(work)
    next(work, None)
    # when it was maintained since and is tilted twice more
    flap(nervous, 2, start=0.6)
    assert not Shelving.objects.exists()
    # then the third after the work is the third
    flap(nervous, 1, start=0.95)
    assert Shelving.objects.get().chattering


def end_case(fleet, case, minute):
    """People handle and close a case; half a minute later what follows from it is done."""
    handled(fleet, case, "start", "submit", "inspect", "close", minute=minute)


@pytest.fixture
def mended(nervous):
    """A cover (three alarms within the hour) that chattered; its case."""
    DeviceProfile.objects.filter(code="manhole_cover").update(chatter_window=3600)
    forget_rules()
    flap(nervous, 3)
    return maintenance().get()


def test_when_its_case_is_over_the_device_is_heard_again(nervous, mended):
    # when the case is over half an hour later
    end_case(nervous, mended, 30)
    # then so is the shelf, and the trail says why
    assert Shelving.objects.get().ended_at == at(30.5)
    assert not Timer.objects.filter(kind="device.shelf_ends", fired_at=None, cancelled_at=None).exists()
    event = Event.objects.get(name="alarm.unshelved")
    assert (event.actor.username, event.remark.text) == ("system:devices", f"案件{mended.number}已了结。")
    # and the next tilt is heard, within the hour as it is
    nervous.ingest(message(35, status="tilted"), received_at=at(35))
    alarm = Alarm.objects.get(cleared_at=None)
    assert (alarm.inhibited, alarm.case is not None) == ("", True)
    assert Shelving.objects.count() == 1


def test_what_still_stands_when_the_case_is_over_is_dispatched(nervous, mended):
    Alarm.objects.update(case=None)
    nervous.ingest(message(20, status="tilted"), received_at=at(20))
    assert Alarm.objects.get().inhibited == "shelved"
    end_case(nervous, mended, 30)
    alarm = Alarm.objects.get()
    assert (alarm.inhibited, alarm.case is not None) == ("", True)


def test_a_case_that_is_merged_into_an_open_one_goes_on_with_that(nervous, mended):
    main = Case.objects.exclude(pk=mended.pk).get()
    Case.objects.filter(pk=mended.pk).update(state="merged", merged_into=main)
    chattering_done(mended.pk, at=at(10))
    assert Shelving.objects.get().ended_at is None
    end_case(nervous, main, 30)
    assert Shelving.objects.get().ended_at == at(30.5)


def test_what_a_person_shelved_outlives_that_case(nervous, mended):
    nervous.ingest(message(10, status="missing"), received_at=at(10))
    alarm = Alarm.objects.get(alarm_type="missing")
    alarm_shelve(alarm, actor=nervous.city.user("dispatcher"), until=at(600), reason="施工", occurred_at=at(11))
    end_case(nervous, mended, 30)
    assert [row.alarm_type for row in Shelving.objects.filter(ended_at=None)] == ["missing"]


def jolt(fleet, minute, tilt=16):
    """A lorry passes: for a few seconds the cover is tilted."""
    fleet.ingest(message(minute, metrics={"tilt": tilt}), received_at=at(minute))
    fleet.ingest(message(minute + 0.1, metrics={"tilt": 3}), received_at=at(minute + 0.1))


@pytest.mark.parametrize("waits", [{"on_delay": 30}, {"samples_needed": 2, "samples_of": 3}])
def test_what_could_not_have_raised_a_latched_alarm_does_not_make_it_chatter(nervous, waits):
    # given covers whose tilt must last, an hour's window, and one that was tilted in truth and waits for a look
    ProfileStatus.objects.filter(code="tilted").update(latched=True, **waits)
    ProfileMetric.objects.filter(metric="tilt").update(critical=60)
    DeviceProfile.objects.filter(code="manhole_cover").update(chatter_window=3600)
    forget_rules()
    for minute in (0, 1, 2):
        nervous.ingest(message(minute, metrics={"tilt": 20}), received_at=at(minute))
    nervous.ingest(message(3, metrics={"tilt": 3}), received_at=at(3))
    assert Alarm.objects.get().condition == "awaiting"
    # when lorries pass
    for minute in (10, 15, 20):
        jolt(nervous, minute)
    # then each time it comes back, as before, and nothing is shelved
    assert Alarm.objects.get().count > 3
    assert not Shelving.objects.exists() and not maintenance().exists()
    # and what raises it at once counts still: a critical figure, the device's own word
    jolt(nervous, 25, tilt=70)
    assert not Shelving.objects.exists()
    nervous.ingest(message(30, status="tilted"), received_at=at(30))
    assert Shelving.objects.get().chattering


def test_such_a_jolt_shelves_nothing_that_was_taken_back(nervous):
    # given a latched cover with an on-delay that chattered by its own word, and whose shelving a person took back
    ProfileStatus.objects.filter(code="tilted").update(latched=True, on_delay=30)
    forget_rules()
    flap(nervous, 3)
    shelving_lift(Shelving.objects.get(), actor=nervous.city.user("dispatcher"), occurred_at=at(0.5))
    # when a lorry passes
    jolt(nervous, 0.6)
    # then it stays heard
    assert not Shelving.objects.filter(ended_at=None).exists()
