"""The messages of one connection, from arriving to being acknowledged: in their order, none before it is stored.

``read`` turns what arrived into parcels and gives them to the committer, many at a time; ``settle`` waits for the
oldest and acknowledges it (MQTT 5, 4.6: in the order in which they came). Without the database both hold what they
have and try again. What cannot be taken is kept as a dead letter and acknowledged: it would never get better.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from paho.mqtt.client import MQTTMessage

from cases.models import IntakeSource
from devices.group_commit import Committer, KeyGoneError, QueueFullError
from devices.mqtt import letters
from devices.mqtt.reading import Deed, Refused, parcels_at_once, parcels_of, refused
from devices.mqtt.senders import Senders
from devices.parcels import IngestResult, Parcel
from devices.refusals import note_unreadable
from devices.wire import NotReadable
from governance import errors
from governance.live.threads import in_thread

log = logging.getLogger(__name__)
MOST_READ = 500  # messages read together
MOST_BYTES = 64 * 1024 * 1024  # payloads in hand
FULL_PAUSE = 0.02  # seconds until a full queue is asked again
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds until a database that is away is asked again
AWAY = (OperationalError, InterfaceError)


@dataclass(slots=True)
class Arrived:
    """A message in hand."""

    mid: int
    qos: int
    topic: str
    payload: bytes
    retained: bool
    again: bool = False  # delivered once more, because it was not acknowledged
    parcel: Parcel | Deed | Refused | None = None
    answer: Future | None = None


@dataclass
class Tally:
    """What became of messages since the bridge started."""

    taken: int = 0
    repeated: int = 0
    refused: int = 0
    retained: int = 0


class Flow:
    """See the module. ``acknowledge(mid)``, ``pause()`` and ``resume()`` are the connection's; ``most`` messages may be
    in hand before it is asked to pause."""

    def __init__(self, committer: Committer, source: IntakeSource, tally: Tally, *, most: int):
        self.committer, self.source, self.tally, self.most = committer, source, tally, most
        self.acknowledge: Callable[[int], None] = lambda mid: None
        self.pause = self.resume = lambda: None
        self._inbox: deque[Arrived] = deque()
        self._flight: deque[Arrived] = deque()
        self._bytes, self._senders = 0, Senders()
        self._came, self._given, self._idle = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._idle.set()

    @property
    def in_hand(self) -> int:
        """How many messages are not acknowledged yet."""
        return len(self._inbox) + len(self._flight)

    def arrived(self, message: MQTTMessage) -> None:
        """Take a message from the connection."""
        try:
            topic = message.topic
        except UnicodeDecodeError:  # the protocol forbids it; a broker that passes it on is not to stop us
            topic = ""
        arrived = Arrived(message.mid, message.qos, topic, message.payload, message.retain, bool(message.dup))
        self._inbox.append(arrived)
        self._bytes += len(message.payload)
        self._idle.clear()
        self._came.set()
        if self.in_hand >= self.most or self._bytes >= MOST_BYTES:
            self.pause()

    async def read(self) -> None:
        """Give what arrives to the committer, for ever."""
        while True:
            await self._came.wait()
            batch = [self._inbox[place] for place in range(min(len(self._inbox), MOST_READ))]
            fresh = [one for one in batch if not one.retained]
            said = [(one.topic, one.payload, one.again) for one in fresh]
            parcels = parcels_at_once(said, self._senders)
            if parcels is None:
                parcels = await self._insist(parcels_of, said, self._senders)
            for one, parcel in zip(fresh, parcels, strict=True):
                one.parcel = parcel
            for one in batch:
                await self._submit(one)
                self._flight.append(self._inbox.popleft())
                self._given.set()
            if not self._inbox:
                self._came.clear()

    async def settle(self) -> None:
        """Wait for the oldest message to be stored and acknowledge it, for ever."""
        while True:
            await self._given.wait()
            one = self._flight[0]
            await self._settled(one)
            if one.qos:
                self.acknowledge(one.mid)
            self._flight.popleft()
            self._bytes -= len(one.payload)
            if not self._flight:
                self._given.clear()
            if not self.in_hand:
                self._idle.set()
            if self.in_hand <= self.most // 2 and self._bytes <= MOST_BYTES // 2:
                self.resume()

    async def drained(self) -> None:
        """Wait until nothing is in hand."""
        await self._idle.wait()

    def drop(self) -> None:
        """The connection is gone: what is in hand comes again, so nothing more is done about it here."""
        for one in self._flight:
            if one.answer is not None:
                one.answer.cancel()

    async def _submit(self, one: Arrived) -> None:
        """Give a message to the committer, as soon as that takes it."""
        while isinstance(one.parcel, Parcel):
            try:
                one.answer = self.committer.submit(one.parcel)
                return
            except QueueFullError:
                await asyncio.sleep(FULL_PAUSE)

    async def _settled(self, one: Arrived) -> None:
        if one.retained:
            # A copy of what was told once: no news of now. Stored, it would make a repetition of the message itself.
            self.tally.retained += 1
            return
        if isinstance(one.parcel, Deed):
            await self._carry_out(one, one.parcel)
            return
        pause = FIRST_PAUSE
        while isinstance(one.parcel, Parcel):
            try:
                await self._note(one, await _outcome(one.answer))
                return
            except AWAY as error:
                log.warning("%s messages wait for the database: %s", self.in_hand, error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                await self._again()
            except KeyGoneError as error:
                one.parcel = refused("invalid_key", str(error), sender=one.parcel.credential)
            except Exception as error:
                log.exception("a message of %s could not be stored", one.topic)
                one.parcel = refused("error", f"{type(error).__name__}: {error}")
        await self._refuse(one, one.parcel.errors)
        if one.parcel.sender is not None:
            said = [(error["code"], error["detail"], "") for error in one.parcel.errors]
            await self._insist(note_unreadable, one.parcel.sender, *said)

    async def _carry_out(self, one: Arrived, deed: Deed) -> None:
        """Do what a message says; one that cannot be done is kept like any other."""
        try:
            await self._insist(deed.carry_out)
        except (errors.Refused, NotReadable) as error:
            field = getattr(error, "field", None) or getattr(error, "attr", None) or ""
            await self._refuse(one, [{"field": field, "code": error.code, "detail": str(error.detail)}])
        except Exception as error:
            log.exception("what a message of %s says could not be done", one.topic)
            await self._refuse(one, [{"field": "", "code": "error", "detail": f"{type(error).__name__}: {error}"}])
        else:
            self.tally.taken += 1

    async def _note(self, one: Arrived, result: IngestResult) -> None:
        self.tally.taken += result.accepted
        self.tally.repeated += result.duplicate
        if result.rejected:
            errors = [
                {"field": f"readings[{row.index}]", "code": row.code, "detail": str(row.detail)}
                for row in result.rejected
            ]
            await self._refuse(one, errors)

    async def _refuse(self, one: Arrived, errors: list[dict]) -> None:
        self.tally.refused += 1
        await self._insist(letters.keep, self.source, one.topic, one.payload, errors, at=timezone.now())

    async def _again(self) -> None:
        """Give everything that is not stored to the committer once more, in the order in which it came."""
        for one in self._flight:
            if one.answer is not None and (one.answer.cancel() or _failed(one.answer)):
                await self._submit(one)

    async def _insist(self, function, *arguments, **named):
        """Call a function that uses the database until the database is there."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await in_thread(function, *arguments, **named)
            except AWAY as error:
                log.warning("%s messages wait for the database: %s", self.in_hand, error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)


async def _outcome(answer: Future) -> IngestResult:
    """Wait for an answer; raises what the committer raised. Answered already costs no turn of the loop."""
    if answer.done():
        return answer.result()
    return await asyncio.wrap_future(answer)


def _failed(answer: Future) -> bool:
    """Tell whether an answer that cannot be cancelled any more says that the database was away."""
    try:
        return answer.done() and isinstance(answer.exception(), AWAY)
    except CancelledError:
        return True
