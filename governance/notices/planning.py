"""From events to notices: reads the Event table by snapshot, so nothing is skipped, and moves its place in the same
transaction that stores the notices, so nothing is told twice.

The write path of events has no part in it. One worker plans at a time (it locks the cursor's row); another finds it
taken and goes on. What is read again (after the database server restarted) is told apart by (event, person).
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from governance.live import journal
from governance.live.cursor import Snapshot
from governance.models import Event, Notice, NoticeCursor, NoticeRule
from governance.models.notice import Recipient
from governance.notices.contexts import context_of
from governance.notices.recipients import Match, holds, told
from governance.notices.telling import Writer, write

log = logging.getLogger(__name__)

CURSOR = 1
# An idle cursor is moved on after so many transactions of others, so that the next read begins near the present.
STRIDE = 5000
# History written down later than this (past requests played back) is news to nobody [J].
HISTORY = timedelta(days=7)
STARTED = "SELECT pg_postmaster_start_time(), pg_current_snapshot()::text"


def plan() -> int:
    """Turn the events since the last call into notices; return how many events were read.

    Up to a whole piece of the journal, or all of one huge transaction.
    """
    with transaction.atomic():
        started, present = _server()
        cursor = NoticeCursor.objects.select_for_update(skip_locked=True).filter(pk=CURSOR).first()
        if cursor is None:
            begin()
            return 0
        before = Snapshot.parse(cursor.position)
        after = _trusted(cursor, before, started, present)
        piece = journal.read(after)
        count = len(piece.events)
        _expand(piece.events)
        while not piece.whole:
            piece = journal.read(piece.end, piece.target, beyond=piece.events[-1])
            count += len(piece.events)
            _expand(piece.events)
        if count or after != before or started != cursor.server_started or piece.end.xmax - before.xmax > STRIDE:
            cursor.position, cursor.server_started = str(piece.end), started
            cursor.save(update_fields=["position", "server_started"])
    return count


def _server() -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(STARTED)
        started, present = cursor.fetchone()
    return started, Snapshot.from_database(present)


def begin() -> None:
    """Begin at the present, unless it was begun: what happened before is told to nobody, all that follows is told.

    A new installation calls it when it is prepared, so that what happens before its worker runs is not missed.
    """
    started, present = _server()
    NoticeCursor.objects.bulk_create(
        [NoticeCursor(pk=CURSOR, position=str(present), server_started=started)], ignore_conflicts=True
    )


def _trusted(cursor: NoticeCursor, before: Snapshot, started, present: Snapshot) -> Snapshot:
    """Return where to read on from.

    A server that crashed may give the numbers of forgotten transactions out again: after a restart a little is read
    twice. A place in the future is of a database since replaced by a dump; its history was told there.
    """
    if before.xmax > present.xmax:
        log.warning("the place of the notices is not from this database; they begin at the present")
        return present
    return before if cursor.server_started == started else before.rewound()


def tell_past(since: datetime, *, unread_since: datetime) -> int:
    """Tell people of history that was written at once (a demo's), dated as it happened; return how many notices.

    Nothing goes out of the product. What is older than ``unread_since`` counts as read.
    """
    rules = _rules(NoticeRule.objects.exclude(recipient__in=[Recipient.UNIT, Recipient.CHANNEL]))
    events = Event.objects.filter(name__in=rules, occurred_at__gte=since).select_related("area").order_by("id")
    notices = tell(list(events), rules)
    for notice in notices:
        notice.created_at = notice.event.occurred_at
        notice.read_at = notice.created_at if notice.created_at < unread_since else None
    Notice.objects.bulk_update(notices, ["created_at", "read_at"], batch_size=1000)
    return len(notices)


def _rules(rows) -> dict[str, list[NoticeRule]]:
    rules = defaultdict(list)
    for rule in rows.filter(is_active=True).select_related("area", "channel"):
        rules[rule.event].append(rule)
    return rules


def _expand(occurrences: Sequence[journal.Occurrence]) -> None:
    """Tell people of some events; one that cannot be told, for a fault in an app, does not stop the others."""
    if not occurrences:
        return
    rules = _rules(NoticeRule.objects.filter(event__in={one.name for one in occurrences}))
    ids = [one.id for one in occurrences if one.name in rules]
    if not ids:
        return
    fresh = Event.objects.filter(pk__in=ids, occurred_at__gt=F("recorded_at") - HISTORY)
    events = list(fresh.select_related("area").order_by("id"))
    if not events or _tell(events, rules):
        return
    for event in events:
        if not _tell([event], rules):
            log.error("nobody could be told of event %s (%s)", event.pk, event.name)


def _tell(events: Sequence[Event], rules: dict[str, list[NoticeRule]]) -> bool:
    try:
        with transaction.atomic():
            tell(events, rules)
    except (OperationalError, InterfaceError):
        raise  # nothing is lost: the cursor has not moved
    except Exception:
        log.exception("telling people of %s events failed", len(events))
        return False
    return True


def tell(events: Sequence[Event], rules: dict[str, list[NoticeRule]]) -> list[Notice]:
    """Make the notices and messages that ``rules`` (by event name) want for ``events``; returns the notices."""
    matches = _matches(events, rules)
    if not matches:
        return []
    found = told(matches)
    known = Notice.objects.filter(event__in={match.event.pk for match in matches}).values_list("event_id", "person_id")
    return write(found, Writer({match.rule.template for match in matches}), without=set(known))


def _matches(events: Sequence[Event], rules: dict[str, list[NoticeRule]]) -> list[Match]:
    wanted = [(event, rule) for event in events for rule in rules[event.name] if holds(rule, event)]
    ids = defaultdict(set)
    for event, _rule in wanted:
        ids[event.subject_type].add(event.subject_id)
    objects = {}
    for label, pks in ids.items():
        if context := context_of(label):
            objects |= {(label, obj.pk): (obj, context) for obj in context.rows().filter(pk__in=pks)}
    matches = []
    for event, rule in wanted:
        if found := objects.get((event.subject_type, event.subject_id)):
            matches.append(Match(event, rule, *found))
    return matches
