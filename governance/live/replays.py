"""History for those who come back, read once for all that come back together.

When the live process was away, everybody connects again within a second, most of them with the same cursor. What one
of them made it read is kept for a moment, so that fifty of them do not read, load and word the same events fifty times.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator

from governance.live import audience, journal
from governance.live.audience import View
from governance.live.cursor import Snapshot
from governance.live.journal import Occurrence, Piece
from governance.live.threads import in_thread

KEPT = 32  # pieces
FRESH = 5.0  # seconds; later the objects are loaded anew, who sees them may have changed


class Replays:
    """Pieces of history between two cursors, with what people get of them."""

    def __init__(self):
        self._tasks: OrderedDict[tuple, asyncio.Task] = OrderedDict()

    async def between(self, after: Snapshot, reached: Snapshot) -> AsyncIterator[tuple[Piece, View]]:
        """Yield everything that ``reached`` holds and ``after`` does not; the views know nobody yet."""
        piece, view = await self._piece(after, reached, None)
        yield piece, view
        while not piece.last:
            piece, view = await self._piece(piece.end, piece.target, piece.events[-1])
            yield piece, view

    async def _piece(self, after: Snapshot, target: Snapshot, beyond: Occurrence | None) -> tuple[Piece, View]:
        """Return a piece, read by whoever asked first; a fault reaches all who wait and is not kept."""
        key = (after, target, beyond and beyond.id)
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(in_thread(_read, after, target, beyond))
            asyncio.get_running_loop().call_later(FRESH, self._tasks.pop, key, None)
            while len(self._tasks) > KEPT:
                self._tasks.popitem(last=False)
        try:
            return await asyncio.shield(task)
        except Exception:
            self._tasks.pop(key, None)
            raise


def _read(after: Snapshot, target: Snapshot, beyond: Occurrence | None) -> tuple[Piece, View]:
    piece = journal.read(after, target, beyond=beyond)
    return piece, audience.View(piece.events)
