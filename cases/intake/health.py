"""How a source is: when it was last heard, how much it sends, how much of it cannot be taken, whether it is silent.

Counted by hour while messages come in, so that no answer here reads messages or cases.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Max, Sum
from django.utils import timezone

from cases.models import DeadLetter, IntakeSource, SourceHour
from governance import events
from governance.models import Role, User
from governance.scoping import Grant
from governance.timers import fires, set_timer

SILENCE = "intake.silence"
DAY_HOURS = 24

_COUNT = f"""
    INSERT INTO {SourceHour._meta.db_table} AS counted (source_id, hour, accepted, repeated, rejected, last_at)
    VALUES (%s, date_trunc('hour', %s::timestamptz), %s, %s, %s, %s)
    ON CONFLICT (source_id, hour) DO UPDATE SET
        accepted = counted.accepted + excluded.accepted, repeated = counted.repeated + excluded.repeated,
        rejected = counted.rejected + excluded.rejected, last_at = greatest(counted.last_at, excluded.last_at)
"""


@dataclass(frozen=True)
class Health:
    """Figures of a source. ``hour``: messages since the full hour; ``day``: in the last 24 hours by the clock, this one
    included; ``rejected_share``: of the day's, from 0 to 1, None where there were none; ``waiting``: dead letters.
    """

    last_at: datetime | None = None
    hour: int = 0
    day: int = 0
    rejected: int = 0
    waiting: int = 0
    silent: bool = False

    @property
    def rejected_share(self) -> float | None:
        return self.rejected / self.day if self.day else None

    @property
    def per_hour(self) -> float:
        """Messages an hour on the day's average."""
        return self.day / DAY_HOURS


def count(source: IntakeSource, statuses: Mapping[str, int], *, at: datetime) -> None:
    """Add messages to the hour they came in; one statement."""
    accepted = statuses.get("created", 0) + statuses.get("updated", 0)
    figures = [accepted, statuses.get("repeated", 0), statuses.get("rejected", 0)]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [source.pk, at, *figures, at])


def health_of(sources: Collection[IntakeSource], *, at: datetime | None = None) -> dict[int, Health]:
    """Return the figures of sources by their id; three statements for any number of them."""
    now = at or timezone.now()
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    rows = SourceHour.objects.filter(source__in=sources).order_by()
    last = dict(rows.values_list("source").annotate(Max("last_at")))
    day, hour = {}, {}
    recent = rows.filter(hour__gt=this_hour - timedelta(hours=DAY_HOURS), hour__lte=this_hour)
    sums = recent.values("source", "hour").annotate(*(Sum(name) for name in ("accepted", "repeated", "rejected")))
    for row in sums:
        total = row["accepted__sum"] + row["repeated__sum"] + row["rejected__sum"]
        before = day.get(row["source"], (0, 0))
        day[row["source"]] = before[0] + total, before[1] + row["rejected__sum"]
        if row["hour"] == this_hour:
            hour[row["source"]] = total
    letters = DeadLetter.objects.waiting().filter(source__in=sources).order_by()
    waiting = dict(letters.values_list("source").annotate(Count("pk")))
    return {
        source.pk: Health(
            last_at=last.get(source.pk),
            hour=hour.get(source.pk, 0),
            day=day.get(source.pk, (0, 0))[0],
            rejected=day.get(source.pk, (0, 0))[1],
            waiting=waiting.get(source.pk, 0),
            silent=source.silent_since is not None,
        )
        for source in sources
    }


def hours_of(source: IntakeSource, *, at: datetime | None = None) -> list[SourceHour]:
    """Return the hours whose messages ``Health.hour`` and ``day`` add up, newest first, without empty ones."""
    this_hour = (at or timezone.now()).replace(minute=0, second=0, microsecond=0)
    rows = SourceHour.objects.filter(source=source, hour__gt=this_hour - timedelta(hours=DAY_HOURS))
    return list(rows.filter(hour__lte=this_hour).order_by("-hour"))


def watch(source: IntakeSource, *, since: datetime) -> None:
    """Look at a source again when it may have been silent for too long since ``since``; keeps ``checked_at``."""
    source.checked_at = since + timedelta(minutes=source.silent_after) if watched(source) else None
    source.save(update_fields=["checked_at", "silent_since"])
    if source.checked_at is not None:
        # Each look has a key of its own: a timer cannot be set anew while it fires.
        key = f"intake:{source.pk}:{source.checked_at.timestamp():.6f}"
        set_timer(key, SILENCE, subject_id=source.pk, due_at=source.checked_at)


def watched(source: IntakeSource) -> bool:
    return source.is_active and bool(source.silent_after)


def heard(source: IntakeSource, *, at: datetime) -> None:
    """A source has sent something: it is no longer silent. Nothing to do, as a rule, while it is watched."""
    if not watched(source) or (source.silent_since is None and source.checked_at is not None):
        return
    fresh = IntakeSource.objects.select_for_update(no_key=True).get(pk=source.pk)
    if fresh.silent_since is not None:
        payload = {"code": fresh.code, "since": fresh.silent_since.isoformat()}
        _record("intake.heard_again", fresh, payload, at)
    fresh.silent_since = None
    watch(fresh, since=at)


@fires(SILENCE)
def silence_checked(timer) -> None:
    """Flag a source that was not heard for its time, or look again when that may be so."""
    source = IntakeSource.objects.select_for_update(no_key=True).get(pk=timer.subject_id)
    if source.checked_at != timer.due_at or not watched(source):
        return  # another look was set, or nobody watches it any more
    allowed = timedelta(minutes=source.silent_after)
    last = SourceHour.objects.filter(source=source).aggregate(Max("last_at"))["last_at__max"]
    since = max(last, timer.due_at - allowed) if last else timer.due_at - allowed
    if since + allowed > timer.due_at:
        watch(source, since=since)
        return
    source.silent_since, source.checked_at = since, None
    source.save(update_fields=["checked_at", "silent_since"])
    payload = {"code": source.code, "since": since.isoformat(), "minutes": source.silent_after}
    _record("intake.silent", source, payload, timer.due_at)


@events.on("config.changed")
def source_changed(event, subject) -> None:
    """A new source, or one whose time of silence changed, is watched from now on."""
    if isinstance(subject, IntakeSource) and {"silent_after", "is_active"} & set(event.payload["fields"]):
        subject.silent_since = None
        watch(subject, since=event.occurred_at)


def _record(name: str, source: IntakeSource, payload: dict, at: datetime) -> None:
    actor = User.objects.system("intake" if name == "intake.heard_again" else "timers")
    events.record(name, source, actor=actor, grant=Grant(Role.SYSTEM), payload=payload, occurred_at=at)
