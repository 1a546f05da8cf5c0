"""Signals that come in the morning after: the nights that would have counted them are looked at again."""

from datetime import datetime, time, timedelta

from django.db.models import Max

from governance.clock import SHANGHAI
from governance.events import on
from mediation.models import Signal, WarningWatch
from mediation.warning.watching import MADE_UP


@on("signals.brought_in")
def nights_look_again(event, subject) -> None:
    """In the transaction in which they are brought in: set each watch back to before the first day of which it would
    have known one of these, a week at most; the hourly job makes the nights up. A file of a day brought in the morning
    after would else never be judged as that day's by C2, nor as that week's on Sundays.

    What was received after a night stays unknown to it, so what a source sends as it comes sets nothing back."""
    rows = Signal.objects.filter(batch=event.payload["batch"]).order_by("event_date")
    fresh = rows.filter(imported_at=rows.aggregate(last=Max("imported_at"))["last"])
    for watch in WarningWatch.objects.filter(is_active=True, watched_to__isnull=False).select_related("area"):
        until = datetime.combine(watch.watched_to + timedelta(days=1), time(), SHANGHAI)
        first = fresh.filter(
            area__path__startswith=watch.area.path, received_at__lt=until,
            event_date__range=(watch.watched_to - timedelta(days=MADE_UP), watch.watched_to),
        ).values_list("event_date", flat=True).first()  # fmt: skip
        if first is not None:
            later = WarningWatch.objects.filter(pk=watch.pk, watched_to__gte=first)
            later.update(watched_to=first - timedelta(days=1))
