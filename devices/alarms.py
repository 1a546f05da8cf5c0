"""What samples do to alarms: raise, repeat, bring back, clear, add to history. Written by ``alarm_writes``.

One occurrence opens one case. A repetition and a return add evidence to it; clearing adds evidence and never closes
it. An occurrence whose case was closed while the condition went on is over: the next abnormal sample begins a new one
with a new case, because otherwise nobody would look at what was not put right. What a device has said stands until it
takes it back: while it does, any sample is abnormal in this sense.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import attrgetter

from django.db.models import Q

from cases.models import Case, CaseState
from cases.workflow import OPEN
from devices.alarm_changes import Change, Deadline, Key
from devices.messages import Sample
from devices.models import OFFLINE, Alarm, Condition, PendingAlarm
from devices.rules import Rules, Verdict
from devices.tracks import OVER, Phase, Track, Turn

PHASES = {
    Condition.ACTIVE: Phase.ACTIVE,
    Condition.CLEARING: Phase.CLEARING,
    Condition.AWAITING: Phase.AWAITING,
}
# What an occurrence keeps of its track.
KEPT = ("condition", "asserted", "exceeded", "critical", "since", "lasts_from")
_kept = attrgetter(*KEPT)
CONDITIONS = {phase: condition for condition, phase in PHASES.items()}


class AlarmBook:
    """The alarms of some devices, kept in step while samples are read in order of their times.

    ``rules`` are by device id (the devices are locked); ``since`` is the time of the earliest sample. Loading takes two
    statements. ``changes``, ``deadlines`` and ``pending`` are what there is to write.
    """

    def __init__(self, rules: dict[int, Rules], *, received_at: datetime, since: datetime):
        self.rules, self.received_at = rules, received_at
        self.tracks: dict[int, dict[str, Track]] = defaultdict(dict)
        self.alarms: dict[Key, Alarm] = {}
        self.over: dict[Key, list[Alarm]] = defaultdict(list)
        self.pending: dict[Key, PendingAlarm] = {}
        self.changes: list[Change] = []
        self.deadlines: dict[Key, Deadline] = {}
        self.dirty: dict[int, Alarm] = {}
        self.activated: dict[int, Alarm] = {}  # what begins or comes back so that it counts for chattering
        self.repeated: dict[int, Alarm] = {}  # nothing but reported again: the most frequent change by far
        self._load(since)

    def _load(self, since: datetime) -> None:
        longest = max((rule.reopen_window for rules in self.rules.values() for rule in rules.alarms.values()),
                      default=timedelta())  # fmt: skip
        longest = max([longest, *(_chatter_window(rules) for rules in self.rules.values())])
        pending = list(PendingAlarm.objects.filter(device__in=self.rules))
        # A delay that runs may end before the first sample of the batch, or long before the clock says so.
        since = min([since, *(row.since for row in pending if row.since)])
        recent = Q(cleared_at=None) | Q(cleared_at__gte=since - longest)
        rows = Alarm.objects.filter(recent, device__in=self.rules).select_related("case__merged_into")
        for alarm in rows.order_by("raised_at", "id"):
            if alarm.case is not None:  # merged a moment ago: its row follows (``alarm_rows.alarms_follow``)
                alarm.case = alarm.case.merged_into or alarm.case
            if alarm.active:
                self._remember_open(alarm)
            else:
                self.over[alarm.device_id, alarm.alarm_type].append(alarm)
        for row in pending:
            key = row.device_id, row.alarm_type
            self.pending[key] = row
            phase = Phase.PENDING if row.since else Phase.QUIET
            rule = self.rules[row.device_id].alarm(row.alarm_type)
            self.tracks[row.device_id][row.alarm_type] = Track(rule, phase, since=row.since, window=row.window)

    def _remember_open(self, alarm: Alarm) -> None:
        key = alarm.device_id, alarm.alarm_type
        self.alarms[key] = alarm
        self.tracks[key[0]][key[1]] = Track(
            self.rules[key[0]].alarm(key[1]), PHASES[alarm.condition], alarm.asserted, alarm.exceeded, alarm.critical,
            alarm.since, "", alarm.last_at, alarm.lasts_from,
        )  # fmt: skip

    def read(self, *, fresh: Sample | None, late: Sample | None) -> None:
        """Take up one sample, parted into what is newer than all known of it and what is history."""
        if fresh is not None:
            rules, tracks = self.rules[fresh.device_id], self.tracks.get(fresh.device_id)
            if tracks and OFFLINE in tracks and tracks[OFFLINE].phase is Phase.ACTIVE:
                self._count_anew(fresh.device_id, self.alarms[fresh.device_id, OFFLINE])
            if tracks or not rules.calm(fresh.status, fresh.metrics):
                known = (tracks or {}).keys() - {OFFLINE}
                for alarm_type in sorted(known | set(rules.raised_by(fresh.status, fresh.metrics))):
                    self._take(alarm_type, rules.verdict(alarm_type, fresh.status, fresh.metrics), fresh)
            if tracks and OFFLINE in tracks:
                # On our own clock, as it was raised: whatever time the device has, it is heard now.
                self.assert_now((fresh.device_id, OFFLINE), False, self.received_at)
        if late is not None:
            rules = self.rules[late.device_id]
            for alarm_type in rules.raised_by(late.status, late.metrics):
                self._add_history(alarm_type, rules.verdict(alarm_type, late.status, late.metrics), late)

    def _count_anew(self, device: int, offline: Alarm) -> None:
        """Let what is over by itself, and was not before its device was silent, count from now, when that is heard:
        communication lost clears nothing (domain/devices.md)."""
        for alarm_type, track in self.tracks[device].items():
            if track.phase is Phase.ACTIVE and track.delay is not None and track.due_at >= offline.last_at:
                key, track.anew = (device, alarm_type), self.received_at
                self._mirror(key, track)
                self.deadlines[key] = Deadline.of(key, track, self.received_at)

    def _silent(self, device: int, at: datetime) -> bool:
        """Whether a device was known to be silent at a moment, and still is."""
        track, alarm = self.tracks[device].get(OFFLINE), self.alarms.get((device, OFFLINE))
        return alarm is not None and track.phase is Phase.ACTIVE and alarm.last_at <= at

    def elapse(self, key: Key) -> None:
        """Let the running delay of a device's alarm type end; nothing where none runs.

        One that a newer version of the profile has made longer is waited for. What is over by itself is not while its
        device is silent; it counts anew when that is heard.
        """
        track = self.tracks[key[0]].get(key[1])
        if track is None or track.due_at is None:
            return
        if track.due_at > self.received_at:
            self.deadlines[key] = Deadline(key, track.due_at)
        elif not (track.phase is Phase.ACTIVE and self._silent(key[0], track.due_at)):
            for turn, at in track.elapse(track.due_at):
                self._turn(turn, key, track, at, None, None)
            self._keep(key, track, None)

    def assert_now(self, key: Key, asserted: bool, at: datetime) -> None:
        """Take up what the product itself finds about a device (``offline``), as if the device had said it."""
        track = self.tracks[key[0]].get(key[1]) or Track(self.rules[key[0]].alarm(key[1]))
        verdict = Verdict(asserted, None, None)
        for turn, moment in track.take(verdict, at):
            self._turn(turn, key, track, moment, verdict, None)
        self._keep(key, track, None)

    def _take(self, alarm_type: str, verdict: Verdict, sample: Sample) -> None:
        key = sample.device_id, alarm_type
        track = self.tracks[key[0]].get(alarm_type) or Track(self.rules[key[0]].alarm(alarm_type))
        before = track.phase, track.due_at
        for turn, at in track.take(verdict, sample.at):
            self._turn(turn, key, track, at, verdict, sample)
        if track.stands_by_word and not verdict.abnormal and closed_before(self.alarms[key].case, sample.at):
            track.last_at = sample.at  # heard, it does not take back what it said: nobody put that right
            self._anew(key, track, sample.at, verdict, sample)
        self._keep(key, track, sample, begun=(track.phase, track.due_at) != before, value=verdict.value)

    def _keep(self, key: Key, track: Track, sample: Sample | None, *, begun: bool = False, value=None) -> None:
        """Keep the track's state: in its occurrence, or as pending; set a deadline for a delay that began."""
        self.tracks[key[0]][key[1]] = track
        if track.occurring:
            self._mirror(key, track)
        elif track.phase is Phase.QUIET and not track.window:
            self.tracks[key[0]].pop(key[1])
        if begun and track.due_at is not None:
            self.deadlines[key] = Deadline.of(key, track, self.received_at)
        self._keep_pending(key, track, sample, value)

    def _keep_pending(self, key: Key, track: Track, sample: Sample | None, value: float | None) -> None:
        row = self.pending.get(key)
        if track.occurring or (track.phase is Phase.QUIET and not track.window):
            if row is not None:
                row.since, row.window = None, ""  # nothing is pending: to be deleted
            return
        if row is None:
            row = self.pending[key] = PendingAlarm(device_id=key[0], alarm_type=key[1])
        if sample is not None and (row.received_at is None or (track.since is not None and row.since is None)):
            row.device_at, row.received_at, row.value = sample.device_at, self.received_at, value
        row.since, row.window = track.since, track.window

    def _mirror(self, key: Key, track: Track) -> None:
        alarm = self.alarms[key]
        state = CONDITIONS[track.phase], track.asserted, track.exceeded, track.critical, track.since, track.anew
        if state != _kept(alarm):
            vars(alarm).update(zip(KEPT, state, strict=True))
            self._changed(alarm)

    def _turn(self, turn: Turn, key: Key, track: Track, at: datetime, verdict, sample: Sample | None) -> None:
        """Do to the occurrence what the track tells."""
        if turn is Turn.RAISED:
            self._begin(key, track, at, verdict, sample)
        elif turn in (Turn.REPEATED, Turn.RESUMED, Turn.RELAPSED):
            self._again(turn, key, track, at, verdict, sample)
        elif turn in OVER or (turn is Turn.NORMAL and closed(self.alarms[key].case)):
            # Of a latched alarm whose case is closed somebody has looked already.
            track.phase = Phase.QUIET
            alarm = self.alarms.pop(key)
            # That it was not told of again no sample says, least of all the one that comes next.
            told = ("lapsed", None) if turn is Turn.LAPSED else ("cleared", sample)
            self._end(alarm, max(at, alarm.last_at), *told)
        else:
            alarm = self.alarms[key]
            if turn is Turn.SEVERITY:
                alarm.severity = track.severity
            self._note(turn.value, alarm, at, sample)

    def _begin(self, key: Key, track: Track, at: datetime, verdict: Verdict | None, sample: Sample | None) -> None:
        """The condition holds and was not active: the same occurrence soon after clearing, else a new one."""
        alarm = self._to_bring_back(key, at, track.rule.reopen_window)
        if alarm is None:
            self._raise(key, track, at, verdict, sample)
            return
        self.over[key].remove(alarm)
        self.alarms[key] = alarm
        alarm.cleared_at = None
        alarm.last_at, alarm.count, alarm.severity = max(alarm.last_at, at), alarm.count + 1, track.severity
        track.last_at = alarm.last_at
        self._activated(alarm, alarm.activations, at)
        self._note("returned", alarm, at, sample)

    def _to_bring_back(self, key: Key, at: datetime, window: timedelta) -> Alarm | None:
        """Return the occurrence that ended less than the window ago and whose case still waits to be closed."""
        for alarm in reversed(self.over[key]):
            if not alarm.late and alarm.cleared_at >= at - window and is_open(alarm.case):
                return alarm
        return None

    def _raise(self, key: Key, track: Track, at: datetime, verdict, sample: Sample | None) -> None:
        alarm = self.alarms[key] = self._new(key, at, verdict, sample)
        before = next((over.activations for over in reversed(self.over[key]) if not over.late), [])
        self._activated(alarm, before, at)
        alarm.severity, alarm.critical = track.severity, track.critical
        self._note("raised", alarm, at, sample, new=True)

    def _activated(self, alarm: Alarm, before: list[datetime], at: datetime) -> None:
        """Keep when the condition began to hold, as many and as long as tells whether the alarm chatters."""
        rules = self.rules[alarm.device_id]
        most, since = rules.profile.chatter_count, at - _chatter_window(rules)
        alarm.activations = [*(one for one in before if since < one), at][-most:] if most else []
        self.activated[id(alarm)] = alarm

    def _again(self, turn: Turn, key: Key, track: Track, at: datetime, verdict, sample: Sample) -> None:
        alarm = self.alarms[key]
        if closed_before(alarm.case, at):
            self._anew(key, track, at, verdict, sample)
            return
        alarm.last_at, alarm.count = max(alarm.last_at, at), alarm.count + 1
        if turn is Turn.RELAPSED:
            alarm.severity = track.severity  # as it is now: what was before the condition was normal is past
            if track.rule.raises_at_once(verdict):
                self._activated(alarm, alarm.activations, at)
        # One that begins or comes back in this batch may be about to open a case.
        if turn is Turn.REPEATED and alarm.case is None and alarm.pk and id(alarm) not in self.dirty:
            self.repeated[id(alarm)] = alarm
        else:
            self._note(turn.value, alarm, at, sample)

    def _anew(self, key: Key, track: Track, at: datetime, verdict: Verdict, sample: Sample) -> None:
        """What still holds after its case was closed is another occurrence."""
        alarm = self.alarms[key]
        self._end(alarm, max(alarm.case.closed_at, alarm.last_at), "ended", sample)
        self._raise(key, track, at, verdict, sample)

    def _end(self, alarm: Alarm, at: datetime, turn: str, sample: Sample | None) -> None:
        alarm.condition, alarm.cleared_at, alarm.since, alarm.lasts_from = Condition.CLEARED, at, None, None
        alarm.asserted = alarm.exceeded = alarm.critical = False
        self.over[alarm.device_id, alarm.alarm_type].append(alarm)
        self._note(turn, alarm, at, sample)

    def open_of(self, device: int) -> list[Alarm]:
        """Return the occurrences of a device that are not over."""
        return [alarm for (pk, _type), alarm in self.alarms.items() if pk == device]

    def hold(self, alarm: Alarm, why: str, at: datetime) -> None:
        """Hold an occurrence back for a reason, or (empty) no more: then it is dispatched if it was not."""
        if alarm.inhibited == why:
            return
        alarm.inhibited = why
        if why:
            self._changed(alarm)
        else:
            self._note("released", alarm, at, None)

    def verified(self, key: Key, at: datetime) -> None:
        """Somebody has looked: an occurrence that waited for it is over."""
        self.end(key, "verified", at)

    def end(self, key: Key, turn: str, at: datetime) -> None:
        """An occurrence is over for a reason of ours."""
        alarm = self.alarms.pop(key)
        self.tracks[key[0]].pop(key[1])
        self._end(alarm, max(at, alarm.last_at), turn, None)

    def lift(self, key: Key, at: datetime) -> bool:
        """The limit that holds an occurrence is none any more: it is over, unless the device's word holds it too."""
        track = self.tracks[key[0]][key[1]]
        if not track.asserted:
            self.end(key, "unlimited", at)
            return True
        track.exceeded = track.critical = False
        self._mirror(key, track)
        return False

    def drop_pending(self) -> None:
        """Nothing is pending any more."""
        for row in self.pending.values():
            row.since, row.window = None, ""

    def _new(self, key: Key, at: datetime, verdict: Verdict | None, sample: Sample | None) -> Alarm:
        """Return a new occurrence; one that was pending has the times and the figure of its first sample."""
        pending = self.pending.get(key)
        value, device_at, received_at = None, at, self.received_at
        if pending is not None and pending.since is not None:
            value, device_at, received_at = pending.value, pending.device_at, pending.received_at
        elif sample is not None:
            value, device_at = verdict.value, sample.device_at
        return Alarm(
            device_id=key[0], alarm_type=key[1], severity=self.rules[key[0]].alarm(key[1]).severity,
            device_at=device_at, received_at=received_at, raised_at=at, last_at=at, value=value,
        )  # fmt: skip

    def _add_history(self, alarm_type: str, verdict: Verdict, sample: Sample) -> None:
        """A late abnormal sample: part of an occurrence we know, of the nearest late one, or a late one of its own."""
        key = sample.device_id, alarm_type
        known, window = self.over[key], self.rules[key[0]].alarm(alarm_type).reopen_window
        active = self.alarms.get(key)
        if (active and active.raised_at <= sample.at) or any(_spans(alarm, sample.at) for alarm in known):
            return
        near = [alarm for alarm in known if alarm.late and _distance(alarm, sample.at) <= window]
        if near:
            # The nearest, then the earliest: whatever else came in the same batch.
            alarm = min(near, key=lambda one: (_distance(one, sample.at), one.raised_at, one.cleared_at))
            alarm.raised_at = min(alarm.raised_at, sample.at)
            alarm.last_at = alarm.cleared_at = max(alarm.cleared_at, sample.at)
            alarm.count += 1
            self._changed(alarm)
            return
        alarm = self._new(key, sample.at, verdict, sample)
        alarm.value, alarm.device_at, alarm.received_at = verdict.value, sample.device_at, self.received_at
        alarm.late, alarm.condition, alarm.cleared_at = True, Condition.CLEARED, sample.at
        known.append(alarm)
        self.changes.append(Change("history", alarm, sample.at, new=True))

    def _note(self, turn: str, alarm: Alarm, at: datetime, sample: Sample | None, *, new: bool = False) -> None:
        change = Change(turn, alarm, at, new=new, count=alarm.count, severity=alarm.severity)
        if sample is not None:
            change.status, change.metrics = sample.status, sample.metrics
        elif alarm.value is not None:
            limit = self.rules[alarm.device_id].limits.get(alarm.alarm_type)
            change.metrics = {limit.metric: alarm.value} if limit else {}
        self.changes.append(change)
        self._changed(alarm)

    def _changed(self, alarm: Alarm) -> None:
        self.dirty[id(alarm)] = alarm

    def touched(self) -> Iterable[Alarm]:
        """Return the occurrences whose rows are to be written."""
        return self.dirty.values()


def _chatter_window(rules: Rules) -> timedelta:
    return timedelta(seconds=rules.profile.chatter_window if rules.profile.chatter_count else 0)


def _spans(alarm: Alarm, at: datetime) -> bool:
    return not alarm.late and alarm.raised_at <= at <= alarm.cleared_at


def _distance(alarm: Alarm, at: datetime) -> timedelta:
    """Return how far a time lies outside of an occurrence that is over."""
    return max(alarm.raised_at - at, at - alarm.cleared_at, timedelta())


def is_open(case: Case | None) -> bool:
    """Whether somebody still has to do something about the case; an alarm that opens none is open while it lasts."""
    return case is None or case.state in OPEN


def closed(case: Case | None) -> bool:
    """Whether there is a case and it was closed."""
    return case is not None and case.state == CaseState.CLOSED


def closed_before(case: Case | None, at: datetime) -> bool:
    """Whether the case was closed before ``at``."""
    return closed(case) and case.closed_at < at
