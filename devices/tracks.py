"""The state of one alarm type of one device, sample by sample: pure, no database (domain/devices.md, "Alarm model").

QUIET → PENDING (past the limit, on-delay runs) → ACTIVE → CLEARING (normal again, off-delay runs) → QUIET, or AWAITING
where the alarm is latched and somebody must have looked. A device's own word, and a critical figure, have no delay.
ACTIVE of a single event (``AlarmRule.over_after``) is over by itself that long after the device last told of it.
Deadlines pass in the time of the samples (``take``) and, where no sample comes, by ``elapse``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from devices.rules import AlarmRule, Judgement, Verdict


class Phase(Enum):
    """Where a track stands; an occurrence exists from ACTIVE on."""

    QUIET = "quiet"
    PENDING = "pending"
    ACTIVE = "active"
    CLEARING = "clearing"
    AWAITING = "awaiting"


class Turn(Enum):
    """What happens to the occurrence: it begins, is reported again, comes back, changes severity, is normal, is over.

    RESUMED: back before it was over. NORMAL: over but for somebody's look (latched). RELAPSED: back before that look.
    LAPSED: over because the device has not told of it again.
    """

    RAISED = "raised"
    REPEATED = "repeated"
    RESUMED = "resumed"
    RELAPSED = "relapsed"
    SEVERITY = "severity"
    NORMAL = "normal"
    CLEARED = "cleared"
    LAPSED = "lapsed"


OVER = (Turn.CLEARED, Turn.LAPSED)
Turns = Iterator[tuple[Turn, datetime]]
AGAIN = {Phase.ACTIVE: Turn.REPEATED, Phase.CLEARING: Turn.RESUMED, Phase.AWAITING: Turn.RELAPSED}
OCCURRING = tuple(AGAIN)


@dataclass
class Track:
    """``since``: when the delay of PENDING or CLEARING began. ``window``: whether the last samples were past the limit,
    newest last, one character each; empty when none was. ``last_at``: the newest abnormal sample. ``anew``: since when
    what is over by itself counts, where its device was silent after that sample."""

    rule: AlarmRule
    phase: Phase = Phase.QUIET
    asserted: bool = False
    exceeded: bool = False
    critical: bool = False
    since: datetime | None = None
    window: str = ""
    last_at: datetime | None = None
    anew: datetime | None = None

    @property
    def occurring(self) -> bool:
        """Whether there is an occurrence."""
        return self.phase in OCCURRING

    @property
    def delay(self) -> timedelta | None:
        """The delay that runs, or how long what is ACTIVE lasts of itself; None where nothing ends by time."""
        if self.phase is Phase.PENDING:
            return self.rule.on_delay
        if self.phase is Phase.CLEARING:
            return self.rule.off_delay
        return self.rule.over_after if self.phase is Phase.ACTIVE else None

    @property
    def due_at(self) -> datetime | None:
        """When it ends, in the time of the samples."""
        delay = self.delay
        if delay is None:
            return None
        if self.phase is not Phase.ACTIVE:
            return self.since + delay
        return max(self.last_at, self.anew or self.last_at) + delay

    @property
    def stands_by_word(self) -> bool:
        """Whether the device has said so and is bound to say when it is over: it need not say it again until then."""
        return self.phase is Phase.ACTIVE and self.asserted and self.rule.over_after is None

    @property
    def severity(self) -> str:
        """The severity as things stand."""
        return self.rule.critical_severity if self.critical else self.rule.severity

    def elapse(self, until: datetime) -> Turns:
        """Let the running delay end, if it ends by ``until``."""
        due_at = self.due_at
        if due_at is None or due_at > until:
            return
        if self.phase is Phase.PENDING:
            self._begin(asserted=False, exceeded=True)
            yield Turn.RAISED, due_at
        else:
            lapsed = self.phase is Phase.ACTIVE
            turn = self._over()
            yield Turn.LAPSED if lapsed and turn is Turn.CLEARED else turn, due_at

    def take(self, verdict: Verdict, at: datetime) -> Turns:
        """Take up what a sample says, newer than the ones before it of its kind (status, metric)."""
        yield from self.elapse(at)
        if self.occurring:
            yield from self._go_on(verdict, at)
        elif self._begins(verdict, at):
            self.critical = verdict.critical
            self._begin(asserted=verdict.asserted is True, exceeded=verdict.limit is Judgement.ABNORMAL)
            yield Turn.RAISED, at
        if verdict.abnormal:
            self.last_at = at if self.last_at is None else max(at, self.last_at)

    def _begins(self, verdict: Verdict, at: datetime) -> bool:
        """Judge a sample while there is no occurrence; tell whether one begins with it."""
        if verdict.limit is not None:
            past = verdict.limit is Judgement.ABNORMAL
            self.window = (self.window + "01"[past])[-self.rule.of :]
            if verdict.limit is Judgement.NORMAL:
                self.phase, self.since = Phase.QUIET, None
        if verdict.asserted:
            return True
        if verdict.limit is Judgement.ABNORMAL:
            if verdict.critical:
                return True
            if self.phase is Phase.QUIET and self.window.count("1") >= self.rule.needed:
                if not self.rule.on_delay:
                    return True
                self.phase, self.since = Phase.PENDING, at
        if "1" not in self.window:
            self.window = ""
        return False

    def _begin(self, *, asserted: bool, exceeded: bool) -> None:
        self.phase, self.since, self.window, self.anew = Phase.ACTIVE, None, "", None
        self.asserted, self.exceeded = asserted, exceeded

    def _go_on(self, verdict: Verdict, at: datetime) -> Turns:
        was_exceeded = self.exceeded
        # Words and figures come in their own order: each is newer than the last of its kind, not always than the other.
        newest = self.last_at is None or at >= self.last_at
        self.asserted, self.exceeded = verdict.held(self.asserted, self.exceeded, newest=newest)
        if verdict.limit is not None and verdict.critical != self.critical:
            self.critical = verdict.critical
            if self.rule.critical_severity != self.rule.severity:
                yield Turn.SEVERITY, at
        if self.asserted or self.exceeded:
            if verdict.abnormal:
                again = AGAIN[self.phase]
                self.phase, self.since = Phase.ACTIVE, None
                yield again, at
        elif self.phase is Phase.ACTIVE:
            # The off-delay is for figures that swing; the device's word is taken at once.
            if was_exceeded and self.rule.off_delay:
                self.phase, self.since = Phase.CLEARING, at
            else:
                yield self._over(), at

    def _over(self) -> Turn:
        self.asserted = self.exceeded = self.critical = False
        self.since = None
        if self.rule.latched:
            self.phase = Phase.AWAITING
            return Turn.NORMAL
        self.phase = Phase.QUIET
        return Turn.CLEARED
