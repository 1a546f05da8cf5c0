"""The part of the oracle that no message tells of: what people do, what holds alarms back, silence (domain/devices.md).

An alarm that is held back is judged and kept; nobody is sent and nobody is told. When nothing holds it back any more
and it still stands, somebody is sent.
"""

from collections import Counter
from dataclasses import dataclass, field

# Offline after three reporting intervals of 5 minutes and 10 %.
SILENCE = 16.5
NOTED_EVERY = 10


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
    condition: str = "active"
    severity: str = "medium"
    critical: bool = False
    noted: float | None = None
    acknowledged: bool = False
    held: str = ""  # why it is held back
    told: str = ""  # as how severe people were told of it
    lasts_from: float | None = None  # a single event counts anew: its device was silent
    device_at: float = 0  # what the device said of the first sample
    received: float = 0


@dataclass
class People:
    """``shelves``: until when, by type. ``maintained``: until when, if it is. ``seen``: when the device was last heard,
    ``fellow``: when the other one behind its gateway was; ``lost``, ``back``: since when the gateway is either.
    ``chatter``: so often within so long an alarm chatters and is shelved for so long; ``began``: when, by type."""

    occurrences: list = field(default_factory=list)
    closed: dict = field(default_factory=dict)  # case → time of closing
    sends: bool = True  # whether alarms open cases
    cases: int = 0
    evidence: int = 0
    told: Counter = field(default_factory=Counter)  # what was recorded of alarms
    shelves: dict = field(default_factory=dict)
    maintained: float | None = None
    seen: float | None = None
    fellow: float = 0
    lost: float | None = None
    back: float | None = None
    chatter: tuple[int, float, float] | None = None
    began: dict = field(default_factory=dict)
    now: float = 0

    def open_of(self, kind) -> Occurrence | None:
        return next((one for one in self.occurrences if one.type == kind and one.cleared is None), None)

    def why(self, kind) -> str:
        """What holds alarms of a type back now."""
        if self.maintained is not None:
            return "out_of_service"
        if kind in self.shelves:
            return "shelved"
        excused = self.lost is not None or (self.back is not None and self.now - self.back < SILENCE)
        return "suppressed" if kind == "offline" and excused else ""

    def begins(self, alarm, at, *, counts=True):
        """The condition begins to hold, or holds again after it was normal: too often it is shelved by itself. What
        could not have begun with this sample does not count."""
        if self.maintained is not None:
            self.began.clear()  # who works on it lifts and closes it
        elif self.chatter is not None and counts:
            often, within, shelf = self.chatter
            lately = [one for one in self.began.get(alarm.type, []) if at - one < within]
            self.began[alarm.type] = [*lately, at][-often:]
            # What a backlog tells of is over; a clock may be five minutes wrong.
            now = self.now - at <= within + 5 and alarm.type not in self.shelves
            if now and len(self.began[alarm.type]) == often:
                self.shelves[alarm.type] = self.now + shelf
                self.told["chattering"] += 1
        alarm.held = self.why(alarm.type)

    def look_anew(self):
        """Something holds back alarms, or does no more."""
        for alarm in [one for one in self.occurrences if one.cleared is None]:
            held, alarm.held = alarm.held, self.why(alarm.type)
            if held and not alarm.held:
                self.told["released"] += 1
                if alarm.condition == "active":
                    self.is_news(alarm)
                    self.dispatch(alarm)
                self.note(alarm, self.now)

    def is_news(self, alarm) -> bool:
        """People hear of an alarm that holds: whether of one as severe for the first time."""
        ranks = ["", "medium", "high"]
        news = not alarm.held and ranks.index(alarm.severity) > ranks.index(alarm.told)
        if news:
            alarm.told = alarm.severity
        return news

    def dispatch(self, alarm):
        """Send somebody, unless somebody was sent."""
        if self.sends and not alarm.held and alarm.case is None:
            self.cases += 1
            alarm.case = self.cases

    def note(self, alarm, at, *, now_and_then=False, whenever=False):
        """Tell the case, if there is one; of what goes on or is held back only while it is open, and now and then."""
        if alarm.case is None:
            return
        if now_and_then or alarm.held:
            soon = alarm.noted is not None and at - alarm.noted < NOTED_EVERY
            if alarm.case in self.closed or (soon and not whenever):
                return
        self.evidence += 1
        alarm.noted = at

    def end(self, alarm, at):
        alarm.cleared, alarm.condition = at, "cleared"
        alarm.word = alarm.limit = alarm.critical = False
        self.told["cleared"] += 1

    def acknowledge(self):
        """Somebody takes notice of all alarms."""
        for alarm in self.occurrences:
            self.told["acknowledged"] += not alarm.acknowledged
            alarm.acknowledged = True

    def shelve(self, kind, until) -> bool:
        alarm = self.open_of(kind)
        if alarm is None or alarm.held:
            return False
        self.shelves[kind], alarm.held = until, "shelved"
        self.told["shelved"] += 1
        return True

    def move_shelf(self, kind, until) -> bool:
        alarm = self.open_of(kind)
        if alarm is None or alarm.held != "shelved":
            return False
        self.shelves[kind] = until
        self.told["shelving_changed"] += 1
        return True

    def unshelve(self, kind) -> bool:
        alarm = self.open_of(kind)
        if alarm is None or alarm.held != "shelved":
            return False
        self.told["unshelved"] += 1
        del self.shelves[kind]
        self.look_anew()
        return True

    def reset(self, kind) -> bool:
        """Somebody has looked at a latched alarm that is normal again and for which nobody else was sent."""
        alarm = self.open_of(kind)
        if alarm is None or alarm.condition != "awaiting" or (alarm.case is not None and alarm.case not in self.closed):
            return False
        alarm.acknowledged = True
        self.told["reset"] += 1
        self.end(alarm, max(self.now, alarm.last))
        return True

    def maintain(self, until) -> bool:
        if self.maintained is not None:
            return False
        self.maintained = until
        self.look_anew()
        return True

    def serve(self) -> bool:
        if self.maintained is None:
            return False
        self.maintained = None
        self.began.clear()
        self.look_anew()
        return True

    def close(self, now: float):
        """Somebody closes every case that is open; of latched alarms that are normal again they have looked."""
        fresh = {case for case in range(1, self.cases + 1) if case not in self.closed}
        self.closed |= dict.fromkeys(fresh, now)
        for alarm in self.occurrences:
            if alarm.condition == "awaiting" and alarm.case in fresh:
                self.end(alarm, max(now, alarm.last))

    def sweep(self, *, fellow_heard: bool):
        """Look for silence. Two silent devices and none heard: their gateway is lost, which explains their silence."""
        self.saying = (self.now, self.now)
        if fellow_heard:
            self.fellow = self.now
        if self.lost is not None and max(self.fellow, self.seen) > self.lost:
            self.lost, self.back = None, self.now
        silent = self.seen is not None and self.now - self.seen > SILENCE
        if silent and self.maintained is None and self.lost is None and self.now - self.fellow > SILENCE:
            self.lost, self.back = max(self.seen, self.fellow), None
        if silent:
            alarm = self.open_of("offline")
            if alarm is None:
                self.begin("offline", self.now, {"status": "offline"})
            elif alarm.case in self.closed and self.now - self.closed[alarm.case] > SILENCE:
                self.again(alarm, self.now, {"status": "offline"})
        self.look_anew()
