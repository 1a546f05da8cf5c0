"""A plain second opinion on the alarm rules of the first floor: one cover, no database, no cleverness.

Written from domain/devices.md: limits 15 and 10 for ``tilt`` → ``tilted``; status words tilted, missing, normal. Times
are minutes; a message may claim a time ahead of ``now`` (more than 5 minutes: ours is used).
"""

from dataclasses import dataclass, field

TINY = 1 / 60_000_000  # a microsecond, in minutes
WINDOW = 30
HIGH, CLEAR = 15, 10


@dataclass
class Occurrence:
    type: str
    raised: float
    cleared: float | None
    last: float
    count: int
    late: bool
    word: bool = False
    limit: bool = False
    case: int | None = None


@dataclass
class Oracle:
    """Feed it batches with ``send``; ``occurrences`` and the other fields say what must be stored."""

    readings: dict = field(default_factory=dict)  # (name, time) → value
    claims: set = field(default_factory=set)  # (name, time as claimed)
    latest: dict = field(default_factory=dict)  # name → (time, value)
    occurrences: list = field(default_factory=list)
    closed: dict = field(default_factory=dict)  # case → time of closing
    cases: int = 0
    evidence: int = 0
    status: str = "unknown"
    skewed: bool = False

    def send(self, now: float, batch: list[tuple[float, str | None, float | None]]) -> tuple[int, int]:
        """Take messages (time, status, tilt); return how many were accepted and how many were duplicates."""
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
                placed.append((at, place, ahead, news))
        for at, _place, ahead, news in sorted(placed, key=lambda item: item[:2]):
            self.take(at, ahead, news)
        return len(placed), len(batch) - len(placed)

    def take(self, at, ahead, news):
        fresh, late = {}, {}
        for name, value in news.items():
            if name not in self.latest or at > self.latest[name][0]:
                self.latest[name] = (at, value)
                fresh[name] = value
            else:
                late[name] = value
        if fresh.get("status"):
            self.status = fresh["status"]
        if ahead or fresh:
            self.skewed = ahead
        for kind in ("missing", "tilted"):
            self.judge(kind, at, fresh)
        for kind in ("missing", "tilted"):
            if self.abnormal(kind, late):
                self.history(kind, at)

    @staticmethod
    def abnormal(kind, said) -> bool:
        return said.get("status") == kind or (kind == "tilted" and said.get("tilt", 0) >= HIGH)

    def judge(self, kind, at, said):
        active = [one for one in self.occurrences if one.type == kind and one.cleared is None]
        if not active:
            if self.abnormal(kind, said):
                self.begin(kind, at, said)
            return
        (alarm,) = active
        self.hold(alarm, said, at)
        if not alarm.word and not alarm.limit:
            alarm.cleared = max(at, alarm.last)
            self.evidence += 1
        elif self.abnormal(kind, said) and alarm.case in self.closed and self.closed[alarm.case] < at:
            alarm.cleared, alarm.word, alarm.limit = max(self.closed[alarm.case], alarm.last), False, False
            self.begin(kind, at, said)
        elif self.abnormal(kind, said):
            alarm.count, alarm.last = alarm.count + 1, max(at, alarm.last)
            self.evidence += alarm.case not in self.closed

    @staticmethod
    def hold(alarm, said, at):
        """What holds the alarm after a sample: the device's word, the limit."""
        status, tilt = said.get("status"), said.get("tilt")
        if alarm.type == "tilted" and tilt is None and status == "normal" and alarm.word and at >= alarm.last:
            alarm.limit = False
        if alarm.type == "tilted" and tilt is not None and (tilt >= HIGH or tilt <= CLEAR):
            alarm.limit = tilt >= HIGH
        if status in (alarm.type, "normal"):
            alarm.word = status == alarm.type

    def begin(self, kind, at, said):
        word = said.get("status") == kind
        limit = kind == "tilted" and said.get("tilt", 0) >= HIGH
        self.evidence += 1
        for alarm in sorted(self.occurrences, key=lambda one: -1 if one.cleared is None else -one.cleared):
            if alarm.type == kind and not alarm.late and at - alarm.cleared <= WINDOW and alarm.case not in self.closed:
                alarm.cleared, alarm.last, alarm.count = None, max(at, alarm.last), alarm.count + 1
                alarm.word, alarm.limit = word, limit
                return
        self.cases += 1
        self.occurrences.append(Occurrence(kind, at, None, at, 1, False, word, limit, self.cases))

    def history(self, kind, at):
        mine = [one for one in self.occurrences if one.type == kind]
        if any(one.raised <= at and (one.cleared is None or at <= one.cleared) for one in mine if not one.late):
            return
        for one in mine:
            if one.late and one.raised - WINDOW <= at <= one.cleared + WINDOW:
                one.raised, one.cleared = min(one.raised, at), max(one.cleared, at)
                one.last, one.count = one.cleared, one.count + 1
                return
        self.occurrences.append(Occurrence(kind, at, at, at, 1, True))

    def close(self, now: float):
        """Somebody closes every case that is open."""
        self.closed |= {case: now for case in range(1, self.cases + 1) if case not in self.closed}
