"""What a connection has in hand: bounded, answered in order, given back when the connection is lost."""

import asyncio
from unittest import mock

import pytest
from django.db import OperationalError
from paho.mqtt.client import MQTTMessage

from devices.group_commit import Committer
from devices.keys import Credential
from devices.mqtt import flow as flow_module
from devices.mqtt.flow import Flow, Tally
from devices.mqtt.senders import LOOK_SECONDS, Senders
from devices.parcels import IngestResult, Parcel


def arriving(mid: int, payload: bytes = b"{}") -> MQTTMessage:
    found = MQTTMessage(mid, b"jiceng/v1/MC-1/readings")
    found.qos, found.payload = 1, payload
    return found


@pytest.fixture
def flow():
    """A flow of at most 10 messages; ``acked``, ``paused`` and ``resumed`` note what it asks of its connection."""
    found = Flow(Committer(most_waiting=5), None, Tally(), most=10)
    found.acked, found.paused, found.resumed = [], [], []
    found.acknowledge = found.acked.append
    found.pause, found.resume = lambda: found.paused.append(1), lambda: found.resumed.append(1)
    parcels = lambda messages, _known: [Parcel(Credential(None, device_id=1), [1]) for _one in messages]  # noqa: E731
    with mock.patch.object(flow_module, "parcels_at_once", parcels):
        yield found


async def turn(flow: Flow, seconds: float = 0.2) -> None:
    """Let a flow work for a while."""
    tasks = [asyncio.ensure_future(flow.read()), asyncio.ensure_future(flow.settle())]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def answer(flow: Flow, place: int, outcome=None) -> None:
    future = flow._flight[place].answer
    future.set_running_or_notify_cancel()
    future.set_exception(outcome) if outcome else future.set_result(IngestResult(accepted=1))


def test_a_full_hand_pauses_reading_and_half_a_hand_resumes_it(flow):
    async def run():
        for mid in range(1, 11):
            flow.arrived(arriving(mid))
        assert (flow.paused, flow.in_hand) == ([1], 10)
        # the committer's queue takes five: the rest waits, nothing is dropped
        task = asyncio.ensure_future(turn(flow, 0.6))
        await asyncio.sleep(0.2)
        assert len(flow._flight) == 5
        for place in range(5):
            answer(flow, place)
        await asyncio.sleep(0.05)
        assert flow.in_hand == 5
        assert flow.resumed
        assert flow.acked == [1, 2, 3, 4, 5]
        await task

    asyncio.run(run())


def test_large_payloads_pause_reading_too(flow, monkeypatch):
    monkeypatch.setattr(flow_module, "MOST_BYTES", 100)

    async def run():
        flow.arrived(arriving(1, b"x" * 101))

    asyncio.run(run())
    assert flow.paused == [1]


def test_acknowledgements_keep_the_order_of_arrival(flow):
    async def run():
        for mid in (1, 2, 3):
            flow.arrived(arriving(mid))
        task = asyncio.ensure_future(turn(flow, 0.5))
        await asyncio.sleep(0.1)
        # when the last is stored first
        answer(flow, 2)
        answer(flow, 1)
        await asyncio.sleep(0.05)
        assert flow.acked == []
        answer(flow, 0)
        await asyncio.sleep(0.05)
        assert flow.acked == [1, 2, 3]
        await task

    asyncio.run(run())


def test_what_a_lost_database_did_not_take_is_given_again_in_order(flow, monkeypatch):
    monkeypatch.setattr(flow_module, "FIRST_PAUSE", 0.05)
    flow.committer.most_waiting = 100

    async def run():
        for mid in (1, 2, 3):
            flow.arrived(arriving(mid))
        task = asyncio.ensure_future(turn(flow, 0.5))
        await asyncio.sleep(0.1)
        first = [one.answer for one in flow._flight]
        answer(flow, 0, OperationalError("away"))
        await asyncio.sleep(0.2)
        # then nothing is acknowledged; the failed one and those behind it, not begun yet, wait anew
        assert flow.acked == []
        assert [one.cancelled() for one in first] == [False, True, True]
        assert [one.answer.done() for one in flow._flight] == [False] * 3
        for place in range(3):
            answer(flow, place)
        await asyncio.sleep(0.05)
        assert flow.acked == [1, 2, 3]
        await task

    asyncio.run(run())


def test_a_lost_connection_takes_back_what_was_not_begun(flow):
    async def run():
        flow.arrived(arriving(1))
        task = asyncio.ensure_future(turn(flow, 0.2))
        await asyncio.sleep(0.1)
        flow.drop()
        assert flow._flight[0].answer.cancelled()
        await task
        assert flow.acked == []

    asyncio.run(run())


def test_senders_are_remembered_for_a_while_and_strangers_never(fleet, django_assert_num_queries):
    known, clock = Senders(), mock.Mock(return_value=100.0)
    with mock.patch("devices.mqtt.senders.time.monotonic", clock):
        # given a device that has spoken and a stranger
        with django_assert_num_queries(2):
            assert known.of({"MC-001", "MC-777"}) == {"MC-001": Credential(None, device_id=fleet.cover.pk)}
        # then the device is known without a statement, the stranger is asked about each time
        with django_assert_num_queries(0):
            assert known.kept({"MC-001"}) == known.of({"MC-001"})
            assert known.kept({"MC-001", "MC-777"}) is None
        fleet.far.code = "MC-777"
        fleet.far.save(update_fields=["code"])
        assert known.of({"MC-777"}) == {"MC-777": Credential(None, device_id=fleet.far.pk)}
        # and after a while the device is asked about again
        clock.return_value += LOOK_SECONDS + 1
        assert known.kept({"MC-001"}) is None
        with django_assert_num_queries(2):
            known.of({"MC-001"})
