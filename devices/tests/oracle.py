"""A plain second opinion on the alarm rules: one cover, no database, no cleverness.

Written from domain/devices.md: limits 15 and 10 for ``tilt`` → ``tilted``, with delays, N of M, a critical limit and
latching as ``Tilt`` says; status words tilted, missing (which may be a single event, over by itself), normal, and
others, which are never judged and make nothing before them history. Times are minutes; a message may claim a time ahead
of ``now`` (more than 5 minutes: ours is used). What people do and what holds alarms back: ``oracle_people``.
"""

from dataclasses import dataclass, field

from devices.tests.oracle_people import Occurrence, People

TINY = 1 / 60_000_000  # a microsecond, in minutes
WINDOW = 30
HIGH, CLEAR = 15, 10
# Words that say nothing about alarms: one the profile does not know, and that the device does not know.
OTHER_WORDS = ("dancing", "unknown")


@dataclass
class Tilt:
    """How alarms ``tilted`` are raised and cleared; ``critical`` None: there is no such limit. ``zero``: where it
    is not 0 the distance from it is judged, not the tilt itself. ``over``: how long ``missing`` stands after it was
    last said, if it does not stand until ``normal``; ``looked_at``: it is latched."""

    on: float = 0
    off: float = 0
    needed: int = 1
    of: int = 1
    latched: bool = False
    critical: float | None = None
    zero: float = 0
    over: float | None = None
    looked_at: bool = False


@dataclass
class Delay:
    """A delay that runs: when it ends by the samples, when it ends if none comes, the first sample's times."""

    due: float
    fires: float
    first: tuple[float, float] = (0, 0)


@dataclass
class Oracle(People):
    """Feed it batches with ``send`` and time with ``advance``; its fields say what must be stored."""

    tilt: Tilt = field(default_factory=Tilt)
    readings: dict = field(default_factory=dict)  # (name, time) → value
    claims: set = field(default_factory=set)  # (name, time as claimed)
    latest: dict = field(default_factory=dict)  # name → (time, value)
    judged: dict = field(default_factory=dict)  # name → time of the newest that says something about alarms
    status: str = "unknown"
    skewed: bool = False
    window: list = field(default_factory=list)
    pending: Delay | None = None
    clearing: Delay | None = None
    lapse: Delay | None = None
    saying: tuple[float, float] = (0, 0)  # what the device said of the time of the sample in hand, when it came in

    def send(self, now: float, batch: list[tuple[float, str | None, float | None]]) -> tuple[int, int]:
        """Take messages (time, status, tilt); return how many were accepted and how many were duplicates."""
        self.now = now
        believed = [time for time, _status, _tilt in batch if time <= now + 5]
        placed, newest = [], max([*believed, *(time for time, _value in self.latest.values())], default=None)
        for place, (time, status, tilt) in sorted(enumerate(batch), key=lambda item: (item[1][0], item[0])):
            at, ahead = time, time > now + 5
            if ahead:
                at = now if newest is None else max(now, newest + TINY)
                newest = at
            news = {}
            for name, value in (("status", status), ("tilt", tilt)):
                if value is None or (name, time) in self.claims or (name, at) in self.readings:
                    continue
                self.readings[name, at] = news[name] = value
                if ahead:
                    self.claims.add((name, time))
            if news:
                placed.append((at, place, time, news))
        for at, _place, time, news in sorted(placed, key=lambda item: item[:2]):
            self.saying = (time, now)
            self.take(at, time > now + 5, news)
        return len(placed), len(batch) - len(placed)

    def advance(self, now: float) -> None:
        """Let the delays, shelves and maintenances end that end by then, in the order in which they do."""
        while True:
            ends = [(one.fires, self.end_delay) for one in (self.pending, self.clearing) if one is not None]
            ends += [(self.lapse.fires, self.end_in_time)] if self.lapse is not None else []
            ends += [(until, lambda kind=kind: self.end_shelf(kind)) for kind, until in self.shelves.items()]
            ends += [(self.maintained, self.serve)] if self.maintained is not None else []
            self.now, end = min(ends, key=lambda one: one[0], default=(now, None))
            if end is None or self.now > now:
                self.now = now
                return
            end()

    def end_shelf(self, kind):
        del self.shelves[kind]
        self.look_anew()

    def end_lapse(self):
        at, self.lapse = self.lapse.due, None
        self.normal(self.open_of("missing"), at)

    def end_in_time(self):
        """A single event ends by the clock, unless its device was found silent before: then once that is heard."""
        silent = self.open_of("offline")
        if silent and silent.last <= self.lapse.due:
            self.lapse = None
        else:
            self.end_lapse()

    def heard_again(self):
        """A single event that was not over before its device was silent counts from now."""
        silent, alarm = self.open_of("offline"), self.open_of("missing")
        single = alarm and alarm.condition == "active" and self.tilt.over is not None
        if silent and single and self.last_of(alarm) + self.tilt.over >= silent.last:
            alarm.lasts_from = self.now
            due = self.last_of(alarm) + self.tilt.over
            self.lapse = Delay(due, max(due, self.now + self.tilt.over))

    @staticmethod
    def last_of(alarm):
        return alarm.last if alarm.lasts_from is None else max(alarm.last, alarm.lasts_from)

    def take(self, at, ahead, news):
        newest, fresh, late = {}, {}, {}
        for name, value in news.items():
            if name not in self.latest or at > self.latest[name][0]:
                self.latest[name] = (at, value)
                newest[name] = value
            if value not in OTHER_WORDS:
                (fresh if self.is_fresh(name, at) else late)[name] = value
        if newest.get("status"):
            self.status = newest["status"]
        if ahead or newest:
            self.skewed = ahead
        fresh, late = self.from_zero(fresh), self.from_zero(late)
        if fresh or newest:
            self.hear(at, fresh)
        for kind in ("missing", "tilted"):
            if self.abnormal(kind, late):
                self.history(kind, at)

    def is_fresh(self, name, at) -> bool:
        if name in self.judged and at <= self.judged[name]:
            return False
        self.judged[name] = at
        return True

    def hear(self, at, said):
        self.heard_again()
        for kind in ("missing", "tilted"):
            self.judge(kind, at, said)
        self.seen = self.now
        if self.open_of("offline"):
            self.normal(self.open_of("offline"), self.now)

    def from_zero(self, said):
        return said | {"tilt": abs(said["tilt"] - self.tilt.zero)} if "tilt" in said else said

    @staticmethod
    def abnormal(kind, said) -> bool:
        return said.get("status") == kind or (kind == "tilted" and said.get("tilt", 0) >= HIGH)

    def is_critical(self, said) -> bool:
        return self.tilt.critical is not None and said.get("tilt", 0) >= self.tilt.critical

    def judge(self, kind, at, said):
        if kind == "tilted":
            for delay in (self.pending, self.clearing):
                if delay is not None and delay.due <= at:
                    self.end_delay()
        elif self.lapse is not None and self.lapse.due <= at:
            self.end_lapse()
        active = self.open_of(kind)
        if active:
            self.go_on(active, at, said)
        elif said.get("status") == kind:
            self.begin(kind, at, said)
        elif kind == "tilted" and "tilt" in said:
            self.measure(at, said)
        if kind == "missing":
            self.lasts(said)

    def lasts(self, said):
        """A single event lasts from when it was last told of."""
        alarm = self.open_of("missing")
        if alarm is None or alarm.condition != "active":
            self.lapse = None
        elif self.tilt.over is not None and said.get("status") == "missing":
            due = self.last_of(alarm) + self.tilt.over
            self.lapse = Delay(due, max(due, self.now + self.tilt.over))

    def measure(self, at, said):
        """A figure while nothing is wrong yet."""
        past = said["tilt"] >= HIGH
        self.window = [*self.window, past][-self.tilt.of :]
        if said["tilt"] <= CLEAR:
            self.pending = None
        if past and self.is_critical(said):
            self.begin("tilted", at, said)
        elif past and self.pending is None and sum(self.window) >= self.tilt.needed:
            if self.tilt.on:
                self.pending = Delay(at + self.tilt.on, max(at, self.now) + self.tilt.on, self.saying)
            else:
                self.begin("tilted", at, said)

    def end_delay(self):
        if self.pending is not None:
            self.begin("tilted", self.pending.due, {"tilt": HIGH})
        else:
            at, self.clearing = self.clearing.due, None
            self.normal(self.open_of("tilted"), at)

    def go_on(self, alarm, at, said):
        limited = alarm.limit
        self.hold(alarm, said, at)
        if alarm.type == "tilted" and "tilt" in said and alarm.critical != self.is_critical(said):
            alarm.critical = not alarm.critical
            alarm.severity = "high" if alarm.critical else "medium"
            self.told["severity_changed"] += 1
            if alarm.critical:
                self.is_news(alarm)
            self.note(alarm, at, now_and_then=True, whenever=True)
        if not alarm.word and not alarm.limit:
            if alarm.condition != "active":
                return
            if limited and self.tilt.off and alarm.type == "tilted":
                alarm.condition = "clearing"
                self.clearing = Delay(at + self.tilt.off, max(at, self.now) + self.tilt.off)
            else:
                self.normal(alarm, at)
        elif self.abnormal(alarm.type, said):
            self.again(alarm, at, said)
        elif alarm.word and self.is_closed_before(alarm, at) and (alarm.type == "tilted" or self.tilt.over is None):
            self.anew(alarm, at)  # heard, and its word not taken back

    def is_closed_before(self, alarm, at) -> bool:
        return alarm.case in self.closed and self.closed[alarm.case] < at

    def anew(self, alarm, at):
        """What still holds after its case was closed is another occurrence."""
        word, limit, critical = alarm.word, alarm.limit, alarm.critical
        self.end(alarm, max(self.closed[alarm.case], alarm.last))
        self.raise_new(alarm.type, at, word, limit, critical)

    def waits(self, kind) -> bool:
        """Whether a figure alone does not raise the alarm."""
        return kind == "tilted" and (self.tilt.on > 0 or self.tilt.needed > 1)

    def again(self, alarm, at, said):
        looked_for, resumed = alarm.condition == "awaiting", alarm.condition == "clearing"
        alarm.condition = "active"
        if alarm.type == "tilted":
            self.clearing = None
        if self.is_closed_before(alarm, at):
            self.anew(alarm, at)
        else:
            alarm.count, alarm.last = alarm.count + 1, max(at, alarm.last)
            if looked_for:
                alarm.severity = "high" if alarm.critical else "medium"
                at_once = said.get("status") == alarm.type or self.is_critical(said)
                self.begins(alarm, at, counts=at_once or not self.waits(alarm.type))
            news = (looked_for or resumed) and self.is_news(alarm)
            self.told["returned"] += looked_for or news
            self.dispatch(alarm)
            self.note(alarm, at, now_and_then=True)

    def hold(self, alarm, said, at):
        """What holds the alarm after a sample: the device's word, the limit."""
        status, tilt = said.get("status"), said.get("tilt")
        if alarm.type == "tilted" and tilt is None and status == "normal" and alarm.word and at >= alarm.last:
            alarm.limit = False
        if alarm.type == "tilted" and tilt is not None and (tilt >= HIGH or tilt <= CLEAR):
            alarm.limit = tilt >= HIGH
        if status in (alarm.type, "normal"):
            alarm.word = status == alarm.type

    def normal(self, alarm, at):
        """Nothing is wrong any more: over, unless somebody must have looked."""
        alarm.word = alarm.limit = alarm.critical = False
        self.note(alarm, at)
        latched = {"tilted": self.tilt.latched, "missing": self.tilt.looked_at}.get(alarm.type, False)
        if latched and alarm.case not in self.closed:
            alarm.condition = "awaiting"
            self.told["normal_again"] += 1
        else:
            self.end(alarm, max(at, alarm.last))

    def begin(self, kind, at, said):
        word = said.get("status") == kind
        limit = kind == "tilted" and said.get("tilt", 0) >= HIGH
        critical = kind == "tilted" and self.is_critical(said)
        first = self.pending.first if kind == "tilted" and self.pending is not None else self.saying
        if kind == "tilted":
            self.window, self.pending = [], None
        for alarm in sorted(self.occurrences, key=lambda one: -1 if one.cleared is None else -one.cleared):
            if alarm.type == kind and not alarm.late and at - alarm.cleared <= WINDOW and alarm.case not in self.closed:
                alarm.cleared, alarm.last, alarm.count = None, max(at, alarm.last), alarm.count + 1
                alarm.word, alarm.limit, alarm.critical, alarm.condition = word, limit, critical, "active"
                alarm.lasts_from = None
                alarm.severity = "high" if critical else "medium"
                self.begins(alarm, at)
                self.is_news(alarm)
                self.told["returned"] += 1
                self.dispatch(alarm)
                self.note(alarm, at)
                return
        self.raise_new(kind, at, word, limit, critical, first)

    def raise_new(self, kind, at, word, limit, critical, first=None):
        alarm = Occurrence(kind, at, None, at, 1, False, word, limit, critical=critical)
        alarm.severity = "high" if critical else "medium"
        alarm.device_at, alarm.received = first or self.saying
        self.occurrences.append(alarm)
        self.begins(alarm, at)
        self.told["held_back" if alarm.held else "raised"] += 1
        self.is_news(alarm)
        self.dispatch(alarm)
        self.note(alarm, at)

    def history(self, kind, at):
        mine = [one for one in self.occurrences if one.type == kind]
        if any(one.raised <= at and (one.cleared is None or at <= one.cleared) for one in mine if not one.late):
            return
        near = {}
        for one in mine:
            if one.late and one.raised - WINDOW <= at <= one.cleared + WINDOW:
                near[round(max(one.raised - at, at - one.cleared, 0), 9), one.raised, one.cleared] = one
        if near:  # of several the nearest, then the earliest
            one = near[min(near)]
            one.raised, one.cleared = min(one.raised, at), max(one.cleared, at)
            one.last, one.count = one.cleared, one.count + 1
            return
        told, received = self.saying
        late = Occurrence(kind, at, at, at, 1, True, condition="cleared", device_at=told, received=received)
        self.occurrences.append(late)
