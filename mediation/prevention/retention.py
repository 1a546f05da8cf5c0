"""Signals are emptied of what tells of persons once they are old: words, place, position, who complained.

What stays is counted: day, area, type, channel, what it repeats; and its number there, so that the same record is not
brought in again. How long is data of the rule (``MediationRule.signal_days``) [J].
"""

from datetime import datetime, timedelta

from django.utils import timezone

from governance import events
from governance.models import Area
from governance.transactions import atomically
from mediation.disputes.acting import SYSTEM_GRANT, clock
from mediation.disputes.rules import rules_on
from mediation.models import Signal

EMPTY = {"text": "", "text_digest": "", "complainant": "", "place": "", "longitude": None, "latitude": None}
AT_ONCE = 1000


def signals_forget(now: datetime | None = None) -> int:
    """Empty the signals that are older than the rule of their place keeps them; return how many. May run twice."""
    now = now or timezone.now()
    kept = Signal.objects.filter(erased_at=None)
    areas = Area.objects.filter(pk__in=kept.values("area_id")).defer("boundary").order_by("path")
    rule = rules_on(timezone.localdate(now))
    return sum(_forgotten(area, rule(area).signal_days, now) for area in areas)


def _forgotten(area: Area, days: int, now: datetime) -> int:
    """Empty those of one area, with one event for each thousand."""
    emptied = 0
    old = Signal.objects.filter(area=area, erased_at=None, received_at__lt=now - timedelta(days=days))
    while True:
        with atomically():
            some = list(old.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True)[:AT_ONCE])
            if some:
                Signal.objects.filter(pk__in=some).update(**EMPTY, erased_at=now)
                payload = {"signals": len(some), "days": days}
                events.record("signals.emptied", area, actor=clock(), grant=SYSTEM_GRANT, payload=payload,
                              occurred_at=now)  # fmt: skip
        emptied += len(some)
        if len(some) < AT_ONCE:
            return emptied
