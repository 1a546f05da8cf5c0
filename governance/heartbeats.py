"""Signs of life of the long-running processes, read by /readyz."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.utils import timezone

from governance.models.process import Heartbeat

log = logging.getLogger(__name__)
# A process that has not beaten for this long counts as down; they beat every 5 s.
FRESH = timedelta(seconds=20)

_with_beats: dict[str, list[Callable[[datetime], None]]] = {}


def with_beats(*processes: str):
    """Run the decorated ``function(at)`` in these processes after each of their signs of life.

    A fault of it is logged: the process lives all the same.
    """

    def remember(function):
        for process in processes:
            _with_beats.setdefault(process, []).append(function)
        return function

    return remember


def beat(process: str) -> None:
    """Say that ``process`` (worker, timers, live) works now; one statement, and what ``with_beats`` registered.

    Raises DatabaseError.
    """
    now = timezone.now()
    Heartbeat.objects.bulk_create(
        [Heartbeat(process=process, beat_at=now)],
        update_conflicts=True,
        update_fields=["beat_at"],
        unique_fields=["process"],
    )
    for function in _with_beats.get(process, []):
        try:
            function(now)
        except DatabaseError:
            raise
        except Exception:  # any fault of it must not make the process look dead
            log.exception("%s failed", function.__qualname__)


def is_alive(process: str) -> bool:
    """Tell whether ``process`` beat within ``FRESH``."""
    return Heartbeat.objects.filter(process=process, beat_at__gte=timezone.now() - FRESH).exists()
