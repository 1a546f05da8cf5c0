"""The nightly watch: each type of each stream of a watched area is held against what is usual there.

With a year of history the space-time scan looks (primary); before that modified C2 by township. On Sundays each
township's week is held against its former years. Thresholds of the tests by township are shared among the townships, so
that each type gives false alarms as seldom as stated, however many townships there are.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from governance.models import Area, User
from governance.surveillance import farrington as weekly
from governance.surveillance import short_history as short
from governance.surveillance.expectation import LEAST, excesses, night_of
from governance.surveillance.usual import NEEDED, YEAR
from mediation.models import DisputeType, EarlyWarning, WarningMethod, WarningStream, WarningWatch
from mediation.models.warning import LONGEST_FAILURE
from mediation.warning.keeping import Found, warning_found
from mediation.warning.nulls import recurrence_of
from mediation.warning.streams import Ground, Happening, by_type, counted, first_day_of, happenings, rounds

LEAST_CHANCE = 1e-6
SUNDAY = 6
# So many missed nights are made up; older ones would warn of what is over [J].
MADE_UP = 7
log = logging.getLogger(__name__)


def watch_all(day: date) -> list[EarlyWarning]:
    """Look at what every watch in use has not been looked at up to ``day``; return the warnings that stand out.

    Nights that were missed are made up, as what was known then. A watch that fails leaves the others alone: the error
    is logged, stays on the watch (``failed_on``, ``failure``) until a night succeeds, and is tried again.
    """
    actor = User.objects.system("early-warning")
    found = []
    for watch in WarningWatch.objects.filter(is_active=True).exclude(watched_to__gte=day).select_related("area"):
        for night in _nights(watch, day):
            kept = WarningWatch.objects.filter(pk=watch.pk)
            try:
                found += watch_night(watch, night, actor=actor)
            except Exception as error:
                log.exception("early warning: watch %s failed for the night of %s", watch.code, night)
                kept.update(failed_on=night, failure=type(error).__name__[:LONGEST_FAILURE])
                break
            kept.update(watched_to=night, failed_on=None, failure="")
    return found


def _nights(watch: WarningWatch, day: date) -> list[date]:
    missed = 0 if watch.watched_to is None else min((day - watch.watched_to).days - 1, MADE_UP)
    return [day - timedelta(days=back) for back in range(missed, -1, -1)]


def watch_night(watch: WarningWatch, day: date, *, actor: User) -> list[EarlyWarning]:
    """Look at the days up to ``day`` and keep what stands out; doing it again changes nothing."""
    look = Look.of(watch, day)
    if look is None:
        return []
    rows = [*look.scans(), *look.short(), *look.weeks()]
    warnings = [warning_found(watch, found, day=day, actor=actor) for found in rows]
    return [warning for warning in warnings if warning is not None]


@dataclass(frozen=True)
class Look:
    """One night of one watch. ``known``: days for which reports are kept without a break."""

    watch: WarningWatch
    ground: Ground
    day: date
    known: int

    @classmethod
    def of(cls, watch: WarningWatch, day: date) -> "Look | None":
        """Return the night, None where there is nothing to look at."""
        ground = Ground.of(watch.area)
        first = first_day_of(ground, day)
        if first is None or not ground.places:
            return None
        return cls(watch, ground, day, (day - first).days + 1)

    def _events(self, stream: str, days: int) -> tuple[dict[int, list[Happening]], date]:
        first = self.day - timedelta(days=days - 1)
        return by_type(happenings(self.ground, stream, first, self.day)), first

    def scans(self) -> Iterator[Found]:
        """Yield what the space-time scan finds in either stream."""
        if self.known < NEEDED:
            return
        for stream in WarningStream.values:
            events, first = self._events(stream, NEEDED)
            walked = rounds(self.ground, first, NEEDED) if stream == WarningStream.PATROLS else None
            if walked is not None and not walked[:, :YEAR].any():
                continue
            for type_id in sorted(events):
                yield from self._scan(stream, type_id, events[type_id], first, walked)

    def _scan(self, stream: str, type_id: int, rows: list[Happening], first: date, walked) -> Iterator[Found]:
        counts = counted(rows, first, NEEDED, len(self.ground.places), "place")
        # Something found is found by somebody who went there: once, however much they found.
        walked = None if walked is None else np.maximum(walked, counts > 0)
        night = night_of(counts, self.day.weekday(), walked)
        near = self.ground.near
        usual_walks = None if walked is None else walked[:, :YEAR].mean(axis=1) + 1 / YEAR
        for excess in excesses(night.counts, night.expected, near):
            recurrence = recurrence_of(
                self.watch, stream, type_id, night, near, excess.score, self.day, usual_walks
            )  # fmt: skip
            if recurrence < self.watch.yellow_days:
                return
            since = self.day - timedelta(days=excess.days - 1)
            inside = [row for row in rows if row.place in excess.places and row.day >= since]
            places = [self.ground.places[place] for place in excess.places]
            yield Found(WarningMethod.SCAN, stream, type_id, places, since, excess.observed, excess.expected,
                        recurrence, inside)  # fmt: skip

    def short(self) -> Iterator[Found]:
        """Yield townships with more than in the four weeks before, while there is no year of history."""
        if not short.NEEDED <= self.known < NEEDED:
            return
        events, first = self._events(WarningStream.REPORTS, short.NEEDED)
        for type_id in sorted(events):
            counts = counted(events[type_id], first, short.NEEDED, len(self.ground.streets), "street")
            judged = short.c2_modified(counts)
            for street, area in enumerate(self.ground.streets):
                expected, observed = float(judged.expected[street, -1]), int(counts[street, -1])
                if observed < LEAST or observed <= expected:
                    continue
                chance = short.c2_chance(float(judged.statistic[street, -1]), expected)
                yield from self._of_street(WarningMethod.SHORT, type_id, street, area, self.day, observed, expected,
                                           1 / chance, events[type_id])  # fmt: skip

    def weeks(self) -> Iterator[Found]:
        """Yield townships whose week, ended today, has more than former years make likely; on Sundays."""
        number = min(self.known // 7, weekly.LONGEST + 1)
        if self.day.weekday() != SUNDAY or number <= weekly.NEEDED:
            return
        events, first = self._events(WarningStream.REPORTS, number * 7)
        for type_id in sorted(events):
            counts = counted(events[type_id], first, number * 7, len(self.ground.streets), "street")
            by_week = counts.reshape(len(self.ground.streets), number, 7).sum(axis=2)
            for street, area in enumerate(self.ground.streets):
                week = weekly.farrington(by_week[street])
                if week is None or week.observed <= week.expected:
                    continue
                every = 7 / max(week.p_value, LEAST_CHANCE)
                yield from self._of_street(WarningMethod.WEEKLY, type_id, street, area, self.day - timedelta(days=6),
                                           week.observed, week.expected, every, events[type_id])  # fmt: skip

    def _of_street(self, method: str, type_id: int, street: int, area: Area, since: date, observed: int,
                   expected: float, every: float, rows: list[Happening]) -> Iterator[Found]:  # fmt: skip
        """``every``: once in how many days for this township alone."""
        recurrence = every / len(self.ground.streets)
        if recurrence < self.watch.yellow_days:
            return
        places = [place for place in self.ground.places if place.path.startswith(area.path)]
        inside = [row for row in rows if row.street == street and row.day >= since]
        yield Found(method, WarningStream.REPORTS, type_id, places or [area], since, observed, expected, recurrence,
                    inside, area)  # fmt: skip


def expected_false_alarms(watch: WarningWatch, days: int = 365) -> float:
    """Return how many warnings chance alone gives in so many days, at most, by one method and stream: each type gives
    one in ``yellow_days`` (18 types at 100 days: 66 a year). Lists load ``types`` (``with_rows``)."""
    types = watch.types if hasattr(watch, "types") else DisputeType.objects.in_use().count()
    return days * types / watch.yellow_days
