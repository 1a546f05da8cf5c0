"""Keeping facts up to date: the worker reads new events by snapshot difference, as notices do (decision 10).

The write path has no part in it. The cursor's row is locked while facts are written, so facts are at any moment exactly
what the events tell that ``FactCursor.position`` holds: caught up or rebuilt, they are the same.
"""

from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, FactCursor
from cases.scoring.facts import BATCH, SUBJECT, store_facts
from governance.errors import Conflict
from governance.live import journal
from governance.live.cursor import Snapshot
from governance.transactions import atomically

CURSOR = 1
STARTED = "SELECT pg_postmaster_start_time(), pg_current_snapshot()::text"


def _server() -> tuple[datetime, Snapshot]:
    with connection.cursor() as cursor:
        cursor.execute(STARTED)
        started, present = cursor.fetchone()
    return started, Snapshot.from_database(present)


def _locked(*, wait: bool) -> FactCursor | None:
    """Return the cursor, locked; made on first use (all facts are to be read then). None where another has it."""
    started, present = _server()
    FactCursor.objects.bulk_create(
        [FactCursor(pk=CURSOR, position=str(present), server_started=started, as_of=timezone.now())],
        ignore_conflicts=True,
    )
    cursor = FactCursor.objects.select_for_update(skip_locked=not wait).filter(pk=CURSOR).first()
    if cursor is None:
        return None
    place = Snapshot.parse(cursor.position)
    if place.xmax > present.xmax:  # of a database that a dump has replaced since: everything is read anew
        cursor.position, cursor.rebuilt_to = str(present), 0
    elif cursor.server_started != started:
        cursor.position = str(place.rewound())
    cursor.server_started = started
    return cursor


def catch_up(*, wait: bool = False) -> bool:
    """Read on: new events up to a whole piece of the journal, or some more cases while all are read anew.

    One transaction; ``wait`` for whoever else is at it. Returns whether there may be more to read.
    """
    with atomically():
        cursor = _locked(wait=wait)
        return False if cursor is None else _read_on(cursor)


def _read_on(cursor: FactCursor) -> bool:
    more = _next_events(cursor)
    if cursor.rebuilt_to is not None:
        more = _next_cases(cursor) or more
    cursor.save()
    return more


def _next_events(cursor: FactCursor) -> bool:
    as_of = timezone.now()  # before the read: what is committed by now is read, or waits behind it
    piece = journal.read(Snapshot.parse(cursor.position))
    found = list(piece.events)
    while not piece.whole:
        piece = journal.read(piece.end, piece.target, beyond=piece.events[-1])
        found += piece.events
    _store(cursor, {event.subject_id for event in found if event.subject_type == SUBJECT}, piece.end)
    cursor.position = str(piece.end)
    if piece.last:
        cursor.as_of = as_of
    return not piece.last


def _next_cases(cursor: FactCursor) -> bool:
    """Read the next cases anew; their events as far as the cursor's position holds them."""
    ids = list(Case.objects.filter(pk__gt=cursor.rebuilt_to).order_by("pk").values_list("pk", flat=True)[:BATCH])
    _store(cursor, set(ids), Snapshot.parse(cursor.position))
    cursor.rebuilt_to = ids[-1] if ids else None
    return bool(ids)


def _store(cursor: FactCursor, ids: set[int], position: Snapshot) -> None:
    if ids:
        unreadable = store_facts(ids, position)
        cursor.unreadable = sorted(set(cursor.unreadable) - ids | set(unreadable))


def catch_up_fully(cursor: FactCursor) -> FactCursor:
    """Read on with a locked cursor until nothing is left. Raises Conflict while all facts are being read anew."""
    while _next_events(cursor):
        pass
    if cursor.rebuilt_to is not None:
        raise Conflict(_("All figures are being counted anew. Try again in a few minutes."), code="rebuilding")
    cursor.save()
    return cursor


def held_cursor() -> FactCursor:
    """Return the cursor locked until the end of the transaction: nobody changes facts until then."""
    return _locked(wait=True)


def rebuild(*, say=lambda done: None) -> int:
    """Read the facts of all cases anew, in transactions of ``BATCH`` cases; return how many.

    Figures stay available meanwhile. Interrupted, the worker goes on with it. ``say(done)`` after each batch.
    """
    with atomically():
        cursor = _locked(wait=True)
        cursor.rebuilt_to = 0
        cursor.save()
    done = 0
    while True:
        with atomically():
            cursor = _locked(wait=True)
            before = cursor.rebuilt_to
            if before is None or not _next_cases(cursor):
                cursor.save()
                return done
            cursor.save()
        done += Case.objects.filter(pk__gt=before, pk__lte=cursor.rebuilt_to).count()
        say(done)
