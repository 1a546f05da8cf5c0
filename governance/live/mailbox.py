"""Answers of another thread brought to an event loop, many by one wake-up.

``asyncio.wrap_future`` wakes the loop for every answer: with a group of answers at once, that is a system call and a
fight for the interpreter each; and a Future of ``concurrent.futures`` is a lock and a condition more for every answer.
"""

import asyncio
import threading
from typing import Any


class Mailbox:
    """Belongs to one loop, in which its slots are made and waited for; they may be filled in any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop):
        self.loop, self._lock = loop, threading.Lock()
        self._arrived: list[Slot] = []

    def slot(self) -> "Slot":
        """Return a place for one answer."""
        return Slot(self)

    def post(self, slot: "Slot") -> None:
        """Tell the loop that a slot is filled."""
        with self._lock:
            self._arrived.append(slot)
            first = len(self._arrived) == 1
        if first and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            arrived, self._arrived = self._arrived, []
        for slot in arrived:
            slot.deliver()


class Slot:
    """What ``devices.group_commit`` needs of a Future. ``waiter`` is awaited in the loop; cancelled, nobody waits."""

    __slots__ = ("_error", "_filled", "_mailbox", "_result", "waiter")

    def __init__(self, mailbox: Mailbox):
        self._mailbox, self.waiter = mailbox, mailbox.loop.create_future()
        self._filled, self._result, self._error = False, None, None

    def set_running_or_notify_cancel(self) -> bool:
        """Tell whether somebody waits still."""
        return not self.waiter.cancelled()

    def done(self) -> bool:
        """Tell whether it is filled."""
        return self._filled

    def set_result(self, result: Any) -> None:
        """Fill it."""
        self._filled, self._result = True, result
        self._mailbox.post(self)

    def set_exception(self, error: BaseException) -> None:
        """Fill it with what went wrong."""
        self._filled, self._error = True, error
        self._mailbox.post(self)

    def deliver(self) -> None:
        """Pass on what it holds to who waits, if anybody does; in the loop."""
        if self.waiter.done():
            return
        if self._error is not None:
            self.waiter.set_exception(self._error)
        else:
            self.waiter.set_result(self._result)
