"""How the bins of the fictional city fill: each at its own pace, by day more than by night, emptied in the morning."""

from datetime import datetime, timedelta

from django.utils import timezone

from devices.bins.learning import FILL, bins_learn
from devices.bins.rounds import run_plan
from devices.ingest import readings_ingest
from devices.keys import Credential
from devices.models import CollectionRound, Device
from governance.models import User

DAYS = 21
HOUR = timedelta(hours=1)
EMPTIED_AT = 6
# No alarm by itself: what overflows is told by the stories of the history.
HIGHEST = 0.77
# What an hour of the day brings, in parts of a day's filling: little at night, most in the evening [our judgement].
PARTS = [0.2 if hour < 7 or hour > 21 else 2.0 if 17 <= hour < 21 else 1.0 for hour in range(24)]


def fill_at(code: str, at: datetime, now: datetime) -> float:
    """Return how full the bin ``code`` is at ``at``, as it never overflows; this morning nobody has emptied it yet."""
    number = sum(map(ord, code))
    per_day = 0.22 + 0.05 * (number % 7)
    every = max(int(HIGHEST / per_day), 1)
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    day = local.date() if local.hour >= EMPTIED_AT else local.date() - timedelta(days=1)
    while day >= today or (day.toordinal() + number) % every:
        day -= timedelta(days=1)
    hour, level = timezone.make_aware(datetime(day.year, day.month, day.day, EMPTIED_AT)), 0.03
    while hour < at:
        share = min((at - hour) / HOUR, 1)
        level += share * per_day * PARTS[timezone.localtime(hour).hour] / sum(PARTS)
        hour += HOUR
    return round(min(level, HIGHEST), 3)


def load_bins(*, now: datetime) -> int:
    """Let the bins tell how they filled in the weeks before the last day, learn from it and plan the rounds of today,
    also before the hour in which the product would; return how many readings there were.

    What was told of a device later stays its newest.
    """
    rows = Device.objects.in_use().filter(profile__metrics__metric__in=FILL).order_by("code")
    devices = list(rows.values_list("pk", "code", "profile__metrics__metric").filter(profile__metrics__metric__in=FILL))
    times = [now - timedelta(days=DAYS) + HOUR * number for number in range((DAYS - 1) * 24)]
    for pk, code, metric in devices:
        told = [{"device": code, "at": at.isoformat(), "metrics": {metric: fill_at(code, at, now)}} for at in times]
        result = readings_ingest(credential=Credential(key_id=0, device_id=pk), messages=told, received_at=now)
        if result.rejected:
            raise RuntimeError(f"readings of {code} were refused: {result.rejected[0]}")
    bins_learn(now=now)
    for round_ in CollectionRound.objects.filter(is_active=True):
        run_plan(round_, actor=User.objects.system("devices"), at=now)
    return len(devices) * len(times)
