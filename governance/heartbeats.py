"""Signs of life of the long-running processes, read by /readyz."""

from datetime import timedelta

from django.utils import timezone

from governance.models.process import Heartbeat

# A process that has not beaten for this long counts as down; they beat every 5 s.
FRESH = timedelta(seconds=20)


def beat(process: str) -> None:
    """Say that ``process`` (worker, timers, live) works now; one statement."""
    now = timezone.now()
    Heartbeat.objects.bulk_create(
        [Heartbeat(process=process, beat_at=now)],
        update_conflicts=True,
        update_fields=["beat_at"],
        unique_fields=["process"],
    )


def is_alive(process: str) -> bool:
    """Tell whether ``process`` beat within ``FRESH``."""
    return Heartbeat.objects.filter(process=process, beat_at__gte=timezone.now() - FRESH).exists()
