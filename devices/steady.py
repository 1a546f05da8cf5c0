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
from devices.alarm_writes import REPEAT_EVERY
from devices.alarms import PHASES, Deadline
from devices.messages import Sample
from devices.models import OFFLINE
from devices.rules import Rules
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
            if one.track.due_at is not None:
                found.deadlines.append(Deadline.of((device, one.row.alarm_type), one.track, received_at))
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
        if not rules.calm(fresh.status, fresh.metrics) and not going.keys() >= set(
            rules.raised_by(fresh.status, fresh.metrics)
        ):
            return None
        if not all(one.goes_on(fresh) for one in going.values()):
            return None
    return [one for one in going.values() if one.count > one.row.count]


class _Going:
    """An open occurrence while nothing happens to it."""

    def __init__(self, row: Standing, rules: Rules):
        self.row, self.rules, self.last_at, self.count = row, rules, row.last_at, row.count
        self.track = Track(
            rules.alarm(row.alarm_type), PHASES[row.condition], row.asserted, row.exceeded, row.critical, row.since, "",
            row.last_at,
        )  # fmt: skip

    def goes_on(self, sample: Sample) -> bool:
        """Take up a sample; tell whether the occurrence is as before but for being told of again."""
        before = self._state()
        verdict = self.rules.verdict(self.row.alarm_type, sample.status, sample.metrics)
        for turn, at in self.track.take(verdict, sample.at):
            if turn is not Turn.REPEATED or not self._tells_nobody(at):
                return False
            self.last_at, self.count = max(self.last_at, at), self.count + 1
        return self._state() == before

    def _state(self) -> tuple:
        track = self.track
        return track.phase, track.asserted, track.exceeded, track.critical, track.since

    def _tells_nobody(self, at: datetime) -> bool:
        """Whether a repetition concerns no case, or one that was told of the same a moment ago."""
        row = self.row
        if row.case_state is None:
            return True
        if row.case_merged or row.case_state == CaseState.CLOSED:
            return False
        return row.case_state not in OPEN or (row.noted_at is not None and at - row.noted_at < REPEAT_EVERY)
