"""Rain that fills many sensors becomes one case of the grid."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, CaseEvidence
from devices.life import device_begin_maintenance, device_end_maintenance
from devices.models import Alarm, AlarmStorm, Device, ProfileStatus
from devices.profile_rules import forget_rules
from devices.shelving import alarms_release
from devices.tests.fleet import at, message
from governance.models import Event

SECOND = 1 / 60


def bins(fleet, count, area=None, point=None):
    """Add bins to a grid, behind the gateway; return their codes."""
    area, point = area or fleet.city.grid, point or fleet.city.point
    codes = [f"RB-{area.pk}-{number:03}" for number in range(count)]
    Device.objects.bulk_create(
        Device(code=code, name=f"垃圾桶{code}", profile=fleet.bin.profile, area=area, longitude=point[0],
               latitude=point[1], unit=fleet.city.municipal, gateway=fleet.gateway)
        for code in codes
    )  # fmt: skip
    return codes


@pytest.fixture
def rain(fleet):
    """Five full bins in a grid within half an hour are one matter."""
    ProfileStatus.objects.filter(code="full").update(storm_count=5)
    forget_rules()
    yield fleet
    forget_rules()


def fill(fleet, codes, minute=0.0, word="full"):
    return fleet.ingest(*[message(minute, code, status=word) for code in codes], received_at=at(minute))


def statements(work) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_eighty_at_once_are_one_case_with_every_sensor_listed(rain):
    # when 80 sensors of a grid report within one batch
    codes = bins(rain, 80)
    fill(rain, codes)
    # then one case of the grid is dispatched, all alarms belong to it and are its evidence
    case = Case.objects.get()
    assert (case.area, case.state, case.parent, case.longitude) == (rain.city.grid, "accepted", None, None)
    assert "80" in case.description and "垃圾满溢" in case.description
    assert set(Alarm.objects.values_list("case", "inhibited")) == {(case.pk, "")}
    assert {row.data["device"] for row in CaseEvidence.objects.filter(case=case)} == set(codes)
    storm = AlarmStorm.objects.get()
    assert (storm.case, storm.area, storm.alarm_type, storm.alarms) == (case, rain.city.grid, "full", 80)
    # and nothing is lost from the history
    assert Event.objects.filter(name="alarm.raised", payload__case=case.number).count() == 80
    assert Event.objects.get(name="storm.begun").payload == {"alarm_type": "full", "alarms": 80, "case": case.number}
    # and each alarm that is over closes with its evidence, the case stays
    fill(rain, codes[:3], minute=10, word="normal")
    assert Alarm.objects.active().count() == 77
    assert CaseEvidence.objects.filter(case=case, kind="alarm_cleared").count() == 3
    assert Case.objects.get().state == "accepted"


def test_one_by_one_the_first_cases_are_put_under_it_and_later_alarms_join(rain):
    codes = bins(rain, 8)
    for place, code in enumerate(codes):
        fill(rain, [code], minute=place)
    # then the four that were dispatched alone are its parts, the others belong to it
    storm = AlarmStorm.objects.get()
    assert storm.alarms == 8
    parts = [alarm.case for alarm in Alarm.objects.order_by("pk")[:4]]
    assert len({case.pk for case in parts}) == 4
    assert {case.parent for case in parts} == {storm.case}
    assert set(Alarm.objects.order_by("pk")[4:].values_list("case", flat=True)) == {storm.case.pk}
    assert Case.objects.count() == 5
    assert Event.objects.filter(name="case.attached", subject_id__in=[case.pk for case in parts]).count() == 4


def test_fewer_or_slower_ones_have_cases_of_their_own(rain):
    codes = bins(rain, 8)
    fill(rain, codes[:4])
    for place, code in enumerate(codes[4:], start=1):
        fill(rain, [code], minute=31 * place)
    assert not AlarmStorm.objects.exists()
    assert Case.objects.filter(parent=None).count() == 8


def test_each_grid_has_its_own_and_other_alarms_stay_out_of_it(rain):
    here, there = bins(rain, 5), bins(rain, 4, rain.city.other_grid, rain.city.other_point)
    fill(rain, [*here, *there])
    rain.ingest(message(0, "MC-001", status="tilted"))
    assert AlarmStorm.objects.get().area == rain.city.grid
    assert Case.objects.count() == 1 + 4 + 1
    fill(rain, bins(rain, 5, rain.city.areas["street"]), minute=1)  # a street is no grid
    assert AlarmStorm.objects.count() == 1


@pytest.mark.parametrize("why", ["dry", "closed"])
def test_a_storm_is_over_when_it_stops_or_its_case_is_done(rain, why):
    codes = bins(rain, 12)
    fill(rain, codes[:5])
    first = AlarmStorm.objects.get()
    if why == "closed":
        Case.objects.filter(pk=first.case_id).update(state="cancelled")
    # when one more comes, it has a case of its own; five more are a new storm
    later = 6 * 60 + 1 if why == "dry" else 1
    fill(rain, [codes[5]], minute=later)
    assert Alarm.objects.get(device__code=codes[5]).case.parent is None
    assert AlarmStorm.objects.filter(ended_at=None).count() == 0
    fill(rain, codes[6:10], minute=later + 1)
    assert AlarmStorm.objects.get(ended_at=None).alarms == 5


def test_alarms_that_join_follow_the_case_it_was_merged_into(rain):
    codes = bins(rain, 6)
    fill(rain, codes[:5])
    rain.ingest(message(0, "MC-001", status="tilted"))
    case, other = AlarmStorm.objects.get().case, Alarm.objects.get(device=rain.cover).case
    Case.objects.filter(pk=case.pk).update(state="merged", merged_into=other)
    fill(rain, codes[5:], minute=1)
    assert Alarm.objects.get(device__code=codes[5]).case == other
    assert AlarmStorm.objects.get().case == other


def test_what_is_held_back_neither_counts_nor_joins(rain):
    codes = bins(rain, 5)
    Device.objects.filter(code=codes[0]).update(state="maintenance", maintenance_until=at(60))
    fill(rain, codes)
    assert not AlarmStorm.objects.exists()
    assert Alarm.objects.get(device__code=codes[0]).case is None


def test_the_statements_of_a_batch_do_not_grow_with_the_alarms_that_join(rain):
    codes = bins(rain, 130)
    begun = statements(lambda: fill(rain, codes[:5]))
    few = statements(lambda: fill(rain, codes[5:10], minute=1))
    many = statements(lambda: fill(rain, codes[10:130], minute=2))
    assert many == few < 45
    # a storm that begins takes those of its one case more
    assert begun - few < 40
    # and clearing is as cheap
    some = statements(lambda: fill(rain, codes[:5], minute=3, word="normal"))
    assert statements(lambda: fill(rain, codes[5:125], minute=4, word="normal")) == some


@pytest.mark.parametrize("held", ["maintenance", "shelf"])
def test_an_old_alarm_that_is_released_makes_no_storm_of_cases_of_other_days(rain, held):
    # given a full bin that is held back for days, and four others that were full on different days since
    codes, day = bins(rain, 5), 24 * 60
    centre, bin_ = rain.city.user("operations_centre"), Device.objects.get(code=codes[0])
    device_begin_maintenance(bin_, actor=centre, until=at(5 * day), reason="检修", occurred_at=at(-1))
    fill(rain, codes[:1])
    for number, code in enumerate(codes[1:]):
        fill(rain, [code], minute=60 + number * day)
    if held == "shelf":
        device_end_maintenance(Device.objects.get(pk=bin_.pk), actor=centre, occurred_at=at(10))
        Alarm.objects.filter(device=bin_).update(case=None, inhibited="shelved")
    # when it is held back no more
    if held == "shelf":
        alarms_release([bin_.pk], at=at(4 * day))
    else:
        device_end_maintenance(Device.objects.get(pk=bin_.pk), actor=centre, occurred_at=at(4 * day))
    # then it has a case of its own, and nobody's case is put anywhere
    assert Alarm.objects.get(device=bin_).case is not None
    assert not AlarmStorm.objects.exists()
    assert Case.objects.filter(parent=None).count() == Case.objects.count() >= 5


def test_what_is_released_counts_with_those_of_its_own_time(rain):
    # given five bins that were full at once, one of them held back
    codes = bins(rain, 5)
    bin_, centre = Device.objects.get(code=codes[0]), rain.city.user("operations_centre")
    device_begin_maintenance(bin_, actor=centre, until=at(60), reason="检修", occurred_at=at(-1))
    fill(rain, codes[:1])
    fill(rain, codes[1:], minute=20)
    assert not AlarmStorm.objects.exists()
    # when it is held back no more, then they are the storm that they were
    device_end_maintenance(Device.objects.get(pk=bin_.pk), actor=centre, occurred_at=at(50))
    assert AlarmStorm.objects.get().alarms == 5
