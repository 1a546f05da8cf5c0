"""Keeps the connection to the broker: subscribes, lets messages flow, publishes, connects again, stops in order."""

import asyncio
import logging
import random
from contextlib import aclosing, suppress
from datetime import timedelta

import aiomqtt
from django.db import DatabaseError
from django.utils import timezone

from cases.models import IntakeSource
from devices.group_commit import Committer
from devices.mqtt import letters, outgoing, topics
from devices.mqtt.client import BridgeClient
from devices.mqtt.flow import Flow, Tally
from devices.mqtt.options import Options
from governance import heartbeats
from governance.live.threads import in_thread

log = logging.getLogger(__name__)
PROCESS = "mqtt"  # its name among the signs of life
FIRST_DELAY, LONGEST_DELAY = 1.0, 60.0  # seconds until the next try to connect
STEADY = timedelta(seconds=30)  # a connection that held so long was a good one: the next delay is short again
DRAIN = 8.0  # seconds to store and acknowledge what is in hand when told to stop; the supervisor kills after 15
BEAT = 5.0  # seconds between two signs of life
SOURCE_PAUSE = 5.0  # seconds until a source of outgoing messages that failed is begun anew


class Bridge:
    """Runs until ``stop`` is set. ``tally`` counts what became of messages; ``connected`` is set while subscribed."""

    def __init__(self, options: Options, source: IntakeSource, *, committer: Committer | None = None):
        self.options, self.source, self.tally = options, source, Tally()
        self.committer = committer or Committer()
        self.connected = asyncio.Event()
        self._told, self._telling = Tally(), asyncio.Lock()

    async def run(self, stop: asyncio.Event) -> None:
        """Connect, and connect again whenever the connection is lost, with growing, scattered delays."""
        self.committer.start()
        delay = FIRST_DELAY
        try:
            while not stop.is_set():
                began = timezone.now()
                try:
                    await self._connection(stop)
                except aiomqtt.MqttError as error:
                    if timezone.now() - began > STEADY:
                        delay = FIRST_DELAY
                    wait = delay * random.uniform(0.5, 1)
                    log.warning("no connection to %s (%s), again in %.1f s", self.options.host, error, wait)
                    delay = min(2 * delay, LONGEST_DELAY)
                    await _either(stop, wait)
        finally:
            await asyncio.to_thread(self.committer.stop)

    async def _connection(self, stop: asyncio.Event) -> None:
        """Work on one connection until it is lost (MqttError) or ``stop`` is set."""
        # Under MQTT 5 the broker stops by itself: reading on keeps the connection alive while the database is away.
        most = self.options.in_flight * (2 if self.options.version == "5" else 1)
        flow = Flow(self.committer, self.source, self.tally, most=most)
        async with BridgeClient(self.options, flow.arrived) as client:
            flow.acknowledge, flow.pause, flow.resume = client.acknowledge, client.pause, client.resume
            work = [flow.read(), flow.settle(), client.lost(), self._beat()]
            work += [_publish(client, source) for source in outgoing.sources()]
            tasks = [asyncio.ensure_future(one) for one in work]
            stopping = asyncio.ensure_future(stop.wait())
            try:
                await client.subscribe_to(topics.filters())
                log.info("connected to %s:%s", self.options.host, self.options.port)
                self.connected.set()
                await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
                if stop.is_set():
                    await self._leave(client, flow, tasks)
                for task in tasks:
                    if task.done():
                        task.result()
            finally:
                self.connected.clear()
                flow.drop()
                for task in (stopping, *tasks):
                    task.cancel()
                await asyncio.gather(stopping, *tasks, return_exceptions=True)

    async def _leave(self, client: BridgeClient, flow: Flow, tasks: list) -> None:
        """Read no more, store what is in hand, acknowledge it; what is left then comes again next time."""
        flow.resume = lambda: None
        client.pause()
        drained = asyncio.ensure_future(flow.drained())
        await asyncio.wait([drained, *tasks], timeout=DRAIN, return_when=asyncio.FIRST_COMPLETED)
        drained.cancel()
        if flow.in_hand:
            log.warning("%s messages are not stored; the broker sends them again", flow.in_hand)
        await self._tell()

    async def _beat(self) -> None:
        while True:
            await self._tell()
            await asyncio.sleep(BEAT)

    async def _tell(self) -> None:
        """Give a sign of life and add up the figures of the source."""
        async with self._telling:
            taken, repeated = self.tally.taken - self._told.taken, self.tally.repeated - self._told.repeated
            try:
                await in_thread(heartbeats.beat, PROCESS)
                if taken or repeated:
                    await in_thread(letters.tell, self.source, taken=taken, repeated=repeated, at=timezone.now())
            except DatabaseError as error:
                log.warning("no sign of life could be stored: %s", error)
                return
            self._told.taken += taken
            self._told.repeated += repeated


async def _publish(client: BridgeClient, source: outgoing.Source) -> None:
    """Publish what a source yields for as long as the connection holds."""
    while True:
        try:
            async with aclosing(source()) as messages:
                async for one in messages:
                    await client.publish(one.topic, one.payload, qos=1)
                    await one.confirm()
        except aiomqtt.MqttError:
            raise
        except Exception:
            log.exception("a source of outgoing messages failed")
        await asyncio.sleep(SOURCE_PAUSE)


async def _either(stop: asyncio.Event, seconds: float) -> None:
    """Wait some seconds, or until told to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
