"""How things stood at the end of a quarter, for who only counts: two looks a day apart must not differ by the one row
that changed between them (decision 0044)."""

from collections.abc import Collection
from datetime import date

from django.db.models import Model
from django.utils import timezone

from governance.models import Event
from mediation.measures.figures import Quarter


def last_day_told() -> date:
    """Return the day up to which who only counts is told today: the last one of the quarter before."""
    return Quarter.of(timezone.localdate()).before.last


def steps_told(model: type[Model], keys: Collection[int], day: date) -> list[tuple[int, date, dict]]:
    """Return (key, day, payload) of the steps (``to``: the state) of workflow rows that were told by the end of a day,
    in their order."""
    rows = Event.objects.filter(subject_type=model._meta.label_lower, subject_id__in=keys, payload__has_key="to")
    rows = rows.filter(occurred_at__date__lte=day).order_by("occurred_at", "id")
    columns = rows.values_list("subject_id", "occurred_at", "payload")
    return [(pk, timezone.localdate(at), payload) for pk, at, payload in columns]
