"""Dry runs: what a draft's rules would have made of past readings, beside what the rules in force make of them.

Both are judged by the pure machine (``devices.tracks``) over the same readings, so that they can be compared. Devices
that had alarms come first; readings are streamed and at most ``MOST_READINGS`` are read: a device that does not fit
whole is left out. A latched alarm counts as looked at when it is normal again; a condition that returns within the
reopen window is the same occurrence.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from cases.states import CaseState
from devices.baselines import baselines_of, relative
from devices.models import OFFLINE, Alarm, Device, DeviceProfile, Reading
from devices.rules import Rules
from devices.tracks import OVER, Phase, Track, Turn

MOST_READINGS = 1_000_000
MOST_LISTED = 200  # lost occurrences, kept with the trial
STATUS = "status"

# A sample: when, the device's word, its figures.
Sample = tuple[datetime, str | None, dict[str, float]]
# Occurrences of a device by alarm type: from, to (None: still).
Spans = dict[str, list[list]]


@dataclass
class Findings:
    """What a trial found; as ``ProfileTrial``. The counters are by alarm type."""

    devices: int = 0
    readings: int = 0
    cut: bool = False
    were: Counter = field(default_factory=Counter)
    would: Counter = field(default_factory=Counter)
    confirmed: Counter = field(default_factory=Counter)
    lost: Counter = field(default_factory=Counter)
    lost_alarms: list[int] = field(default_factory=list)

    def figures(self) -> dict:
        """Return the columns of the row that keeps them."""
        counters = (self.were, self.would, self.confirmed, self.lost)
        types = sorted(set().union(*counters))
        return {
            "devices": self.devices,
            "readings": self.readings,
            "cut": self.cut,
            **{name: sum(getattr(self, name).values()) for name in ("were", "would", "confirmed", "lost")},
            "by_type": {word: [counter[word] for counter in counters] for word in types},
            "lost_alarms": self.lost_alarms[:MOST_LISTED],
        }


def try_out(draft: DeviceProfile, current: DeviceProfile, *, days: int, now: datetime) -> Findings:
    """Return what ``draft`` would have made of the readings of the last ``days`` of ``current``'s devices."""
    since = now - timedelta(days=days)
    old, new = Rules.of(current), Rules.of(draft)
    alarms = Alarm.objects.filter(device__profile=current, raised_at__gte=since, raised_at__lte=now)
    confirmed = _confirmed(alarms)
    had = Exists(alarms.filter(device=OuterRef("pk")))
    found = Findings()
    for device in Device.objects.filter(profile=current).order_by(had.desc(), "pk").values_list("pk", flat=True):
        rows = _readings(device, since, now, MOST_READINGS - found.readings + 1)
        count = _Count()
        zero = baselines_of([device]).get(device, {}) if old.relative or new.relative else {}
        spans = _spans(_samples(count.counting(rows)), (old, new), now, zero)
        if found.readings + count.number > MOST_READINGS:
            found.cut = True
            break
        found.devices += 1
        found.readings += count.number
        _add(found, *spans, confirmed.get(device, []))
    return found


def _confirmed(alarms) -> dict[int, list[Alarm]]:
    """Return the occurrences that people found true, by device: their case was handled and closed.

    That a device fell silent is not read out of readings, so no draft can lose it.
    """
    kept = defaultdict(list)
    rows = alarms.filter(case__state=CaseState.CLOSED, late=False).exclude(alarm_type=OFFLINE)
    for alarm in rows.order_by("raised_at"):
        kept[alarm.device_id].append(alarm)
    return kept


def _readings(device: int, since: datetime, until: datetime, most: int) -> Iterator[tuple]:
    rows = Reading.objects.filter(device_id=device, at__gte=since, at__lte=until).order_by("at", "metric")
    return rows.values_list("at", "metric", "value", "text")[:most].iterator(chunk_size=5_000)


class _Count:
    """Counts what passes through."""

    def __init__(self):
        self.number = 0

    def counting(self, rows: Iterable) -> Iterator:
        for row in rows:
            self.number += 1
            yield row


def _samples(rows: Iterable[tuple]) -> Iterator[Sample]:
    """Put the readings of one moment together again: what one message said."""
    at, status, metrics = None, None, {}
    for moment, metric, value, text in rows:
        if moment != at:
            if at is not None:
                yield at, status, metrics
            at, status, metrics = moment, None, {}
        if metric == STATUS:
            status = text
        else:
            metrics[metric] = value
    if at is not None:
        yield at, status, metrics


def _spans(samples: Iterable[Sample], both: tuple[Rules, Rules], now: datetime, zero: dict[str, float]
           ) -> tuple[Spans, Spans]:  # fmt: skip
    old, new = (_Player(rules, zero) for rules in both)
    for at, status, metrics in samples:
        old.take(at, status, metrics)
        new.take(at, status, metrics)
    return old.finish(now), new.finish(now)


class _Player:
    """Plays the samples of one device through one set of rules."""

    def __init__(self, rules: Rules, zero: dict[str, float]):
        self.rules, self.zero, self.tracks, self.spans = rules, zero, {}, defaultdict(list)

    def take(self, at: datetime, status: str | None, metrics: dict[str, float]) -> None:
        """Judge one sample, newer than the ones before; figures that cannot be are not judged."""
        if bad := self.rules.impossible(metrics):
            metrics = {name: value for name, value in metrics.items() if name not in bad}
        metrics = relative(metrics, self.rules.relative, self.zero) if self.rules.relative else metrics
        if not self.tracks and self.rules.calm(status, metrics):
            return
        for word in sorted(self.tracks.keys() | set(self.rules.raised_by(status, metrics))):
            track = self.tracks.setdefault(word, Track(self.rules.alarm(word)))
            self._turns(word, track, track.take(self.rules.verdict(word, status, metrics), at))
            if track.phase is Phase.QUIET and not track.window:
                del self.tracks[word]

    def finish(self, now: datetime) -> Spans:
        """Let delays end that do so without another sample; return the occurrences."""
        for word, track in self.tracks.items():
            self._turns(word, track, track.elapse(now))
        return self.spans

    def _turns(self, word: str, track: Track, turns) -> None:
        known = self.spans[word]
        for turn, at in turns:
            if turn is Turn.RAISED:
                if known and known[-1][1] >= at - track.rule.reopen_window:
                    known[-1][1] = None
                else:
                    known.append([at, None])
            elif turn in (*OVER, Turn.NORMAL):
                known[-1][1] = at
                track.phase = Phase.QUIET  # what is latched counts as looked at


def _add(found: Findings, were: Spans, would: Spans, confirmed: list[Alarm]) -> None:
    for counter, spans in ((found.were, were), (found.would, would)):
        counter.update({word: len(known) for word, known in spans.items() if known})
    for alarm in confirmed:
        found.confirmed[alarm.alarm_type] += 1
        if not any(_meets(span, alarm) for span in would.get(alarm.alarm_type, ())):
            found.lost[alarm.alarm_type] += 1
            found.lost_alarms.append(alarm.pk)


def _meets(span: list, alarm: Alarm) -> bool:
    """Whether an occurrence of the trial and a real one share a moment."""
    begins, ends = span
    return (alarm.cleared_at is None or begins <= alarm.cleared_at) and (ends is None or ends >= alarm.raised_at)
