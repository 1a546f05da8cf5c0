"""The door of the live process: the same answers as the web's, many requests in one transaction, nothing dropped."""

import asyncio
import json
import random
import threading
import time
from collections import Counter, defaultdict
from unittest import mock

import httpx
import pytest
from django.db import OperationalError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import build_city
from devices import group_commit
from devices.commands import command_queue
from devices.group_commit import Committer
from devices.ingest import parcels_ingest, readings_ingest
from devices.keys import key_revoke
from devices.live_door import PATH, IngestDoor
from devices.models import Alarm, DeviceKey, ProfileCommand, Reading
from devices.parcels import IngestResult, Parcel
from devices.tests.fleet import NOW, build_fleet, credential, key_of
from devices.wire import NotReadable, decoded
from governance.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fleet(transactional_db):
    return build_fleet(build_city())


def now_message(**said):
    return {"device": "MC-001", "at": timezone.now().isoformat()} | said


def ask(*requests, committer=None, before=None):
    """Send requests (key, body, headers) together to a door; return the answers."""
    door = IngestDoor(committer)

    async def run():
        transport = httpx.ASGITransport(app=door)
        async with httpx.AsyncClient(transport=transport, base_url="http://live") as client:
            if before:
                before(door)
            sent = [
                asyncio.create_task(client.post(PATH, content=body, headers={
                    "Authorization": f"Device {key}", "Content-Type": "application/json"} | more))
                for key, body, more in requests
            ]  # fmt: skip
            if before:
                await asyncio.sleep(0)
                while door.committer.waiting < sum(
                    max(len(json.loads(body)["readings"]), 1) for _k, body, _m in requests
                ):
                    await asyncio.sleep(0.01)
                door.start()
            answers = await asyncio.gather(*sent)
            await door.stop()
            return answers

    if before is None:
        door.start()
    return asyncio.run(run())


def one(key, *messages, **more):
    return key, json.dumps({"readings": list(messages)}).encode(), more


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"readings": 1}', b"[" * 100_000])
def test_a_refusal_is_in_the_language_of_the_installation(fleet, body):
    (answer,) = ask((key_of(fleet.cover), body, {}))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"][0] > "\u4e00", answer.text


def test_a_command_that_waits_goes_with_the_answer(fleet):
    # given a command for one of the devices of two requests
    ProfileCommand.objects.create(profile=fleet.cover_profile, name="buzz", label="蜂鸣")
    command = command_queue(fleet.cover, actor=fleet.city.user("community_staff"), name="buzz")
    gateway = key_of(fleet.gateway)
    cover, other = ask(one(gateway, now_message()), one(gateway, now_message(device="TB-001", status="normal")))
    # then the one that speaks of it has it, and the other says what it always said
    assert other.json() == {"accepted": 1, "duplicate": 0, "rejected": []}
    assert "commands" not in cover.json()  # nothing was reported: the device was not heard
    (cover,) = ask(one(gateway, now_message(status="normal")))
    assert [row["id"] for row in cover.json()["commands"]] == [command.pk]


def test_requests_that_come_together_are_one_transaction_each_with_its_own_answer(fleet):
    # given three requests that wait: two of the gateway, one of a key that does not cover what it sends
    gateway, far = key_of(fleet.gateway), key_of(fleet.far)
    requests = [
        one(gateway, now_message(status="tilted"), {"device": "MC-001"}),
        one(gateway, now_message(device="TB-001", metrics={"fill": 0.5})),
        one(far, now_message(metrics={"tilt": 3})),
    ]
    # when they are stored
    with mock.patch.object(group_commit, "parcels_ingest", wraps=parcels_ingest) as stored:
        answers = ask(*requests, before=lambda door: None)
    # then in one transaction, and each is told what became of its own messages
    assert stored.call_count == 1
    told = [answer.json() for answer in answers]
    assert [answer.status_code for answer in answers] == [202] * 3
    assert [(one["accepted"], [row["code"] for row in one["rejected"]]) for one in told] == [
        (1, ["invalid_time"]), (1, []), (0, ["foreign_device"]),
    ]  # fmt: skip
    assert Alarm.objects.get().case.state == "dispatched"


def test_a_full_queue_refuses_and_drops_nothing(fleet):
    key = key_of(fleet.gateway)
    batch = [now_message(metrics={f"m{number}": 1}) for number in range(8)]
    committer = Committer(most_waiting=10)
    committer.submit(Parcel(credential(fleet.gateway), batch))
    (answer,) = ask(one(key, *batch), committer=committer)
    assert answer.status_code == 429 or answer.status_code == 202
    # a queue that is not emptied refuses for certain
    closed = Committer(most_waiting=10)
    closed.submit(Parcel(credential(fleet.gateway), batch))
    with pytest.raises(group_commit.QueueFullError):
        closed.submit(Parcel(credential(fleet.gateway), batch))
    assert closed.waiting == 8


@pytest.fixture
def groups(monkeypatch):
    """Sizes of the groups a committer stores; nothing is stored."""
    sizes = []

    def stored(parcels):
        sizes.append(len(parcels))
        return [IngestResult(accepted=1) for _parcel in parcels]

    monkeypatch.setattr(group_commit, "_stored", stored)
    return sizes


def test_requests_that_keep_coming_are_gathered(groups, monkeypatch):
    # given a committer that has just stored for two senders, and patience
    monkeypatch.setattr(group_commit, "LINGER", 30)
    monkeypatch.setattr(group_commit, "PAUSE", 0.3)
    committer, parcel = Committer(), Parcel(None, [1])
    first = [committer.submit(parcel) for _sender in range(2)]
    committer.start()
    assert [one.result(20).accepted for one in first] == [1, 1]
    # when three come one after the other
    later = [committer.submit(parcel) for _sender in range(3)]
    assert [one.result(20).accepted for one in later] == [1, 1, 1]
    # then they are one transaction
    committer.stop()
    assert groups == [2, 3]


def test_a_single_sender_is_not_kept_waiting(groups, monkeypatch):
    # given a committer that would wait for company for longer than the test lasts
    monkeypatch.setattr(group_commit, "LINGER", 3600)
    monkeypatch.setattr(group_commit, "PAUSE", 3600)
    committer = Committer()
    committer.start()
    # when one sender sends one at a time, then it is answered each time
    for _turn in range(3):
        assert committer.submit(Parcel(None, [1])).result(20).accepted == 1
    committer.stop()
    assert groups == [1, 1, 1]


def test_two_transactions_at_a_time_share_no_device_and_keep_each_ones_order(monkeypatch):
    """The database takes as long as it likes: what the second thread takes overtakes nothing of the same device."""
    monkeypatch.setattr(group_commit, "PLENTY", 2)
    monkeypatch.setattr(group_commit, "LINGER", 0)
    chance, guard = random.Random(5), threading.Lock()
    under_way, together, stored = Counter(), [], defaultdict(list)
    both = threading.Event()

    def slow(parcels):
        named = set().union(*(group_commit.devices_of(parcel) for parcel in parcels))
        with guard:
            under_way.update(named)
            together.append((max(under_way.values()), len(named), sum(under_way.values())))
            if sum(under_way.values()) > len(named):
                both.set()
        both.wait(0.01 if len(together) > 1 else 20)  # the first waits for company
        time.sleep(chance.random() / 500)
        with guard:
            under_way.subtract(named)
            for parcel in parcels:
                for said in parcel.messages:
                    stored[said["device"]].append(said["n"])
        return [IngestResult(accepted=len(parcel.messages)) for parcel in parcels]

    monkeypatch.setattr(group_commit, "_stored", slow)
    committer = Committer(most_together=6)
    sent, answers = defaultdict(list), []
    for number in range(400):
        devices = chance.sample("ABCDEFGH", chance.choice([1, 1, 1, 2, 3]))
        messages = [{"device": device, "n": number} for device in devices]
        for device in devices:
            sent[device].append(number)
        answers.append(committer.submit(Parcel(None, messages)))
    committer.start()
    assert all(answer.result(30).accepted for answer in answers)
    committer.stop()
    assert stored == sent and committer.waiting == 0
    assert both.is_set() and {most for most, _named, _all in together} == {1}


def test_a_revoked_key_is_worthless_at_once_though_the_door_knows_it(fleet):
    key = key_of(fleet.gateway)
    door = IngestDoor()
    door.start()

    async def send():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="http://live") as client:
            body = json.dumps({"readings": [now_message(metrics={"tilt": 3})]})
            headers = {"Authorization": f"Device {key}", "Content-Type": "application/json"}
            return (await client.post(PATH, content=body, headers=headers)).status_code

    assert asyncio.run(send()) == 202
    for row in DeviceKey.objects.filter(gateway=fleet.gateway):
        key_revoke(row, actor=User.objects.system("devices"))
    assert asyncio.run(send()) == 401
    asyncio.run(door.stop())
    assert Reading.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "more", "status", "code"),
    [
        (b"{", {}, 400, "parse_error"),
        (b'{"readings": {}}', {}, 400, "not_a_list"),
        (b'{"other": []}', {}, 400, "required"),
        (b'{"readings": [{"device": "\\ud800"}]}', {}, 400, "parse_error"),
        (b'{"readings": [NaN]}', {}, 400, "parse_error"),
        (b'{"readings": [' + b",".join([b"1"] * 1001) + b"]}", {}, 400, "max_length"),
        (b"x" * 3_000_000, {}, 413, "request_too_large"),
        (b'{"readings": []}', {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (b'{"readings": []}', {"Authorization": "Device wrong"}, 401, "invalid_key"),
        (b'{"readings": []}', {"Authorization": "Token x"}, 401, "not_authenticated"),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(fleet, body, more, status, code):
    (answer,) = ask((key_of(fleet.gateway), body, more))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


def test_without_the_database_senders_are_told_to_come_again(fleet):
    key = key_of(fleet.gateway)
    with mock.patch.object(group_commit, "parcels_ingest", side_effect=OperationalError("gone")):
        (answer,) = ask(one(key, now_message(metrics={"tilt": 3})))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert not Reading.objects.exists()


def test_one_request_that_cannot_be_stored_does_not_take_the_others_with_it(fleet):
    # given that storing fails wherever one message is among the others
    def faulty(parcels, **options):
        if any(raw.metrics == {"boom": 1.0} for parcel in parcels for raw in parcel.messages):
            raise RuntimeError("boom")
        return parcels_ingest(parcels, **options)

    key = key_of(fleet.gateway)
    requests = [one(key, now_message(metrics={name: 1})) for name in ("tilt", "boom", "battery")]
    with mock.patch.object(group_commit, "parcels_ingest", side_effect=faulty):
        answers = ask(*requests, before=lambda door: None)
    assert [answer.status_code for answer in answers] == [202, 500, 202]
    assert set(Reading.objects.values_list("metric", flat=True)) == {"tilt", "battery"}


JSON = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "tilted", "normal", "MC-001", "a" * 41, "2026-11-23T08:00:00", "status", "ü", "\x00"]),
)  # fmt: skip
TIMES = st.sampled_from(
    ["2026-11-23T08:00:00+00:00", "2026-11-23T08:00:00.5Z", "2026-11-23 08:00:00+08:00", "2026-11-23T09:00:00Z",
     "2026-11-23T08:04:00Z", "2026-11-29T08:00:00Z", "2020-01-01T00:00:00Z", "2026-11-23T08:00:00"]
)  # fmt: skip
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "device": st.one_of(st.sampled_from(["MC-001", "TB-001", "MC-900", "nobody"]), JSON),
        "at": st.one_of(TIMES, JSON),
        "status": st.one_of(st.sampled_from(["normal", "tilted"]), JSON),
        "metrics": st.one_of(st.dictionaries(st.sampled_from(["tilt", "fill", "status", "Ä"]), JSON), JSON),
        "more": JSON,
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(st.lists(st.one_of(MESSAGE, JSON), max_size=4))
def test_typed_reading_judges_as_the_plain_one(fleet, messages):
    body = json.dumps({"readings": messages}).encode()
    try:
        typed = decoded(body)
    except NotReadable:
        return
    found = []
    for given_messages in (messages, typed):
        result = readings_ingest(credential=credential(fleet.gateway), messages=given_messages, received_at=NOW)
        found.append([(row.index, row.code) for row in result.rejected])
    assert found[0] == found[1]
