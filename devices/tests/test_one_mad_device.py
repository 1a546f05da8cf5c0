"""What one device with a valid key may do: nothing that stops the others."""

import pytest

from cases.models import CaseSource, DeadLetter, IntakeSource
from devices import ingest
from devices.models import LatestValue, ProfileMetric, Reading, ReadingHour
from devices.mqtt import letters
from devices.profile_rules import forget_rules
from devices.rollups import rollups_make
from devices.tests.fleet import NOW, at, message
from devices.wire import decoded

pytestmark = pytest.mark.django_db


def codes(result) -> list[str]:
    return [found.code for found in result.rejected]


@pytest.mark.parametrize("value", [1.7e308, -1e200, 1.1e30, 10**400])
def test_a_figure_that_no_sum_holds_is_refused(fleet, value):
    result = fleet.ingest(message(0, metrics={"tilt": 3, "odd": value}))
    assert codes(result) == ["invalid_value"]
    assert not Reading.objects.exists()


def test_the_same_of_typed_messages(fleet):
    body = b'{"readings": [{"device": "MC-001", "at": "2026-11-23T08:00:00Z", "metrics": {"odd": 1.7e308}}]}'
    assert codes(fleet.ingest(*decoded(body))) == ["invalid_value"]


def test_the_greatest_figures_of_one_do_not_stop_the_hours_of_all(fleet):
    # given one device that says the greatest figures there may be, and a quiet one
    for minute in range(4):
        fleet.ingest(message(minute, metrics={"odd": 1e30 * (-1) ** minute, "great": 1e30}))
    fleet.ingest(message(0, "TB-001", metrics={"fill": 0.5}))
    # when the hour is rolled up
    rollups_make(now=at(120))
    # then both are there
    assert ReadingHour.objects.get(metric="fill").mean == 0.5
    assert ReadingHour.objects.get(metric="great").mean == 1e30


def test_names_without_end_are_refused(fleet):
    # given a device that said as many things unknown to its profile as it may
    for place in range(0, ingest.MOST_UNKNOWN, 32):
        names = {f"odd_{number}": 1 for number in range(place, place + 32)}
        assert fleet.ingest(message(place / 32, metrics=names)).accepted == 1
    # when it says one more, within a message that says something known too
    result = fleet.ingest(message(10, metrics={"tilt": 3, "one_more": 1}))
    # then that message is refused, and nothing of it is stored
    assert codes(result) == ["too_many_metrics"]
    assert LatestValue.objects.count() == ingest.MOST_UNKNOWN
    # and what is known already, to the profile or of the device, is taken as before
    assert fleet.ingest(message(11, status="normal", metrics={"tilt": 3, "odd_0": 2})).accepted == 1
    assert fleet.ingest(message(11, "TB-001", metrics={"strange": 1})).accepted == 1


def test_names_without_end_are_refused_within_one_batch(fleet):
    messages = [message(n, metrics={f"odd_{n}_{number}": 1 for number in range(32)}) for n in range(4)]
    result = fleet.ingest(*messages)
    assert (result.accepted, codes(result)) == (2, ["too_many_metrics"] * 2)


def test_a_profile_that_lost_its_metrics_does_not_silence_its_devices(fleet):
    # given a device with more metrics than are taken of what is unknown, all known to its profile
    ProfileMetric.objects.bulk_create(
        ProfileMetric(profile=fleet.cover_profile, metric=f"m_{number}", label="量") for number in range(96)
    )
    for place in range(0, 96, 32):
        assert fleet.ingest(message(place / 32, metrics={f"m_{n}": 1 for n in range(place, place + 32)})).accepted == 1
    # when its profile forgets them
    ProfileMetric.objects.filter(metric__startswith="m_").delete()
    forget_rules()
    # then what it said before it may say still
    assert fleet.ingest(message(5, metrics={"m_0": 2, "m_95": 2})).accepted == 1
    assert codes(fleet.ingest(message(6, metrics={"fresh": 2}))) == ["too_many_metrics"]


def test_a_topic_that_mqtt_forbids_is_kept_like_any_other_that_cannot_be_taken(city):
    # given a broker that passes on what it should refuse: unkept it would come again and again, and stop the bridge
    source = IntakeSource.objects.create(
        code="mqtt", name="MQTT", kind=CaseSource.SENSOR, unit=city.centre, area=city.city
    )
    letters.keep(source, "jiceng/v1/a\0b/readings" + "x" * 500, b"\0\xff", [{"field": "", "code": "c", "detail": "\0"}],
                 at=NOW)  # fmt: skip
    assert DeadLetter.objects.get().external_id.startswith("jiceng/v1/ab/readings")
