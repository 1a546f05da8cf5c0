"""Reading the Event table: what was committed between two snapshots, in bounded pieces."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from governance.live.cursor import Snapshot
from governance.live.threads import in_thread

PIECE = 500  # events read and handed on at once

# The snapshot is taken in the statement that reads, so the two cannot disagree. ``tx >= xmin`` is what the index
# (tx, id) answers. The last condition also leaves out rows whose number lies in the future (restored from a dump).
READ = """
WITH target AS MATERIALIZED (SELECT coalesce(%(target)s::pg_snapshot, pg_current_snapshot()) AS snapshot)
SELECT target.snapshot::text, event.*
FROM target LEFT JOIN LATERAL (
    SELECT id, tx::text, name, subject_type, subject_id, payload::text, occurred_at, area_id
    FROM governance_event
    WHERE tx >= pg_snapshot_xmin(%(after)s::pg_snapshot)
      AND NOT pg_visible_in_snapshot(tx, %(after)s::pg_snapshot)
      AND pg_visible_in_snapshot(tx, target.snapshot)
      AND (tx, id) > (%(tx)s::text::xid8, %(id)s)
    ORDER BY tx, id
    LIMIT %(limit)s
) AS event ON true
ORDER BY event.tx::xid8, event.id
"""


@dataclass(frozen=True)
class Occurrence:
    """One event as the live part passes it on. ``cursor``: where a reader stands who has read up to here."""

    id: int
    tx: int
    name: str
    subject_type: str
    subject_id: int
    payload: dict
    at: datetime
    cursor: Snapshot | None = None
    area: int | None = None

    @property
    def subject(self) -> tuple[str, int]:
        """Return the model label and primary key of what it happened to."""
        return self.subject_type, self.subject_id


@dataclass(frozen=True)
class Piece:
    """Some events in the order (transaction, id).

    ``end``: where a reader stands after them. ``whole``: they end where a transaction ends. ``last``: no more follow up
    to ``target``, the snapshot that was read up to.
    """

    events: tuple[Occurrence, ...]
    end: Snapshot
    target: Snapshot
    whole: bool
    last: bool


def now() -> Snapshot:
    """Return the present snapshot; one statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return Snapshot.from_database(cursor.fetchone()[0])


def read(after: Snapshot, target: Snapshot | None = None, *, beyond: Occurrence | None = None,
         limit: int = PIECE) -> Piece:  # fmt: skip
    """Return up to ``limit`` events that ``target`` (default: the present) holds and ``after`` does not; one statement.

    ``beyond``: the last event already read on the way to the same target.
    """
    values = {
        "after": after.for_database(),
        "target": target and target.for_database(),
        "tx": str(beyond.tx if beyond else 0),
        "id": beyond.id if beyond else 0,
        "limit": limit + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(READ, values)
        rows = cursor.fetchall()
    target = Snapshot.from_database(rows[0][0])
    return cut([_occurrence(row[1:]) for row in rows if row[1] is not None], after, target, limit)


def _occurrence(row: tuple) -> Occurrence:
    id_, tx, name, subject_type, subject_id, payload, at, area = row
    return Occurrence(id_, int(tx), name, subject_type, subject_id, json.loads(payload), at, area=area)


def cut(found: list[Occurrence], after: Snapshot, target: Snapshot, limit: int) -> Piece:
    """Give each of the first ``limit`` events its cursor; one more event shows whether the last transaction goes on.

    Cursors move where a transaction ends: a reader who is cut off inside one gets it again from its first event.
    """
    reached, events = after, []
    following = [*(event.tx for event in found[1:]), None][: len(found[:limit])]
    for event, next_tx in zip(found[:limit], following, strict=True):
        if next_tx != event.tx:
            reached = reached.advanced(target, event.tx)
        events.append(replace(event, cursor=reached))
    last = len(found) <= limit
    if last:
        reached = target
        events[-1:] = [replace(event, cursor=target) for event in events[-1:]]
    whole = last or not events or found[limit].tx != events[-1].tx
    return Piece(tuple(events), reached, target, whole, last)


async def pieces(after: Snapshot, target: Snapshot | None = None, limit: int = PIECE) -> AsyncIterator[Piece]:
    """Yield everything that ``target`` (default: the present at the first read) holds and ``after`` does not.

    One statement a piece, each read when the one before has been dealt with.
    """
    piece = await in_thread(read, after, target, limit=limit)
    yield piece
    while not piece.last:
        piece = await in_thread(read, piece.end, piece.target, beyond=piece.events[-1], limit=limit)
        yield piece
