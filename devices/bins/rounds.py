"""Which bins a round empties on a day, and on what way; ticked on the way, and proved by the next readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from devices.bins.days import day_due, day_to_plan, is_current, start_of
from devices.bins.forecast import EMPTY, NOT_HEARD, Bin, bins_of, fill_metric, levels_of, newest_levels
from devices.bins.learning import FILL
from devices.bins.route import distances, length_of, trips_of, way_through
from devices.models import CollectionRound, CollectionRun, CollectionStop, Device, StopReason
from devices.querysets import EMPTIES, PLANS
from governance.errors import Conflict, NotPermitted
from governance.events import record
from governance.models import User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically

# More bins than a round can pass in a day; beyond it the rounds are to be cut smaller [J].
MOST_STOPS = 300
# The lowest of so many readings after an emptying proves it: the first may have been taken while it was done [J].
PROVING = 3
_PROOF = """
SELECT stop.id, least.value FROM devices_collectionstop stop CROSS JOIN LATERAL (
    SELECT min(value) AS value FROM (
        SELECT value FROM devices_reading
        WHERE device_id = stop.device_id AND metric = ANY(%s) AND value IS NOT NULL AND quality IS NULL
            AND at > stop.emptied_at
        ORDER BY at LIMIT %s
    ) AS next
) AS least
WHERE stop.run_id = ANY(%s) AND stop.emptied_at IS NOT NULL AND least.value IS NOT NULL
"""


@dataclass(frozen=True)
class Due:
    """A bin to be emptied, and why."""

    bin: Bin
    reason: StopReason


def due_bins(round_: CollectionRound, day: date, *, at: datetime) -> tuple[list[Due], list[Bin]]:
    """Return the bins that would be full before the round after that of a day gets to them, as it looks at a moment,
    and those of which nothing is known.

    A bin without a forecast is due once it is no longer empty: it may be a fast one. What is full comes first.
    """
    until = start_of(round_, day) + timedelta(days=round_.days_between, hours=round_.margin_hours)
    due, unheard = [], []
    for found in bins_of(Device.objects.under(round_.area).filter(unit=round_.unit), at=at):
        if found.level is None:
            unheard.append(found)
        elif found.full:
            due.append(Due(found, StopReason.FULL))
        elif found.full_at is not None and found.full_at <= until:
            due.append(Due(found, StopReason.BEFORE_NEXT))
        elif not found.known and found.level >= found.empty:
            due.append(Due(found, StopReason.UNSURE))
    return due, unheard


def run_plan(round_: CollectionRound, *, actor: User, day: date | None = None, at: datetime | None = None,
             ) -> CollectionRun:  # fmt: skip
    """Plan the round of a day, or plan it anew: what was ticked stays, the rest of the way is looked for again.

    ``day``: by default that of the round as it goes now (``days.day_to_plan``): today, after midnight that of last
    night. Raises NotPermitted, Conflict for a round that is not in use.
    """
    at = at or timezone.now()
    with atomically():
        fresh = CollectionRound.objects.select_for_update(of=("self",)).select_related("area", "unit").get(pk=round_.pk)
        grant = _granted(PLANS, fresh, actor)
        if not fresh.is_active:
            raise Conflict(_("This round is not in use."))
        day = day or day_to_plan(fresh, at)
        run, _new = CollectionRun.objects.get_or_create(
            round=fresh, day=day, defaults={"planned_at": at, "metres": 0, "trips": 0}
        )
        run.stops.filter(emptied_at=None).delete()
        done = list(run.stops.order_by("position"))
        ticked = {stop.device_id for stop in done}
        due = [row for row in due_bins(fresh, day, at=at)[0] if row.bin.device.pk not in ticked]
        room = max(MOST_STOPS - len(done), 0)
        run.left_out = len(due[room:])
        _lay_out(run, done, due[:room], at=at)
        payload = {
            "round": fresh.code, "day": day.isoformat(), "stops": len(done) + len(due[:room]), "metres": run.metres,
            "left_out": run.left_out,
        }  # fmt: skip
        record("collection.planned", run, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return run


def _lay_out(run: CollectionRun, done: list[CollectionStop], due: list[Due], *, at: datetime) -> None:
    """Store the stops that are due in the order of the way, after those that are done."""
    round_ = run.round
    points = [
        (round_.longitude, round_.latitude),
        *((row.bin.device.longitude, row.bin.device.latitude) for row in due),
    ]
    metres = distances(points)
    trips = trips_of(way_through(metres), metres, round_.capacity) if due else []
    for place, stop in enumerate(done, start=1):
        stop.position = place
    CollectionStop.objects.bulk_update(done, ["position"])
    before = max((stop.trip for stop in done), default=0)
    way = [(trip, place) for trip, places in enumerate(trips, start=before + 1) for place in places]
    CollectionStop.objects.bulk_create(
        CollectionStop(
            run=run, device=due[place - 1].bin.device, position=number, trip=trip, reason=due[place - 1].reason,
            level=due[place - 1].bin.level, full_at=due[place - 1].bin.full_at,
        )
        for number, (trip, place) in enumerate(way, start=len(done) + 1)
    )  # fmt: skip
    run.planned_at, run.trips = at, before + len(trips)
    run.metres = round(round_.detour * sum(length_of(trip, metres) for trip in trips))
    run.save(update_fields=["planned_at", "trips", "metres", "left_out"])


def rounds_plan(*, now: datetime | None = None) -> int:
    """Plan the rounds that start within the hour, or should have started, and have no plan yet; return how many.

    It is the start that counts, not the day: what starts at half past midnight is planned before midnight. A round of
    every second day is planned when the day of its last plan is so long ago. May run twice.
    """
    now, planned = now or timezone.now(), 0
    actor = User.objects.system("devices")
    for round_ in CollectionRound.objects.filter(is_active=True).order_by("pk"):
        day = day_due(round_, now)
        if day is not None:
            run_plan(round_, actor=actor, day=day, at=now)
            planned += 1
    return planned


def stop_empty(stop: CollectionStop, *, actor: User, at: datetime | None = None) -> CollectionStop:
    """A worker has emptied a bin. Raises NotPermitted, Conflict when it is ticked already or its round is over."""
    at = at or timezone.now()
    with atomically():
        fresh, grant = _to_tick(stop, actor, at)
        if fresh.emptied_at is not None:
            raise Conflict(_("This bin is ticked already."))
        fresh.emptied_at, fresh.emptied_by = at, actor
        fresh.save(update_fields=["emptied_at", "emptied_by"])
        _told("device.emptied", fresh, actor, grant, at)
    return fresh


def stop_untick(stop: CollectionStop, *, actor: User, at: datetime | None = None) -> CollectionStop:
    """A bin was ticked by mistake. Raises NotPermitted, Conflict when it is not ticked or its round is over."""
    at = at or timezone.now()
    with atomically():
        fresh, grant = _to_tick(stop, actor, at)
        if fresh.emptied_at is None:
            raise Conflict(_("This bin is not ticked."))
        fresh.emptied_at = fresh.emptied_by = None
        fresh.save(update_fields=["emptied_at", "emptied_by"])
        _told("device.not_emptied", fresh, actor, grant, at)
    return fresh


def _to_tick(stop: CollectionStop, actor: User, at: datetime) -> tuple[CollectionStop, Grant]:
    rows = CollectionStop.objects.select_for_update(of=("self",)).select_related(
        "run__round__area", "run__round__unit", "device"
    )
    # Planning anew takes away what is not ticked.
    fresh = rows.filter(pk=stop.pk).first()
    if fresh is None:
        raise Conflict(_("The round was planned anew. Look at the list again."))
    grant = _granted(EMPTIES, fresh.run.round, actor)
    if not is_current(fresh.run, at):
        raise Conflict(_("This round is over, or does not begin yet."))
    return fresh, grant


def _told(name: str, stop: CollectionStop, actor: User, grant: Grant, at: datetime) -> None:
    payload = {"device": stop.device.code, "round": stop.run.round.code, "stop": stop.pk, "level": stop.level}
    record(name, stop.device, actor=actor, grant=grant, payload=payload, occurred_at=at)


def _granted(rule, round_: CollectionRound, actor: User) -> Grant:
    grant = grant_for(rule, round_, actor)
    if grant is None:
        raise NotPermitted(_("You may not do this: the round is not yours."))
    return grant


def proofs_of(runs: list[int]) -> dict[int, float]:
    """Return for each ticked stop (by id) that was read since how full its bin is: the lowest of the next readings."""
    with connection.cursor() as cursor:
        cursor.execute(_PROOF, [list(FILL), PROVING, runs])
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class StopTold:
    """A stop as it stands: ``state`` is ``open``, ``ticked`` (no reading since), ``proved`` or ``doubtful`` (still not
    empty by its next readings, of which ``proof`` is the lowest); ``now``: the newest good reading of the bin.
    """

    stop: CollectionStop
    state: str
    proof: float | None
    now: float | None


def stops_told(runs: Sequence[CollectionRun]) -> list[list[StopTold]]:
    """Return for each of some days' rounds its stops in the order of the way; four statements for any number, and
    one where newest readings are bad."""
    found: dict[int, list[StopTold]] = {run.pk: [] for run in runs}
    rows = CollectionStop.objects.filter(run__in=found).select_related("device__profile", "device__area", "emptied_by")
    rows = rows.defer("device__area__boundary").prefetch_related(
        "device__profile__metrics", newest_levels("device__latest")
    )
    stops, proofs = list(rows.order_by("run", "position")), proofs_of(list(found))
    levels = levels_of(stop.device for stop in stops)
    for stop in stops:
        level = levels.get(stop.device_id, NOT_HEARD)
        found[stop.run_id].append(_stop_told(stop, proofs.get(stop.pk), level.value))
    return [found[run.pk] for run in runs]


def _stop_told(stop: CollectionStop, proof: float | None, now: float | None) -> StopTold:
    metric = fill_metric(stop.device)
    empty = metric.clear if metric and metric.clear is not None else EMPTY
    state = "open"
    if stop.emptied_at is not None:
        state = "ticked" if proof is None else "proved" if proof <= empty else "doubtful"
    return StopTold(stop, state, proof, now)
