"""The nightly watch: each type is held against what is usual there, in each of its streams.

Of an origin with a year of history the space-time scan looks (primary); before that modified C2 by township. On Sundays
each township's week is held against its former years. All three look at every stream: all reports together, hotline,
petitions and opinion by themselves, and patrols by rounds walked. The false-alarm rate is that of a type by one method:
it is shared among the streams, and by the tests by township among the townships, so that each type gives false alarms
as seldom as stated, however many streams and townships there are.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property, partial

import numpy as np

from governance.models import User
from governance.surveillance import farrington as weekly
from governance.surveillance.expectation import LEAST, excesses, highest, night_of
from governance.surveillance.null import FLOOR
from governance.surveillance.usual import LONGEST, NEEDED, YEAR
from mediation.models import DisputeType, EarlyWarning, WarningMethod, WarningStream, WarningWatch
from mediation.models.warning import LONGEST_FAILURE
from mediation.warning.keeping import Found, warning_found
from mediation.warning.nulls import Rare, recurrence_of
from mediation.warning.states import family_of
from mediation.warning.streams import (
    Ground,
    Happening,
    by_type,
    counted,
    first_days_of,
    happenings,
    received_late,
    rounds,
    shares,
    streams_of,
)
from mediation.warning.townships import FOUR_WEEKS, WEEK, YEARS, Judged, Test

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
        kept, before = WarningWatch.objects.filter(pk=watch.pk), watch.watched_to
        for night in _nights(watch, day):
            try:
                found += watch_night(watch, night, actor=actor)
            except Exception as error:
                log.exception("early warning: watch %s failed for the night of %s", watch.code, night)
                kept.update(failed_on=night, failure=type(error).__name__[:LONGEST_FAILURE])
                break
            kept.update(failed_on=None, failure="")
            if not kept.filter(watched_to=before).update(watched_to=night):
                break  # signals of nights before came in meanwhile: the next run makes them up
            before = night
    return found


def _nights(watch: WarningWatch, day: date) -> list[date]:
    missed = 0 if watch.watched_to is None else min((day - watch.watched_to).days - 1, MADE_UP)
    return [day - timedelta(days=back) for back in range(missed, -1, -1)]


def watch_night(watch: WarningWatch, day: date, *, actor: User) -> list[EarlyWarning]:
    """Look at the days up to ``day`` and keep what stands out; doing it again changes nothing but where events of these
    days were brought in since."""
    look = Look.of(watch, day)
    if look is None:
        return []
    rows = [*look.scans(), *look.short(), *look.weeks()]
    met: set[int] = set()
    warnings = [warning_found(watch, found, day=day, actor=actor, met=met) for found in rows]
    return [warning for warning in warnings if warning is not None]


@dataclass(frozen=True)
class Look:
    """One night of one watch. ``known``: days for which each origin is kept without a break."""

    watch: WarningWatch
    ground: Ground
    day: date
    known: dict[str, int]

    @classmethod
    def of(cls, watch: WarningWatch, day: date) -> "Look | None":
        """Return the night, None where there is nothing to look at."""
        ground = Ground.of(watch.area)
        firsts = first_days_of(ground, day)
        if not firsts or not ground.places:
            return None
        return cls(watch, ground, day, {origin: (day - first).days + 1 for origin, first in firsts.items()})

    @cached_property
    def _weekly(self) -> dict[str, int]:
        """Weeks of the origins with former years to compare with; only on Sundays."""
        weeks = {origin: min(days // WEEK, weekly.LONGEST + 1) for origin, days in self.known.items()}
        return {origin: one for origin, one in weeks.items() if one > weekly.NEEDED and self.day.weekday() == SUNDAY}

    @cached_property
    def _all(self) -> list[Happening]:
        """Every event that any method of the night looks at, read once."""
        days = max(NEEDED, WEEK * max(self._weekly.values(), default=0))
        return happenings(self.ground, self.day - timedelta(days=days - 1), self.day)

    def _events(self, origins: Collection[str], days: int,
                last: date) -> Iterator[tuple[int, dict[str, list[Happening]]]]:  # fmt: skip
        """Yield the types that have events of these origins in the ``days`` up to ``last``, and the streams those
        make."""
        first = last - timedelta(days=days - 1)
        rows = by_type(row for row in self._all if first <= row.day <= last and row.origin in origins)
        for type_id in sorted(rows):
            yield type_id, streams_of(rows[type_id], origins)

    def _rounds(self, origins: Collection[str], days: int, where: str, last: date) -> np.ndarray | None:
        if WarningStream.PATROLS not in origins:
            return None
        return rounds(self.ground, last - timedelta(days=days - 1), days, where)

    def scans(self) -> Iterator[Found]:
        """Yield what the space-time scan finds, of each type the clearest first."""
        origins = [origin for origin, days in self.known.items() if days >= NEEDED]
        walked = self._rounds(origins, NEEDED, "place", self.day)
        if walked is not None and not walked[:, :YEAR].any():
            origins.remove(WarningStream.PATROLS)
        for type_id, streams in self._events(origins, NEEDED, self.day):
            part = shares(streams)
            found = [
                one for stream, rows in streams.items()
                for one in self._scan(stream, type_id, rows, walked if stream == WarningStream.PATROLS else None,
                                      part[stream])
            ]  # fmt: skip
            yield from self._clearest_first(found, streams)

    def _clearest_first(self, found: list[Found], streams: dict[str, list[Happening]]) -> list[Found]:
        """Sort what several streams show of one type: of the same places the first is the warning."""
        found = [replace(one, beside=self._beside(one, streams)) for one in found]
        return sorted(found, key=lambda one: (one.recurrence < self.watch.orange_days, -one.excess))

    def _beside(self, found: Found, streams: dict[str, list[Happening]]) -> list[Happening]:
        """Return what the streams of its family had at its places in the longest window."""
        first, codes = self.day - timedelta(days=LONGEST - 1), set(found.codes)

        def there(row: Happening) -> bool:
            if found.area is not None:
                return row.street is not None and self.ground.streets[row.street] == found.area
            return row.place is not None and self.ground.places[row.place].code in codes

        rows = (row for stream in family_of(found.stream) for row in streams.get(stream, ()) if row.day >= first)
        return [row for row in rows if there(row)]

    def _scan(self, stream: str, type_id: int, rows: list[Happening], walked: np.ndarray | None,
              part: float) -> Iterator[Found]:  # fmt: skip
        first = self.day - timedelta(days=NEEDED - 1)
        counts = counted(rows, first, NEEDED, len(self.ground.places), "place")
        if counts[:, -LONGEST:].sum() < LEAST:
            return
        # Something found is found by somebody who went there: once, however much they found.
        walked = None if walked is None else np.maximum(walked, counts > 0)
        night, near = night_of(counts, self.day.weekday(), walked), self.ground.near
        usual_walks = None if walked is None else walked[:, :YEAR].mean(axis=1) + 1 / YEAR

        def recurrence(score: float) -> Rare:
            least = self.watch.yellow_days / part
            rare = recurrence_of(self.watch, stream, type_id, night, near, score, self.day, usual_walks, least)
            return rare._replace(days=part * rare.days)

        top = float(highest(night.counts[:, None], night.expected[:, None], near, floor=FLOOR)[0])
        if top <= FLOOR or recurrence(top).days < self.watch.yellow_days:
            return
        for excess in excesses(night.counts, night.expected, near):
            rare = recurrence(excess.score)
            if rare.days < self.watch.yellow_days:
                return
            since = self.day - timedelta(days=excess.days - 1)
            inside = [row for row in rows if row.place in excess.places and row.day >= since]
            places = [self.ground.places[place] for place in excess.places]
            yield Found(WarningMethod.SCAN, stream, type_id, places, since, excess.observed, excess.expected,
                        rare.days, inside, at_least=rare.at_least)  # fmt: skip

    def short(self) -> Iterator[Found]:
        """Yield townships with more than in the four weeks before, of origins without a year of history."""
        origins = {origin: known for origin, known in self.known.items() if FOUR_WEEKS.least <= known < NEEDED}
        yield from self._by_street(FOUR_WEEKS, origins)

    def weeks(self) -> Iterator[Found]:
        """Yield townships whose week, ended today, has more than former years make likely; on Sundays."""
        yield from self._by_street(YEARS, {origin: weeks * WEEK for origin, weeks in self._weekly.items()})

    def _by_street(self, test: Test, origins: dict[str, int]) -> Iterator[Found]:
        """Yield the townships that a test finds rare, of each type the clearest first. ``origins``: days each is kept.

        The last days are judged, and of the longest window those before of which something was received since the test
        looked last: else it never saw what is received late. That adds no false alarms to those stated: what is known
        of a day only grows, so that its last judgement is the one that tells most.
        """
        if not origins:
            return
        late = received_late(self.ground, self.day, test.span)
        for back in sorted({0} | {(self.day - one).days // test.span * test.span for one in late.values()}):
            kept = {origin: days - back for origin, days in origins.items() if days - back >= test.least}
            if kept:
                yield from self._ended(test, kept, self.day - timedelta(days=back), late if back else None)

    def _ended(self, test: Test, origins: dict[str, int], last: date,
               late: Collection[tuple[str, int]] | None) -> Iterator[Found]:  # fmt: skip
        """Yield what a test finds of the days up to ``last``; where ``late`` is given only at townships with any of
        these events."""
        days = max(origins.values())
        walked = cache(partial(self._rounds, origins, days, "street", last))
        for type_id, streams in self._events(origins, days, last):
            part, found = shares(streams), []
            for stream, rows in streams.items():
                there = _at_streets(row for row in rows if row.day > last - timedelta(days=test.span))
                asked = {street: inside for street, inside in there.items() if _is_asked(inside, late)}
                kept = min(origins[one] for one in {row.origin for row in rows})
                judged = self._judged(
                    test, rows, asked, last, kept, walked if stream == WarningStream.PATROLS else None
                )
                for street, one in judged.items():
                    found += self._of_street(test, stream, type_id, street, one, part[stream], last, asked[street])
            yield from self._clearest_first(found, streams)

    def _judged(self, test: Test, rows: list[Happening], asked: Collection[int], last: date, kept: int,
                walked: Callable[[], np.ndarray] | None) -> dict[int, Judged]:  # fmt: skip
        """Return what a test says of these townships, where there is more than expected."""
        if not asked:
            return {}
        counts = counted(rows, last - timedelta(days=kept - 1), kept, len(self.ground.streets), "street")
        # Something found is found by somebody who went there.
        visits = None if walked is None else np.maximum(walked()[:, -kept:], counts > 0)
        judged = {street: test.judge(counts[street], None if visits is None else visits[street]) for street in asked}
        return {street: one for street, one in judged.items() if one is not None and one.observed > one.expected}

    def _of_street(self, test: Test, stream: str, type_id: int, street: int, judged: Judged, part: float, last: date,
                   inside: list[Happening]) -> Iterator[Found]:  # fmt: skip
        recurrence = judged.every * part / len(self.ground.streets)
        if recurrence < self.watch.yellow_days:
            return
        area, since = self.ground.streets[street], last - timedelta(days=test.span - 1)
        places = [place for place in self.ground.places if place.path.startswith(area.path)]
        yield Found(test.method, stream, type_id, places or [area], since, judged.observed, judged.expected, recurrence,
                    inside, area, until=last)  # fmt: skip


def _at_streets(rows: Iterable[Happening]) -> dict[int, list[Happening]]:
    found = defaultdict(list)
    for row in rows:
        if row.street is not None:
            found[row.street].append(row)
    return dict(sorted(found.items()))


def _is_asked(inside: list[Happening], late: Collection[tuple[str, int]] | None) -> bool:
    return len(inside) >= LEAST and (late is None or any((row.kind, row.pk) in late for row in inside))


def expected_false_alarms(watch: WarningWatch, days: int = 365) -> float:
    """Return how many warnings chance alone gives in so many days, at most, by one method in all streams: each type
    gives one in ``yellow_days`` (18 types at 100 days: 66 a year). Lists load ``types`` (``with_rows``)."""
    types = watch.types if hasattr(watch, "types") else DisputeType.objects.in_use().count()
    return days * types / watch.yellow_days
