"""Which day's round a moment belongs to: a round belongs to the day on which it starts, and one that starts in the
evening goes on past midnight.

All days and times of rounds are those of Asia/Shanghai.
"""

from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from devices.models import CollectionRound, CollectionRun

# How long before its start a round is planned: the crew reads the list before it leaves [J].
AHEAD = timedelta(hours=1)
# How long after its start a round may be ticked at least: no shift takes longer, no next round starts before [J].
LASTS = timedelta(hours=12)
DAY = timedelta(days=1)


def start_of(round_: CollectionRound, day: date) -> datetime:
    """Return when a round starts on a day."""
    return timezone.make_aware(datetime.combine(day, round_.starts_at))


def is_current(run: CollectionRun, at: datetime) -> bool:
    """Tell whether a day's round may be ticked at a moment: on its day, from an hour before its start, and for 12
    hours from then on."""
    start = start_of(run.round, run.day)
    begins, ends = (timezone.make_aware(datetime.combine(day, time())) for day in (run.day, run.day + DAY))
    return min(begins, start - AHEAD) <= at < max(ends, start + LASTS)


def current_q(at: datetime) -> Q:
    """Return the same as a condition on days' rounds."""
    local = timezone.localtime(at)
    today, lasting, soon = local.date(), local - LASTS, local + AHEAD
    found = Q(day=today)
    if lasting.date() < today:
        found |= Q(day=lasting.date(), round__starts_at__gt=lasting.time())
    if soon.date() > today:
        found |= Q(day=soon.date(), round__starts_at__lte=soon.time())
    return found


def day_to_plan(round_: CollectionRound, at: datetime) -> date:
    """Return of which day a round is planned at a moment: of tomorrow if that starts within the hour, of yesterday
    while what was planned for it is under way still, else of today."""
    today = timezone.localtime(at).date()
    if start_of(round_, today + DAY) - AHEAD <= at:
        return today + DAY
    yesterday = start_of(round_, today - DAY) + LASTS > at and round_.runs.filter(day=today - DAY).exists()
    return today - DAY if yesterday and start_of(round_, today) - AHEAD > at else today


def day_due(round_: CollectionRound, at: datetime) -> date | None:
    """Return the day whose round is to be planned now: it starts within the hour, or should have started and could be
    under way still. None when that is planned already, or the days between the rounds are not over.

    One that was never planned begins with its next start, not with one of yesterday.
    """
    today = timezone.localtime(at).date()
    last = round_.runs.order_by("-day").values_list("day", flat=True).first()
    for day in (today + DAY, today, today - DAY):
        start = start_of(round_, day)
        if start - AHEAD <= at and (day >= today or (last is not None and at < start + LASTS)):
            fallow = last is not None and day < last + timedelta(days=round_.days_between)
            return None if fallow else day
    return None
