"""``/healthz`` (the process lives) and ``/readyz`` (everything it needs works), on both servers."""

import logging

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance import heartbeats

log = logging.getLogger(__name__)

PROCESSES = ("worker", "timers", "live")

_migrated: set[str] = set()


@never_cache
@require_safe
def healthz(_request):
    """Answer 200 as long as this process answers at all; no database."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(_request):
    """Answer 200 when every part works, otherwise 503; the JSON body names each part."""
    parts = readiness()
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def readiness() -> dict[str, bool]:
    """Return which parts work: ``database``, ``migrations``, and each process by its last sign of life."""
    processes = (*PROCESSES, *settings.EXPECTED_PROCESSES)
    parts = dict.fromkeys(("database", "migrations", *processes), False)
    try:
        connection.ensure_connection()
        parts["database"] = True
        parts["migrations"] = migrated()
        if parts["migrations"]:
            parts |= {process: heartbeats.is_alive(process) for process in processes}
    except DatabaseError as error:
        log.warning("not ready: %s", error)
        parts["database"] = False
    return parts


def migrated() -> bool:
    """Tell whether every migration of this code is applied; looked up until it is, then remembered by the process."""
    name = connection.settings_dict["NAME"]
    if name not in _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated.add(name)
    return True
