"""The relay: one per live process, started and stopped with it.

A connection of its own asks many times a second whether events were committed since the last snapshot; then the relay
reads them, works out who of this process's people sees what, puts that aside as a numbered batch, and tells the sockets
through the Channels layer that there is news. With several live processes each relay reads the table for itself and
tells its own sockets only: its group's name is its own, also when the layer is a shared Redis, so nobody gets an event
twice. Writers do not NOTIFY: PostgreSQL lets transactions that did commit one after the other only (decision 0039).

A message only says how far the relay has come. A socket that finds its batch gone (a message the layer dropped, a slow
reader) reads the table itself from where it stands, so the layer cannot lose an event, only delay it by one poll.
"""

import asyncio
import contextlib
import logging
import uuid
from collections import Counter, OrderedDict
from dataclasses import dataclass

import psycopg
from channels.layers import get_channel_layer
from django.db import Error as DjangoDatabaseError
from django.db import connection, connections

from governance import heartbeats
from governance.live import audience, coalescing, journal
from governance.live.audience import View
from governance.live.cursor import Snapshot
from governance.live.journal import Occurrence, Piece
from governance.live.replays import Replays
from governance.live.threads import in_thread

log = logging.getLogger(__name__)

# Whether ``journal.READ`` would find anything. The newest first: behind a long transaction the older ones were read.
LOOK = """
SELECT coalesce((
    SELECT true FROM governance_event
    WHERE tx >= pg_snapshot_xmin(%(after)s::pg_snapshot)
      AND NOT pg_visible_in_snapshot(tx, %(after)s::pg_snapshot)
      AND pg_visible_in_snapshot(tx, pg_current_snapshot())
    ORDER BY tx DESC LIMIT 1
), false)
"""
KEPT = 64  # batches kept for sockets that lag behind; older ones they read from the table
REMEMBERED = 10_000  # ids of events sent, so that what is read again after a lost connection is not sent again
MEETING = 1.0  # seconds; those who come back within them are read up to the same place
BEAT = 5.0  # seconds between two signs of life
SHORTEST_GAP, LONGEST_GAP = 0.2, 10.0  # seconds between two tries to reach the database
STEADY = 30.0  # seconds of service after which earlier failures are forgotten
# A database that started less than ten minutes ago may have come back from a crash.
PRESENT = "SELECT pg_current_snapshot()::text, now() - pg_postmaster_start_time() < interval '10 minutes'"


@dataclass
class Batch:
    """Some events, numbered in the order they are told, and what people get of them. ``end``: the cursor after them."""

    number: int
    events: tuple[Occurrence, ...]
    end: Snapshot
    view: View


class Relay:
    """Reads new events and wakes this process's sockets.

    ``number``: of the newest batch. ``position``: number and cursor of the newest batch that ended where a transaction
    ended; there a socket may begin. ``poll``: seconds without news after which the sockets are woken anyway. ``pause``:
    seconds between two looks, so that a storm of small transactions becomes few batches. ``watching_pid``: the
    database's process behind the relay's own connection, None while there is none.
    """

    def __init__(self, *, poll: float = 5.0, pause: float = 0.04, kept: int = KEPT):
        self.poll, self.pause, self.kept = poll, pause, kept
        self.group = f"live.{uuid.uuid4().hex}"
        self.listeners: Counter[tuple[int, str]] = Counter()
        self.sockets = 0
        self.batches: OrderedDict[int, Batch] = OrderedDict()
        self.number = 0
        self.position: tuple[int, Snapshot] | None = None
        self.watching_pid: int | None = None
        self.replays = Replays()
        self._meeting: tuple[float, tuple[int, Snapshot]] | None = None
        self._recovered: Snapshot | None = None
        self._sent: OrderedDict[int, None] = OrderedDict()
        self._told: dict[int, float] = {}
        self._ready: asyncio.Event | None = None
        self._task: asyncio.Task | None = None
        self._beaten = float("-inf")

    async def start(self) -> None:
        """Begin relaying in the running event loop; does not wait for the database."""
        self._ready = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """Stop relaying and close its connection."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def where(self, wait: float = 5.0) -> tuple[int, Snapshot]:
        """Return ``position``. Raises TimeoutError when the database was not reached within ``wait`` seconds."""
        async with asyncio.timeout(wait):
            await self._ready.wait()
        return self.position

    def meeting_point(self) -> tuple[int, Snapshot]:
        """Return a ``position`` of a moment ago, the same for all who come back together: they share the reading."""
        now = asyncio.get_running_loop().time()
        if self._meeting is None or now - self._meeting[0] > MEETING:
            self._meeting = (now, self.position)
        return self._meeting[1]

    def trusted(self, after: Snapshot) -> Snapshot:
        """Return where to read on from for a client that stands at ``after``.

        A cursor from before the database last came back may count as seen a transaction that a crash undid and whose
        number another one got since; so it goes back a little. The client drops what it has by id.
        """
        return after.rewound() if self._recovered and after.xmax <= self._recovered.xmax else after

    async def _run(self) -> None:
        clock, gap = asyncio.get_running_loop().time, 0.0
        while True:
            began = clock()
            try:
                await self._serve()
            except (psycopg.Error, DjangoDatabaseError, OSError) as error:
                log.warning("the relay lost the database: %s", error)
            except Exception:
                log.exception("the relay failed and starts again")
            self.watching_pid = None
            gap = SHORTEST_GAP if clock() - began > STEADY else min(max(gap * 2, SHORTEST_GAP), LONGEST_GAP)
            await asyncio.sleep(gap)

    async def _serve(self) -> None:
        async with await psycopg.AsyncConnection.connect(**own_parameters(), autocommit=True) as watching:
            reached = await self._come_back()
            self.watching_pid = watching.info.backend_pid
            while True:
                told = self.number
                reached = await self._catch_up(reached)
                if self.number == told:
                    await self._tell()
                await self._beat()
                await asyncio.sleep(self.pause)
                await self._wait_for_news(watching, reached)

    async def _catch_up(self, reached: Snapshot) -> Snapshot:
        """Hand on what was committed after ``reached``; return where it ends.

        What comes too soon for its area waits, and is read anew then: with what came meanwhile it is told as one.
        """
        again = True
        while again:
            again, whole = False, True
            async for piece in journal.pieces(reached):
                if (wait := self._too_soon(piece)) > 0:
                    await asyncio.sleep(wait)
                    if whole:
                        again = True
                        break
                await self._hand_on(piece)
                reached, whole = piece.end, piece.whole
        return reached

    async def _wait_for_news(self, watching: psycopg.AsyncConnection, reached: Snapshot) -> None:
        """Return when something was committed after ``reached``, or after ``poll`` seconds.

        While a long transaction writes, each look reads what others wrote since it began: the slower a look, the rarer.
        """
        clock, after = asyncio.get_running_loop().time, {"after": reached.for_database()}
        until = clock() + self.poll
        while (began := clock()) < until:
            (news,) = await (await watching.execute(LOOK, after, prepare=True)).fetchone()
            if news:
                return
            await asyncio.sleep(max(self.pause, 4 * (clock() - began)))

    async def _come_back(self) -> Snapshot:
        """Return where to read on from: the present at the first start, a little before the old place afterwards."""
        present, young = await in_thread(_present)
        first = self.position is None
        if not first or young:
            self._recovered = present
        if first:
            self.position = (self.number, present)
            self._ready.set()
        return present if first else self.position[1].rewound()

    def _too_soon(self, piece: Piece) -> float:
        """Return the seconds until what comes in storms may be told again in the areas of a piece; at most GAP."""
        now = asyncio.get_running_loop().time()
        self._told = {area: at for area, at in self._told.items() if at > now - coalescing.GAP}
        areas = coalescing.areas_of(event for event in piece.events if event.id not in self._sent)
        return max((self._told[area] + coalescing.GAP - now for area in areas & self._told.keys()), default=0.0)

    async def _hand_on(self, piece: Piece) -> None:
        events = tuple(event for event in piece.events if event.id not in self._sent)
        if events:
            view = await in_thread(audience.view, events, list(self.listeners))
            self._sent.update(dict.fromkeys(event.id for event in events))
            _shorten(self._sent, REMEMBERED)
            self.number += 1
            self.batches[self.number] = Batch(self.number, events, piece.end, view)
            _shorten(self.batches, self.kept)
            self._told |= dict.fromkeys(coalescing.areas_of(events), asyncio.get_running_loop().time())
        if piece.whole:
            self.position = (self.number, piece.end)
        if events:
            await self._tell()

    async def _tell(self) -> None:
        """Wake this process's sockets; also without news, so that one whose message was lost finds out."""
        if self.sockets:
            await get_channel_layer().group_send(self.group, {"type": "live.news"})

    async def _beat(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._beaten >= BEAT:
            await in_thread(heartbeats.beat, "live")
            self._beaten = now


def own_parameters() -> dict:
    """Return what psycopg needs to connect outside Django's pool; a dead server is noticed within half a minute.

    Keepalives speak only where nothing is under way: for a question that was sent, ``tcp_user_timeout`` (ms).
    """
    parameters = connections["default"].get_connection_params()
    for of_django in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(of_django, None)
    alive = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}
    return parameters | alive


def _present() -> tuple[Snapshot, bool]:
    with connection.cursor() as cursor:
        cursor.execute(PRESENT)
        text, young = cursor.fetchone()
    return Snapshot.from_database(text), young


def _shorten(oldest_first: OrderedDict, length: int) -> None:
    while len(oldest_first) > length:
        oldest_first.popitem(last=False)
