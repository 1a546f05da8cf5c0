"""Signals, and hazards that were excluded, are emptied of what tells of persons once they are old: words, place,
position, parties, who complained; of hazards also what was written at their steps, and photos (个人信息保护法 19).

What stays is counted: day, area, type, channel, what it repeats; and a signal's number there, so that the same record
is not brought in again. How long is data of the rule (``MediationRule.signal_days``, ``hazard_days``) [J]. A hazard
that is not decided yet is somebody's work, one that became a dispute is told in its file: both keep their words.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from governance import events
from governance.attachments import attachments_erase
from governance.models import Area, Remark
from governance.transactions import atomically
from mediation.disputes.acting import SYSTEM_GRANT, clock
from mediation.disputes.rules import rules_on
from mediation.models import Hazard, HazardState, Signal

EMPTY = {"text": "", "text_digest": "", "complainant": "", "place": "", "longitude": None, "latitude": None}
BARE = {"words": "", "parties": "", "place": "", "longitude": None, "latitude": None, "point": None, "finding": ""}
AT_ONCE = 1000


def signals_forget(now: datetime | None = None) -> int:
    """Empty the signals that are older than the rule of their place keeps them; return how many. May run twice."""
    now = now or timezone.now()
    kept, rule = Signal.objects.filter(erased_at=None), rules_on(timezone.localdate(now))

    def old(area: Area) -> QuerySet[Signal]:
        return kept.filter(area=area, received_at__lt=now - timedelta(days=rule(area).signal_days))

    def empty(area: Area, pks: list[int]) -> None:
        Signal.objects.filter(pk__in=pks).update(**EMPTY, erased_at=now)
        payload = {"signals": len(pks), "days": rule(area).signal_days}
        events.record("signals.emptied", area, actor=clock(), grant=SYSTEM_GRANT, payload=payload, occurred_at=now)

    return sum(_forgotten(old(area), area, empty) for area in _areas_of(kept))


def hazards_forget(now: datetime | None = None) -> int:
    """Empty the hazards that were excluded longer ago than the rule of their place keeps them; return how many. May run
    twice."""
    now = now or timezone.now()
    kept = Hazard.objects.filter(erased_at=None, state=HazardState.EXCLUDED)
    rule = rules_on(timezone.localdate(now))

    def old(area: Area) -> QuerySet[Hazard]:
        return kept.filter(area=area, decided_at__lt=now - timedelta(days=rule(area).hazard_days))

    def empty(area: Area, pks: list[int]) -> None:
        label = Hazard._meta.label_lower
        Hazard.objects.filter(pk__in=pks).update(**BARE, erased_at=now)
        Remark.objects.filter(event__subject_type=label, event__subject_id__in=pks).delete()
        payload = {"hazards": len(pks), "days": rule(area).hazard_days}
        events.record("hazards.emptied", area, actor=clock(), grant=SYSTEM_GRANT, payload=payload, occurred_at=now)
        attachments_erase(label, pks)

    return sum(_forgotten(old(area), area, empty) for area in _areas_of(kept))


def _areas_of(rows: QuerySet) -> QuerySet[Area]:
    return Area.objects.filter(pk__in=rows.values("area_id")).defer("boundary").order_by("path")


def _forgotten(old: QuerySet, area: Area, empty: Callable[[Area, list[int]], None]) -> int:
    """Empty those of one area, a thousand in a transaction of their own; what somebody holds waits for the next
    night."""
    emptied = 0
    while True:
        with atomically():
            rows = old.order_by("pk").select_for_update(of=("self",), skip_locked=True)
            some = list(rows.values_list("pk", flat=True)[:AT_ONCE])
            if some:
                empty(area, some)
        emptied += len(some)
        if len(some) < AT_ONCE:
            return emptied
