"""Answers of another thread brought to an event loop, many by one wake-up.

``asyncio.wrap_future`` wakes the loop for every answer: with a group of answers at once, that is a system call and a
fight for the interpreter each.
"""

import asyncio
import threading
from concurrent.futures import Future


class Mailbox:
    """Belongs to one loop; futures may be settled in any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop):
        self.loop, self._lock = loop, threading.Lock()
        self._arrived: list[tuple[asyncio.Future, Future]] = []

    def wait(self, answer: Future) -> asyncio.Future:
        """Return what can be awaited for ``answer``; to cancel it cancels the answer, if that is not on its way."""
        waiter = self.loop.create_future()
        waiter.add_done_callback(lambda done: answer.cancel() if done.cancelled() else None)
        answer.add_done_callback(lambda settled: self._post(waiter, settled))
        return waiter

    def _post(self, waiter: asyncio.Future, settled: Future) -> None:
        with self._lock:
            self._arrived.append((waiter, settled))
            first = len(self._arrived) == 1
        if first and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            arrived, self._arrived = self._arrived, []
        for waiter, settled in arrived:
            if waiter.done():
                continue
            if settled.cancelled():
                waiter.cancel()
            elif error := settled.exception():
                waiter.set_exception(error)
            else:
                waiter.set_result(settled.result())
