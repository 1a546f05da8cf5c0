"""How many messages a minute a device may send: the excess is refused, told and counted; backlogs are not punished."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices import rates
from devices.messages import Sample
from devices.models import Device, DeviceProfile, Reading
from devices.profile_rules import forget_rules
from devices.rates import Admission
from devices.rules import Rules
from devices.store import DeviceRow
from devices.tests.fleet import NOW, at, key_of, message
from governance.models import Event

SECOND = 1 / 60


@pytest.fixture
def strict(fleet):
    """A cover may send six messages a minute: one every 10 s."""
    DeviceProfile.objects.filter(code="manhole_cover").update(most_per_minute=6)
    forget_rules()
    yield fleet
    forget_rules()


def burst(count, start=0.0):
    return [message(start + number * SECOND / 10, metrics={"x": number}) for number in range(count)]


def test_what_is_too_much_is_refused_by_name_and_told_when_to_come_again(strict):
    # when ten messages are measured within a second
    result = strict.ingest(*burst(10))
    # then a minute's worth is stored, the rest refused; nothing of it is stored
    assert result.accepted == 6
    assert [(item.index, item.code) for item in result.rejected] == [(index, "rate_limited") for index in range(6, 10)]
    assert "MC-001" in result.rejected[0].detail and result.rejected[0].retry_after == result.retry_after == 10
    assert Reading.objects.count() == 6
    # and it is counted where an operator sees it, and told once
    device = Device.objects.get(code="MC-001")
    assert (device.refused, device.refused_at) == (4, NOW)
    told = Event.objects.get(name="device.rate_limited")
    assert (told.payload, told.area) == ({"device": "MC-001", "rate": 6}, strict.city.grid)
    # when the refused ones come again after that time, one by one, each is taken
    for number in range(6, 10):
        minutes = (number - 5) * 10 * SECOND + 1e-3
        assert strict.ingest(burst(10)[number], received_at=at(minutes)).accepted == 1
    assert Reading.objects.count() == 10


def test_the_bucket_holds_across_requests_and_other_devices_go_on(strict):
    accepted = [strict.ingest(one).accepted for one in burst(10)]
    assert accepted == [1] * 6 + [0] * 4
    assert strict.ingest(message(device="TB-001", metrics={"x": 1})).accepted == 1
    # a minute later it is as before
    assert strict.ingest(*burst(10, start=1), received_at=at(1)).accepted == 6
    assert Event.objects.filter(name="device.rate_limited").count() == 1


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_backlog_after_an_outage_is_not_punished(strict, newest_first):
    # given a device that was heard, and a day of messages every five minutes that waited for the line
    strict.ingest(message(-24 * 60, metrics={"x": 0}), received_at=at(-24 * 60))
    backlog = [message(-24 * 60 + 5 * number, metrics={"x": number}) for number in range(1, 289)]
    batches = [backlog[place : place + 40] for place in range(0, len(backlog), 40)]
    if newest_first:
        batches.reverse()
    # when they come all at once, also newest first
    taken = [strict.ingest(*batch) for batch in batches]
    # then all are stored
    assert sum(result.accepted for result in taken) == len(backlog)
    assert not any(result.rejected for result in taken)


def test_late_messages_have_a_bottom_too(strict, monkeypatch):
    monkeypatch.setattr(rates, "LATE_DEPTH", timedelta(minutes=1))
    strict.ingest(message(0, metrics={"x": 0}))
    old = [message(-60 - number, metrics={"x": number}) for number in range(10)]
    result = strict.ingest(*old)
    assert (result.accepted, {item.code for item in result.rejected}) == (6, {"rate_limited"})
    # then with the next ten seconds one more is taken; what was stored before is known, and costs nothing
    assert strict.ingest(old[0], received_at=at(10 * SECOND + 1e-3)).accepted == 1
    assert strict.ingest(*old[4:], received_at=at(3)).duplicate == 6
    assert strict.ingest(*old[1:4], received_at=at(3)).accepted == 3


def test_what_keeps_the_rate_writes_nothing(strict):
    strict.ingest(message(0, metrics={"x": 0}))
    strict.ingest(message(1, metrics={"x": 1}), received_at=at(0.01))
    device = Device.objects.get(code="MC-001")
    assert (device.paid_until, device.late_paid_until, device.refused) == (None, None, 0)


def test_the_door_says_when_to_try_again(strict, client):
    now = timezone.now()
    sent = [{"device": "MC-001", "at": (now - timedelta(seconds=number / 10)).isoformat(), "metrics": {"x": number}}
            for number in range(9)]  # fmt: skip
    answer = client.post(
        "/api/v1/devices/readings/", {"readings": sent}, content_type="application/json",
        headers={"Authorization": f"Device {key_of(strict.cover)}"},
    )  # fmt: skip
    told = answer.json()
    assert (answer.status_code, told["accepted"], len(told["rejected"])) == (202, 6, 3)
    assert {item["code"] for item in told["rejected"]} == {"rate_limited"}
    assert all(1 <= item["retry_after"] <= 10 for item in told["rejected"])
    assert answer.headers["Retry-After"] == str(max(item["retry_after"] for item in told["rejected"]))


def plain_samples(steps):
    clock, made = NOW, []
    for index, seconds in enumerate(steps):
        clock += timedelta(seconds=seconds)
        made.append(Sample(index, "MC-001", clock, None, {"x": 1.0}, device_id=1))
    return made


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(st.integers(0, 20), min_size=1, max_size=60), rate=st.integers(1, 30),
       cuts=st.sets(st.integers(1, 59)))  # fmt: skip
def test_no_minute_holds_more_than_two_buckets_and_batches_do_not_matter(steps, rate, cuts):
    """Oracle: in any minute no more than what a full bucket and its filling allow; one batch or many is the same."""

    def taken(batches):
        row, latest, found = DeviceRow(1, "MC-001", 1, None, "", "", None, False, None, None, None, 0, None), {}, []
        rules = {1: Rules(DeviceProfile(most_per_minute=rate), {}, {}, {}, {}, {}, {}, timedelta(minutes=1) / rate)}
        for batch in batches:
            admission = Admission.of(batch, {1: row}, rules, latest, batch[-1].at if len(batch) == 1 else NOW)
            admission.charge(admission.taken)
            found += admission.taken
            for sample in admission.taken:
                latest[1, "x"] = sample.at
        return found

    samples = plain_samples([max(step, 1) for step in steps])
    whole = taken([samples])
    places = [0, *sorted(cut for cut in cuts if cut < len(samples)), len(samples)]
    parts = taken([part for part in (samples[a:b] for a, b in zip(places, places[1:], strict=False)) if part])
    for kept in (whole, parts):
        times = [sample.at for sample in kept]
        assert all(sum(begin <= one < begin + timedelta(minutes=1) for one in times) <= 2 * rate + 1 for begin in times)
    assert [sample.index for sample in whole] == [sample.index for sample in parts]
