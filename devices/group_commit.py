"""Requests that arrive together are committed together: a bounded queue and two threads that empty it.

While one transaction is being written the next requests gather, and they are the next transaction; where several
senders are at work it waits some milliseconds more for as long as they keep coming. Where many messages wait, a second
thread works out the next transaction while the database writes the first; small ones are better gathered than spread.
No two transactions at a time are about the same device, and none overtakes an earlier request about one of its own: the
messages of a device come in the order in which they were given. What is answered is durable. A full queue refuses (the
sender tries again), it drops nothing.
"""

import logging
import sys
import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic

from django.db import OperationalError, close_old_connections, connection
from django.utils.translation import gettext as _

from devices.ingest import parcels_ingest
from devices.parcels import IngestResult, Parcel
from governance.live.mailbox import Slot

log = logging.getLogger(__name__)
# Messages of one transaction; a request larger than that is one of its own.
MOST_TOGETHER = 1_000
# So many messages wait at least before the second thread takes some of them.
PLENTY = 500
# Requests it looks past at most because another transaction is about one of their devices.
MOST_PASSED = 64
# Messages that may wait: a few seconds of work, some tens of megabytes.
MOST_WAITING = 20_000
# Two transactions may wait for each other's rows (somebody closes a case): the database ends one, which is tried again.
TRIES = 3
# Seconds a group waits for more at most, and how long nothing may come meanwhile: a transaction costs some milliseconds
# whatever it stores, and senders that were answered together come back together.
LINGER, PAUSE = 0.005, 0.0005
# Seconds for which a thread of the process may keep Python's lock from the others. With Python's own 5 ms, who is back
# from the database waits that long, several times for each group, while both cores have time to spare.
SWITCH = 0.001
DEADLOCK = "40P01"


class QueueFullError(Exception):
    """More waits than may: try again later."""


class KeyGoneError(Exception):
    """The key was revoked, or has expired, since it was recognised."""


@dataclass
class _Waiting:
    parcel: Parcel
    answer: Future | Slot
    devices: frozenset[str]

    @property
    def size(self) -> int:
        """How much of the queue it takes up."""
        return max(len(self.parcel.messages), 1)

    def tell(self, result: IngestResult) -> None:
        """Answer with what became of the request."""
        if result.key_gone:
            self.answer.set_exception(_key_gone())
        else:
            self.answer.set_result(result)


class Committer:
    """Takes parcels from any thread and stores them in two. ``start`` it in the process that uses it."""

    def __init__(self, *, most_together: int = MOST_TOGETHER, most_waiting: int = MOST_WAITING):
        self.most_together, self.most_waiting = most_together, most_waiting
        self._waiting: deque[_Waiting] = deque()
        self._messages = 0
        self._gathering, self._last_group = False, 1
        self._busy: set[str] = set()  # codes of the devices of the transactions under way
        # Each thread has its own, so that a small request wakes one; who gathers is woken by nobody.
        lock = threading.RLock()
        self._changed, self._plenty, self._pause = (threading.Condition(lock) for _use in range(3))
        self._threads: list[threading.Thread] = []
        self._stopping = False

    def start(self) -> None:
        """Begin to store."""
        sys.setswitchinterval(SWITCH)
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._run, args=[least], name=f"ingest-committer-{least}", daemon=True)
            for least in (1, PLENTY)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Store what waits, then end."""
        with self._changed:
            self._stopping = True
            self._wake()
        for thread in self._threads:
            thread.join()

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return self._messages

    def submit(self, parcel: Parcel, answer: Future | Slot | None = None) -> Future | Slot:
        """Give a request to be stored; return ``answer``, a new Future unless given: it will hold the IngestResult, or
        KeyGoneError or DatabaseError.

        Raises QueueFullError when too much waits (a request larger than the whole queue is taken when nothing does).
        """
        waiting = _Waiting(parcel, Future() if answer is None else answer, devices_of(parcel))
        size = waiting.size
        with self._changed:
            if self._stopping or (self._messages and self._messages + size > self.most_waiting):
                raise QueueFullError
            self._waiting.append(waiting)
            self._messages += size
            if not self._gathering:
                self._wake()
        return waiting.answer

    def _wake(self) -> None:
        """Wake who may have something to do now."""
        self._changed.notify()
        if self._stopping or self._messages >= PLENTY:
            self._plenty.notify()

    def _run(self, least: int) -> None:
        """The connection is kept: to take one from the pool for every group would cost as much as the group."""
        try:
            while group := self._next_group(least):
                try:
                    self._settle(group)
                except Exception as error:
                    log.exception("a group of %s requests could not be stored", len(group))
                    _fail(group, error)
                    close_old_connections()
                finally:
                    self._done(group)
        finally:
            close_old_connections()

    def _next_group(self, least: int) -> list[_Waiting]:
        """Wait for ``least`` messages and return the requests of the next transaction; none once stopped and empty."""
        with self._changed:
            while self._waiting or not self._stopping:
                if self._messages >= (1 if self._stopping else least):
                    if not self._gathering:
                        self._gather()
                    if group := self._taken():
                        self._last_group = len(group)
                        if self._waiting:  # what came while this one gathered woke nobody
                            self._wake()
                        return group
                if self._waiting or not self._stopping:
                    (self._changed if least == 1 else self._plenty).wait()
        return []

    def _taken(self) -> list[_Waiting]:
        """Take the oldest requests that are about no device of a transaction under way, nor of an older request that
        has to wait."""
        group, passed, size, barred = [], [], 0, set(self._busy)
        while self._waiting and len(passed) < MOST_PASSED:
            waiting = self._waiting[0]
            if group and size + len(waiting.parcel.messages) > self.most_together:
                break
            self._waiting.popleft()
            if not barred.isdisjoint(waiting.devices):
                barred |= waiting.devices
                passed.append(waiting)
                continue
            self._messages -= waiting.size
            # A sender that has gone before its turn was never told anything: it sends again.
            if waiting.answer.set_running_or_notify_cancel():
                group.append(waiting)
                size += len(waiting.parcel.messages)
                self._busy |= waiting.devices
        self._waiting.extendleft(reversed(passed))
        return group

    def _done(self, group: list[_Waiting]) -> None:
        with self._changed:
            for waiting in group:
                self._busy -= waiting.devices
            if self._waiting or self._stopping:
                self._wake()

    def _gather(self) -> None:
        """Wait for company while more keeps coming; a single sender, who waits for each answer, does not wait."""
        if self._last_group == len(self._waiting) == 1:
            return
        self._gathering, ends = True, monotonic() + LINGER
        while (before := self._messages) < self.most_together and not self._stopping and monotonic() < ends:
            self._pause.wait(PAUSE)
            if self._messages == before:
                break
        self._gathering = False

    def _settle(self, group: list[_Waiting]) -> None:
        try:
            results = _stored([waiting.parcel for waiting in group]) if group else []
        except OperationalError:
            raise  # the database is away: for all of them
        except Exception:
            if len(group) == 1:
                raise
            # Something about one of them: each by itself, so that the others do not suffer.
            for waiting in group:
                self._settle_alone(waiting)
            return
        for waiting, result in zip(group, results, strict=True):
            waiting.tell(result)

    def _settle_alone(self, waiting: _Waiting) -> None:
        try:
            waiting.tell(_stored([waiting.parcel])[0])
        except Exception as error:
            log.exception("a request could not be stored")
            waiting.answer.set_exception(error)


def devices_of(parcel: Parcel) -> frozenset[str]:
    """Return the codes that the messages of a request name, wrong as they may be."""
    named = (raw.get("device") if isinstance(raw, dict) else getattr(raw, "device", None) for raw in parcel.messages)
    return frozenset(code for code in named if isinstance(code, str))


def _key_gone() -> KeyGoneError:
    return KeyGoneError(_("This key is unknown, expired or revoked."))


def _stored(parcels: list[Parcel]) -> list[IngestResult]:
    """Store; what was stored by a try that failed too late is found to be known by the next."""
    for left in reversed(range(TRIES)):
        try:
            return parcels_ingest(parcels, ask_keys=True)
        except OperationalError as error:
            lost = connection.connection is not None and connection.connection.closed
            if lost:  # the database was restarted, perhaps: a new connection tells
                close_old_connections()
            if not left or not (lost or getattr(error.__cause__, "sqlstate", None) == DEADLOCK):
                raise
    raise AssertionError("unreachable")  # pragma: no cover


def _fail(group: list[_Waiting], error: Exception) -> None:
    for waiting in group:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)
