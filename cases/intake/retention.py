"""Messages that were dealt with are forgotten: they may hold what somebody wrote, and their name and telephone."""

from datetime import datetime, timedelta

from django.utils import timezone

from cases.models import DeadLetter, SourceHour

# How long a letter keeps its message after it was replayed, discarded or superseded [J].
KEEP_SETTLED = timedelta(days=30)
# How long the figures by hour are kept [J]: a year can be compared with the one before.
KEEP_HOURS = timedelta(days=800)
AT_ONCE = 1000


def letters_forget(now: datetime | None = None) -> int:
    """Empty the letters settled long ago (their row stays, for the record) and return how many."""
    now, emptied = now or timezone.now(), 0
    old = DeadLetter.objects.filter(settled_at__lt=now - KEEP_SETTLED).exclude(payload={})
    while True:
        some = list(old.order_by("settled_at").values_list("pk", flat=True)[:AT_ONCE])
        emptied += DeadLetter.objects.filter(pk__in=some).update(payload={}, corrections={}, errors=[])
        if len(some) < AT_ONCE:
            break
    SourceHour.objects.filter(hour__lt=now - KEEP_HOURS).delete()
    return emptied
