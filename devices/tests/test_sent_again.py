"""Readings sent again, at both HTTP doors: a message has one effect by its own time, Idempotency-Key or not."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cases.models import Case
from conftest import build_city
from devices.models import Alarm, Device, DeviceProfile, Reading
from devices.profile_rules import forget_rules
from devices.tests.fleet import at, build_fleet, key_of
from devices.tests.test_api_readings import post
from devices.tests.test_live_door import ask
from governance.models import Event, IdempotencyRecord

pytestmark = pytest.mark.django_db(transaction=True)
NAMED = {"Idempotency-Key": "k-1"}


@pytest.fixture
def fleet(transactional_db):
    yield build_fleet(build_city())
    forget_rules()


def web(key, *messages) -> dict:
    response = post({"readings": list(messages)}, key, headers=dict(NAMED))
    assert response.status_code == 202 and "Idempotent-Replay" not in response
    return response.json()


def live(key, *messages) -> dict:
    (response,) = ask((key, json.dumps({"readings": list(messages)}).encode(), NAMED))
    assert response.status_code == 202 and "Idempotent-Replay" not in response.headers
    return response.json()


@pytest.fixture(params=[web, live])
def send(request):
    return request.param


def said(**more) -> dict:
    return {"device": "MC-001", "at": timezone.now().isoformat(), "status": "tilted"} | more


def stored() -> list:
    tables = [list(model.objects.order_by("pk").values_list("pk")) for model in (Reading, Alarm, Case, Event)]
    return [*tables, Alarm.objects.values_list("count", flat=True).first()]


def test_the_same_request_again_stores_nothing_twice_and_says_so(fleet, send):
    key, message = key_of(fleet.cover), said(metrics={"tilt": 32.5})
    assert send(key, message) == {"accepted": 1, "duplicate": 0, "rejected": []}
    before = stored()
    # when the answer was lost on the way and the device sends the same once more
    assert send(key, message) == {"accepted": 0, "duplicate": 1, "rejected": []}
    # then there is nothing new: no reading, alarm, case or event, nor is the alarm counted again
    assert stored() == before and not IdempotencyRecord.objects.exists()
    # and another message under the same key is another message
    assert send(key, said(status="normal"))["accepted"] == 1


def test_a_message_without_a_time_is_never_stored_so_not_twice_either(fleet, send):
    key, message = key_of(fleet.cover), {"device": "MC-001", "status": "tilted"}
    for _time in range(2):
        assert [row["code"] for row in send(key, message)["rejected"]] == ["invalid_time"]
    assert not Reading.objects.exists() and not Alarm.objects.exists()


def test_a_time_that_is_not_believed_does_not_make_it_two(fleet, send):
    # given a clock that is an hour ahead, so that our own time counts
    key, ahead = key_of(fleet.cover), timezone.now() + timedelta(hours=1)
    message = said(at=ahead.isoformat())
    assert send(key, message)["accepted"] == 1
    before = stored()
    assert send(key, message)["duplicate"] == 1
    assert stored() == before


def test_what_came_too_soon_is_taken_when_it_comes_again(fleet, send):
    # given a device that may send six messages a minute, and has
    DeviceProfile.objects.filter(code="manhole_cover").update(most_per_minute=6)
    forget_rules()
    with time_machine.travel(at(0)):
        key = key_of(fleet.cover)
        sent = [said(at=at(number / 600).isoformat(), metrics={"x": number}) for number in range(7)]
        first = send(key, *sent)
        assert (first["accepted"], [row["code"] for row in first["rejected"]]) == (6, ["rate_limited"])
    # when it sends all of it again under the same key after a minute, then the seventh is stored
    with time_machine.travel(at(1)):
        assert send(key, *sent)["accepted"] == 1
    assert Reading.objects.filter(metric="x").count() == 7 and Device.objects.get(code="MC-001").refused == 1
