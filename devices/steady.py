"""Devices whose alarms go on as they are: nearly all that abnormal devices say, nearly always.

A sample that only repeats what holds already changes how often and when its occurrences were last reported, nothing
else. It is judged here by the same ``devices.tracks``, without the alarm book and its rows. As soon as anything else
might come of a batch for a device, all the device said goes to the book, which decides alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cases.models import CaseState
from cases.workflow import OPEN
from devices.alarm_changes import Deadline
from devices.alarm_writes import REPEAT_EVERY
from devices.alarms import PHASES
from devices.messages import Sample
from devices.models import OFFLINE, Condition
from devices.rules import Judgement, Rules, critical, judge
from devices.store import Standing
from devices.tracks import Track, Turn

Parted = tuple[Sample | None, Sample | None]  # of one sample, what is newer than all known and what is history


@dataclass
class Steady:
    """What a batch comes to: samples for the alarm book, (id, newest time, count) of occurrences told of again, and
    when those of them end that are over by themselves."""

    booked: list[Parted]
    repeated: list[tuple[int, datetime, int]]
    deadlines: list[Deadline]


def steady(heard: Iterable[Parted], standing: Mapping[int, list[Standing]], pending: set[int],
           rules: Mapping[int, Rules], received_at: datetime) -> Steady:  # fmt: skip
    """Part a batch. ``heard`` in the order of times; ``standing``: the open occurrences by device; ``pending``: devices
    with an alarm that is none yet."""
    said: dict[int, list[Parted]] = defaultdict(list)
    for parts in heard:
        said[(parts[0] or parts[1]).device_id].append(parts)
    found = Steady([], [], [])
    for device, samples in said.items():
        repeated = None if device in pending else _repeated(samples, standing.get(device, ()), rules[device])
        if repeated is None:
            found.booked += samples
            continue
        for one in repeated:
            found.repeated.append((one.row.pk, one.last_at, one.count))
            if one.momentary:
                found.deadlines.append(Deadline.of((device, one.row.alarm_type), one.track(), received_at))
    found.booked.sort(key=lambda parts: (parts[0] or parts[1]).at)
    return found


def _repeated(samples: list[Parted], standing: Iterable[Standing], rules: Rules) -> "list[_Going] | None":
    """Return the occurrences of a device that were told of again, or None: the book has to decide."""
    going = {row.alarm_type: _Going(row, rules) for row in standing}
    if OFFLINE in going:
        return None
    for fresh, late in samples:
        if late is not None and not rules.calm(late.status, late.metrics):
            return None
        if fresh is None:
            continue
        if not rules.raises_only(going, fresh.status, fresh.metrics):
            return None
        if not all(one.goes_on(fresh) for one in going.values()):
            return None
    return [one for one in going.values() if one.count > one.row.count]


class _Going:
    """An open occurrence while nothing happens to it."""

    def __init__(self, row: Standing, rules: Rules):
        self.row, self.rules, self.last_at, self.count = row, rules, row.last_at, row.count
        self.rule, self.limit = rules.alarm(row.alarm_type), rules.limits.get(row.alarm_type)
        self.heard_at = row.last_at  # the newest abnormal sample
        self.momentary = self.rule.over_after is not None

    def goes_on(self, sample: Sample) -> bool:
        """Take up a sample; tell whether the occurrence is as before but for being told of again."""
        if self._plainly_repeated(sample):
            self.heard_at = max(self.heard_at, sample.at)
            return self._repeat(sample.at)
        row = self.row
        if row.asserted and row.case_state == CaseState.CLOSED and not self.momentary:
            return False  # it may be another occurrence
        track = self.track()
        before = track.phase, track.asserted, track.exceeded, track.critical, track.since
        verdict = self.rules.verdict(self.row.alarm_type, sample.status, sample.metrics)
        for turn, at in track.take(verdict, sample.at):
            if turn is not Turn.REPEATED or not self._repeat(at):
                return False
        self.heard_at = track.last_at
        return before == (track.phase, track.asserted, track.exceeded, track.critical, track.since)

    def _plainly_repeated(self, sample: Sample) -> bool:
        """Whether a sample only says again what alone holds the occurrence, told without a track (``Track._go_on``)."""
        row, limit = self.row, self.limit
        if row.condition != Condition.ACTIVE or self.momentary or row.asserted == row.exceeded:
            return False
        value = sample.metrics.get(limit.metric) if limit is not None else None
        if row.asserted:
            return sample.status == row.alarm_type and value is None
        return (
            sample.status is None and value is not None and judge(limit, value) is Judgement.ABNORMAL
            and critical(limit, value) == row.critical
        )  # fmt: skip

    def track(self) -> Track:
        """Return the occurrence's track as it stands: nothing but its newest abnormal sample has changed."""
        row = self.row
        return Track(
            self.rule, PHASES[row.condition], row.asserted, row.exceeded, row.critical, row.since, "", self.heard_at
        )  # fmt: skip

    def _repeat(self, at: datetime) -> bool:
        """Count a repetition; tell whether it concerns no case, or one that was told of the same a moment ago."""
        self.last_at, self.count = max(self.last_at, at), self.count + 1
        row = self.row
        if row.case_state is None:
            return True
        if row.case_merged or row.case_state == CaseState.CLOSED:
            return False
        return row.case_state not in OPEN or (row.noted_at is not None and at - row.noted_at < REPEAT_EVERY)
