"""Some weeks of cases of the fictional city, made by the real services: every screen has life on the first start.

Every case is a ``Life`` (``cases.demo_lives``). All lives are played back in the order of time: what happens first is
written first, and a stage that ran past its limit on the way is recorded as it would have been. The words come from
``fixtures/demo``. The same seed and moment give the same history.
"""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from cases.clocks import STAGE_DUE
from cases.demo_lives import Life, Sense, opened
from cases.demo_material import Cast, Material, Subject
from cases.models import Case
from governance.clock import SHANGHAI
from governance.models import Timer
from governance.timers import fire_past

WEEKS = timedelta(days=35)
# How many cases end how, besides those still under way. Proportions are our own: mostly good, enough to look into.
ENDED = {
    "sensed": 18, "closed": 48, "rated": 32, "late": 7, "urged": 3, "reworked": 6, "returned": 5, "recalled": 1,
    "reopened": 3, "rejected": 7, "cancelled": 4, "unplaced": 4, "extended": 3, "appealed": 1, "repeated": 3,
    "disposed": 4, "arbitrated": 1, "resumed": 1,
}  # fmt: skip
# How many stand where today.
TODAY = {
    "now_reported": 7, "now_verified": 5, "now_accepted": 6, "now_dispatched": 7, "now_handling": 9, "now_overdue": 4,
    "now_submitted": 5, "now_inspected": 3, "now_returned": 2, "now_reworked": 2, "now_reopened": 2,
    "now_rejected": 1, "now_cancelled": 1, "now_asking": 2, "now_suspended": 2, "now_arbitration": 1, "now_appealed": 1,
}  # fmt: skip
# Hours since the report of those where 2 to 30 would not do.
AGES = {"now_reported": (0.1, 5), "now_verified": (0.5, 2), "now_accepted": (0.5, 3), "now_overdue": (12, 40)}
# Cases begin when people are about; weight by hour of the day (Asia/Shanghai).
BY_NIGHT = [8, 9, 6, 3, 1, 1] + [0] * 16 + [5, 8]
HOURS = [1, 1, 0, 0, 0, 1, 3, 7, 10, 10, 8, 7, 5, 5, 7, 8, 8, 9, 9, 8, 6, 4, 3, 2]


def load_history(*, now: datetime | None = None, seed: int = 990100, share: float = 1.0, sense: Sense = opened) -> int:
    """Write the history that ends at ``now`` (default: this moment) in one transaction; returns the number of cases.

    ``share`` (0-1] makes fewer cases of every kind, at least one each. ``sense`` lets a device report (the app above
    passes the real way in of readings). Raises RuntimeError where cases exist already.
    """
    if Case.objects.exists():
        raise RuntimeError("there are cases already: the demo history is only for an empty database")
    now = now or timezone.now()
    rng = Random(seed)
    with transaction.atomic():
        play(list(_lives(rng, now, share, sense)), now)
        return Case.objects.count()


def _lives(rng: Random, now: datetime, share: float, sense: Sense) -> Iterator[Life]:
    material, cast = Material.load(), Cast(rng)
    for fates, chosen in ((ENDED, material.ended), (TODAY, material.under_way)):
        for fate, number in fates.items():
            for _ in range(max(1, round(number * share))):
                subject = chosen(rng, fate)
                began = _beginning(rng, now, fate, subject)
                yield Life(subject, fate, cast, rng, began=began, now=now, sense=sense)


def _beginning(rng: Random, now: datetime, fate: str, subject: Subject) -> datetime:
    """Return when the case was reported: weeks ago where it has ended, hours ago where it is under way."""
    if fate.startswith("now_"):
        return now - timedelta(hours=rng.uniform(*AGES.get(fate, (2, 30))))
    day = (now - timedelta(days=rng.uniform(4, WEEKS.days))).astimezone(SHANGHAI)
    hour = rng.choices(range(24), BY_NIGHT if subject.by_night else HOURS)[0]
    return day.replace(hour=hour, minute=rng.randrange(60), second=rng.randrange(60), microsecond=0)


def play(lives: list[Life], now: datetime) -> None:
    """Let every life do its next deed, always the earliest first, until ``now``; limits that pass meanwhile fire."""
    # Deeds (0) before limits (1) of the same moment: a deed has no limit to be compared by.
    waiting = [(life.began, number, 0, None) for number, life in enumerate(lives)]
    heapq.heapify(waiting)
    deeds = [life.run() for life in lives]
    for run in deeds:
        next(run)  # up to its first deed, which is still to do
    while waiting and waiting[0][0] <= now:
        at, number, _kind, alert = heapq.heappop(waiting)
        if alert is None:
            following = next(deeds[number], None)
            if following is not None:
                heapq.heappush(waiting, (following, number, 0, None))
        elif not _fired(alert, at):
            continue  # it was moved or cancelled in the meantime
        case = lives[number].case
        timer = _timers().filter(subject_id=case.pk).first() if case else None
        if timer is not None:
            heapq.heappush(waiting, (timer.due_at, number, 1, timer.pk))


def _timers():
    return Timer.objects.filter(kind=STAGE_DUE, fired_at=None, cancelled_at=None)


def _fired(pk: int, at: datetime) -> bool:
    """Fire the timer if it is still set for ``at``, and mark it as fired then."""
    timer = _timers().filter(pk=pk, due_at=at).first()
    return timer is not None and fire_past(timer.key, at)
