"""Durable deadlines: set, move, cancel and fire them. They survive restarts, each fires once.

An app says what to do with ``@fires("case.stage_due")``; its function runs in the transaction that marks the timer as
fired, so both happen or neither. It may set the same key again: that is another timer, which fires in its turn. A
failing handler is tried again after 1, 2, 4 ... minutes (at most 6 h apart).

What has no deadline but must be looked at all the time says ``@every(5)``: the same process runs it that often.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import DatabaseError, OperationalError, close_old_connections, connection, transaction
from django.utils import timezone

from governance import heartbeats
from governance.models.timer import Timer
from governance.transactions import is_free

log = logging.getLogger(__name__)
LONGEST_GAP = timedelta(hours=6)
# After how long a timer is looked at again whose device, say, somebody holds: those who hold one work for milliseconds.
BUSY_GAP = timedelta(seconds=1)
IDLE_SECONDS = 1.0
BEAT_SECONDS = 5

_handlers: dict[str, Callable[[Timer], None]] = {}
_locks: dict[str, Callable[[Timer], None]] = {}
_rounds: dict[Callable[[datetime], None], float] = {}

SET = """
INSERT INTO governance_timer (key, kind, subject_id, payload, due_at, next_try_at, attempts, last_error)
SELECT key, %s, subject_id, payload, due_at, due_at, 0, ''
FROM unnest(%s::text[], %s::bigint[], %s::jsonb[], %s::timestamptz[]) AS sent (key, subject_id, payload, due_at)
ON CONFLICT (key) WHERE fired_at IS NULL AND cancelled_at IS NULL
DO UPDATE SET kind = excluded.kind, payload = excluded.payload, due_at = excluded.due_at,
    next_try_at = excluded.due_at, attempts = 0, last_error = ''
"""


def fires(kind: str, *, first: Callable[[Timer], None] | None = None):
    """Register the decorated ``function(timer)`` as what happens when a timer of ``kind`` is due.

    ``first(timer)`` locks what others lock before they set or cancel such a timer, without waiting for it (``nowait``,
    or ``lock_wait`` for a moment), and raises nothing where that is gone. Where somebody holds it, the timer's turn
    comes again a moment later: the others do not wait for it, nor does who holds it wait for ever for the timer's row.
    """

    def remember(function):
        _handlers[kind] = function
        if first is not None:
            _locks[kind] = first
        return function

    return remember


def every(seconds: float):
    """Run the decorated ``function(since)`` in the timers process every so many seconds, outside any transaction.

    ``since`` is when the process began, or had its database back. Where several timers processes run, each runs it: the
    function locks and looks again. A fault of it is logged, the next round comes as usual.
    """

    def remember(function):
        _rounds[function] = seconds
        return function

    return remember


class Rounds:
    """The rounds of one process: what ``@every`` registered, each when its time has come."""

    def __init__(self):
        self.due: dict[Callable[[datetime], None], float] = {}
        self.begin()

    def begin(self) -> None:
        """Count from now on."""
        self.since = timezone.now()

    def run_due(self) -> None:
        """Run what is due. Raises OperationalError: the database itself failed."""
        for function, seconds in _rounds.items():
            if time.monotonic() < self.due.get(function, 0):
                continue
            self.due[function] = time.monotonic() + seconds
            try:
                function(self.since)
            except OperationalError:
                raise
            except Exception:  # any fault of a round must not stop the timers
                log.exception("round %s failed", function.__qualname__)


def set_timer(key: str, kind: str, *, subject_id: int, due_at: datetime, payload: dict | None = None) -> None:
    """Set the timer ``key``, or move the open one of that key; one statement. Call inside the change's transaction."""
    set_timers(kind, [(key, subject_id, due_at, payload or {})])


def set_timers(kind: str, timers: Sequence[tuple[str, int, datetime, dict]]) -> None:
    """Set or move timers of a kind, each (key, subject id, due at, payload), all keys different; one statement."""
    if kind not in _handlers:
        raise ValueError(f"no handler fires timers of kind {kind}")
    column = Timer._meta.get_field("payload")
    keys, subjects, due, payloads = zip(*timers, strict=True)
    stored = [column.get_db_prep_value(payload, connection) for payload in payloads]
    with connection.cursor() as cursor:
        cursor.execute(SET, [kind, list(keys), list(subjects), stored, list(due)])


def cancel_timer(key: str) -> None:
    """Cancel the open timer ``key``, if there is one."""
    Timer.objects.filter(key=key, fired_at=None, cancelled_at=None).update(cancelled_at=timezone.now())


def fire_past(key: str, until: datetime) -> bool:
    """Fire the open timer ``key`` if it was due by ``until``, as it would have fired then: for history played back.

    Call it inside the transaction of what happened at ``until``. Returns whether it fired; a failing handler raises.
    """
    timers = Timer.objects.select_for_update().filter(key=key, fired_at=None, cancelled_at=None, due_at__lte=until)
    timer = timers.first()
    if timer is None:
        return False
    _fire(timer, timer.due_at)
    return True


def fire_due(limit: int = 100) -> int:
    """Fire up to ``limit`` due timers, each in its own transaction, skipping those another process holds.

    Returns how many were taken, those that wait for their next try included (their handler failed, or what they are
    about is held by somebody).
    """
    taken = 0
    while taken < limit and _fire_one():
        taken += 1
    return taken


def _fire_one() -> bool:
    with transaction.atomic():
        due = Timer.objects.filter(next_try_at__lte=timezone.now(), fired_at=None, cancelled_at=None)
        timer = due.select_for_update(skip_locked=True).order_by("next_try_at").first()
        if timer is None:
            return False
        if not _is_free(timer):
            timer.next_try_at = timezone.now() + BUSY_GAP
            timer.save(update_fields=["next_try_at"])
            return True
        try:
            with transaction.atomic():
                _fire(timer, timezone.now())
        except OperationalError:
            raise  # the database itself failed: nothing was fired, the loop tries again
        except Exception as error:  # noqa: BLE001 - any fault of a handler must not stop the other timers
            _put_off(timer, error)
    return True


def _is_free(timer: Timer) -> bool:
    """Lock what is to be locked first; False where somebody else holds it."""
    first = _locks.get(timer.kind)
    return first is None or is_free(lambda: first(timer))


def _fire(timer: Timer, at: datetime) -> None:
    """Mark a timer as fired, then run its handler: what that sets under the same key is another one, and stays open."""
    timer.fired_at = at
    timer.save(update_fields=["fired_at"])
    _handlers[timer.kind](timer)


def _put_off(timer: Timer, error: Exception) -> None:
    log.exception("timer %s failed (try %s)", timer.key, timer.attempts + 1)
    timer.attempts += 1
    timer.last_error = f"{type(error).__name__}: {error}"[:2000]
    timer.next_try_at = timezone.now() + min(timedelta(minutes=2 ** min(timer.attempts - 1, 10)), LONGEST_GAP)
    timer.save(update_fields=["attempts", "last_error", "next_try_at"])


def run_forever(stop: threading.Event | None = None) -> None:
    """Fire timers and run rounds until SIGTERM or SIGINT (or ``stop``); a lost database is waited for."""
    stop = stop or threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    beaten, rounds = None, Rounds()
    while not stop.is_set():
        try:
            close_old_connections()
            if beaten is None or timezone.now() - beaten >= timedelta(seconds=BEAT_SECONDS):
                heartbeats.beat("timers")
                beaten = timezone.now()
            busy = fire_due()
            rounds.run_due()
        except DatabaseError as error:
            log.warning("timers wait for the database: %s", error)
            busy = 0
            rounds.begin()
        if not busy:
            stop.wait(IDLE_SECONDS)
