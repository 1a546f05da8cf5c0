"""One case's events → its facts. Pure: no statements, and the same events always give the same facts.

Events are taken in the order they were recorded. Deadlines come from the events that fix them (``due_at`` of a
dispatch, an extension, a resumption); where no event tells one, from the stage clock that began at that moment:
filing (verification, acceptance), the first dispatch, rework, inspection and closing. Terms: docs/scoring.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from cases.models.record import Stage
from cases.models.score import Excluded
from cases.scoring import names

FILING = (Stage.VERIFICATION, Stage.ACCEPTANCE)


class Happening(NamedTuple):
    """One event of a case: its name, when it happened, for which unit somebody acted, and its payload."""

    name: str
    at: datetime
    unit_id: int | None
    payload: dict


class Clock(NamedTuple):
    """A stage clock as far as figures need it."""

    stage: str
    started_at: datetime
    due_at: datetime


@dataclass
class Report:
    """What is known once per case; fields as in ``CaseFact``."""

    reported_at: datetime | None = None
    reporting_unit_id: int | None = None
    valid: bool | None = None
    verified_at: datetime | None = None
    filing_due_at: datetime | None = None
    filed_at: datetime | None = None
    filed_in_time: bool | None = None
    filing_unit_id: int | None = None
    dispatch_due_at: datetime | None = None
    dispatched_at: datetime | None = None
    dispatched_in_time: bool | None = None
    dispatching_unit_id: int | None = None
    right_first: bool | None = None
    contacted_at: datetime | None = None
    contact_unit_id: int | None = None


@dataclass
class Spell:
    """One unit's turn at a case; fields as in ``SpellFact``, and what is only needed on the way."""

    unit_id: int | None
    dispatched_at: datetime | None
    due_at: datetime
    withdrawn: bool = False
    signed_at: datetime | None = None
    acted_at: datetime | None = None
    handled_at: datetime | None = None
    in_time: bool | None = None
    overdue_since: datetime | None = None
    extensions: int = 0
    reworks: int = 0
    closed_at: datetime | None = None
    closed_in_time: bool | None = None
    reopened: bool = False
    answered_at: datetime | None = None
    score: int | None = None
    solved: str = ""
    # The deadline that runs now: that of the dispatch, then that of the rework.
    running: datetime = field(init=False)
    late: bool = False
    inspected_late: bool = False

    def __post_init__(self):
        self.running = self.due_at

    def act(self, at: datetime) -> None:
        """The unit did something: a first action, and a signature if it had not signed."""
        self.acted_at = self.acted_at or at

    def move_deadline(self, due_at: datetime) -> None:
        """Give it another deadline. Which period it belongs to is fixed when it is first sent back for rework."""
        self.running = due_at
        if not self.reworks:
            self.due_at = due_at

    def pass_deadline(self) -> None:
        """It ran past the deadline; that stays on record."""
        self.overdue_since = self.overdue_since or self.running


@dataclass
class Outcome:
    """The facts of a case: its report, its spells in order, and why it does not count ("" = it does)."""

    report: Report
    spells: list[Spell]
    excluded: str


def fold(happenings: Iterable[Happening], clocks: Sequence[Clock], units: Mapping[str, int]) -> Outcome:
    """Return the facts of one case.

    ``happenings``: its events as recorded; ``clocks``: its stage clocks; ``units``: keys of units by code. A lead that
    ``units`` does not know raises KeyError: facts are never guessed.
    """
    story = _Story(clocks, units)
    for happening in happenings:
        step = _STEPS.get(happening.name)
        if step is not None:
            step(story, happening)
    return story.outcome()


class _Story:
    """Walks through the events of one case. ``spell``: the one that runs; ``returned``: given back, not judged yet."""

    def __init__(self, clocks: Sequence[Clock], units: Mapping[str, int]):
        self.clocks, self.units = sorted(clocks, key=lambda clock: clock.started_at), units
        self.report, self.spells = Report(), []
        self.spell: Spell | None = None
        self.returned: Spell | None = None
        self.first: Spell | None = None
        self.away: set[str] = set()

    def outcome(self) -> Outcome:
        self._file_deadline()
        self._dispatch_deadline()
        if self.first is not None:
            self.report.right_first = not self.first.withdrawn
        excluded = next((reason for reason in Excluded.values if reason in self.away), "")
        return Outcome(self.report, self.spells, excluded)

    def reported(self, event: Happening) -> None:
        self.report.reported_at, self.report.reporting_unit_id = event.at, event.unit_id

    def verified(self, event: Happening) -> None:
        self.report.verified_at = event.at

    def accepted(self, event: Happening) -> None:
        if self.report.filed_at is None:
            self.report.filed_at, self.report.filing_unit_id, self.report.valid = event.at, event.unit_id, True

    def rejected(self, event: Happening) -> None:
        self.report.valid = False
        self.away.add(Excluded.REJECTED)

    def dispatched(self, event: Happening) -> None:
        unit, due_at = self.units[event.payload[names.LEAD]], _moment(event.payload[names.DUE_AT])
        returned, self.returned = self.returned, None
        if returned is not None and returned.unit_id == unit:
            # Not justified: the unit's turn goes on from its first dispatch, and the return was its own time.
            returned.withdrawn, self.spell = False, returned
            returned.move_deadline(due_at)
        else:
            self._begin(unit, event.at, due_at)
        if self.first is None:
            self.first = self.spell
            self.report.dispatched_at, self.report.dispatching_unit_id = event.at, event.unit_id

    def _begin(self, unit_id: int, at: datetime, due_at: datetime) -> None:
        self.spell = Spell(unit_id, at, due_at)
        self.spells.append(self.spell)

    def handed_over(self, event: Happening) -> None:
        spell, lead = self.spell, event.payload.get(names.LEAD)
        if spell is None or lead is None or self.units[lead] == spell.unit_id:
            return
        spell.withdrawn = True
        self._begin(self.units[lead], event.at, self._deadline(event, Stage.HANDLING) or spell.running)

    def recalled(self, event: Happening) -> None:
        self._take_away()

    def gave_back(self, event: Happening) -> None:
        self.returned = self.spell
        self._take_away()

    def _take_away(self) -> None:
        if self.spell is not None:
            self.spell.withdrawn = True
        self.spell = None

    def signed(self, event: Happening) -> None:
        if self.spell is not None:
            self.spell.signed_at = self.spell.signed_at or event.at

    def begun(self, event: Happening) -> None:
        self.signed(event)
        if self.spell is not None:
            self.spell.act(event.at)

    def contacted(self, event: Happening) -> None:
        if self.report.contacted_at is None:
            self.report.contacted_at, self.report.contact_unit_id = event.at, event.unit_id
        if self.spell is not None and event.unit_id == self.spell.unit_id:
            self.spell.act(event.at)

    def extended(self, event: Happening) -> None:
        if self.spell is not None:
            self.spell.extensions += 1
            self._moved(event)

    def suspended(self, event: Happening) -> None:
        self.away.add(Excluded.SUSPENDED)

    def resumed(self, event: Happening) -> None:
        self.away.discard(Excluded.SUSPENDED)
        self._moved(event)

    def _moved(self, event: Happening) -> None:
        due_at = self._deadline(event, Stage.HANDLING)
        if self.spell is not None and due_at is not None:
            self.spell.move_deadline(due_at)

    def submitted(self, event: Happening) -> None:
        spell = self.spell
        if spell is None:
            return
        spell.act(event.at)
        spell.handled_at = event.at
        if event.at > spell.running:
            spell.late = True
            spell.pass_deadline()
        spell.in_time = not spell.late

    def reworked(self, event: Happening) -> None:
        if self.spell is not None:
            self.spell.reworks += 1
            self.spell.handled_at = self.spell.in_time = None
            self._moved(event)

    def inspected(self, event: Happening) -> None:
        if self.spell is not None:
            self.spell.inspected_late = self._ran_past(Stage.INSPECTION, event.at)

    def closed(self, event: Happening) -> None:
        spell = self.spell
        if spell is not None:
            spell.closed_at = event.at
            late = spell.late or spell.inspected_late or self._ran_past(Stage.CLOSING, event.at)
            spell.closed_in_time = not late

    def disposed(self, event: Happening) -> None:
        self.accepted(event)
        spell = Spell(None, None, event.at)
        spell.handled_at = spell.closed_at = event.at
        spell.in_time = spell.closed_in_time = True
        self.spells.append(spell)
        self.spell = spell

    def reopened(self, event: Happening) -> None:
        if self.spell is not None:
            self.spell.reopened = True
        self.spell = None

    def rated(self, event: Happening) -> None:
        closed = [spell for spell in self.spells if spell.closed_at is not None]
        if closed:
            closed[-1].answered_at = event.at
            closed[-1].score, closed[-1].solved = event.payload[names.SCORE], event.payload[names.SOLVED]

    def overdue(self, event: Happening) -> None:
        if event.payload.get(names.STAGE) == Stage.HANDLING and self.spell is not None:
            self.spell.pass_deadline()

    def merged(self, event: Happening) -> None:
        self.away.add(Excluded.MERGED)

    def cancelled(self, event: Happening) -> None:
        self.away.add(Excluded.CANCELLED)

    def upheld(self, event: Happening) -> None:
        self.away.add(Excluded.APPEAL)

    def settled(self, event: Happening) -> None:
        if event.payload.get(names.OUTCOME) == names.UPHELD:
            self.upheld(event)

    def _deadline(self, event: Happening, stage: str) -> datetime | None:
        """Return the deadline that an event tells, else that of the stage clock which runs from then on."""
        if names.DUE_AT in event.payload:
            return _moment(event.payload[names.DUE_AT])
        clock = self._clock(stage, event.at)
        return clock.due_at if clock is not None and clock.started_at == event.at else None

    def _clock(self, stage: str, until: datetime) -> Clock | None:
        """Return the last clock of a stage that began by ``until``."""
        of_stage = [clock for clock in self.clocks if clock.stage == stage and clock.started_at <= until]
        return of_stage[-1] if of_stage else None

    def _ran_past(self, stage: str, at: datetime) -> bool:
        """Tell whether the clock of a stage that ended at ``at`` had run out; without one it had not."""
        clock = self._clock(stage, at)
        began = self.spell.dispatched_at
        return clock is not None and (began is None or clock.started_at >= began) and at > clock.due_at

    def _file_deadline(self) -> None:
        report = self.report
        running = [clock for clock in self.clocks if clock.stage in FILING]
        last = running[-1] if running else None
        report.filing_due_at = last.due_at if last else report.filed_at
        if report.filed_at is not None:
            ends = {Stage.VERIFICATION: report.verified_at or report.filed_at, Stage.ACCEPTANCE: report.filed_at}
            report.filed_in_time = all(ends[clock.stage] <= clock.due_at for clock in running)

    def _dispatch_deadline(self) -> None:
        report = self.report
        waits = [clock for clock in self.clocks if clock.stage == Stage.DISPATCH]
        if report.dispatched_at is not None:
            waits = [clock for clock in waits if clock.started_at < report.dispatched_at]
        report.dispatch_due_at = waits[0].due_at if waits else report.dispatched_at
        if report.dispatched_at is not None:
            report.dispatched_in_time = report.dispatched_at <= report.dispatch_due_at


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


_STEPS = {
    names.REPORTED: _Story.reported,
    names.VERIFIED: _Story.verified,
    names.ACCEPTED: _Story.accepted,
    names.REJECTED: _Story.rejected,
    names.DISPATCHED: _Story.dispatched,
    names.ARBITRATED: _Story.dispatched,
    names.HANDED_OVER: _Story.handed_over,
    names.RECALLED: _Story.recalled,
    names.SIGNED: _Story.signed,
    names.CONTACTED: _Story.contacted,
    names.BEGUN: _Story.begun,
    names.RETURNED: _Story.gave_back,
    names.EXTENDED: _Story.extended,
    names.SUSPENDED: _Story.suspended,
    names.RESUMED: _Story.resumed,
    names.SUBMITTED: _Story.submitted,
    names.INSPECTED: _Story.inspected,
    names.REWORKED: _Story.reworked,
    names.CLOSED: _Story.closed,
    names.DISPOSED: _Story.disposed,
    names.REOPENED: _Story.reopened,
    names.MERGED: _Story.merged,
    names.CANCELLED: _Story.cancelled,
    names.OVERDUE: _Story.overdue,
    names.RATED: _Story.rated,
    names.APPEAL_UPHELD: _Story.upheld,
    names.APPEAL_SETTLED: _Story.settled,
}
