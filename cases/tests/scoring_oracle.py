"""A second computation of every figure, straight from Events in plain Python; written from docs/scoring.md alone.

It shares nothing with ``cases.scoring``: no facts, no SQL, no expressions. Slow and simple on purpose.
"""

from collections import defaultdict
from datetime import datetime, timedelta, timezone

from cases.models import Case, StageClock
from governance.models import Event, OrgUnit

CHINA = timezone(timedelta(hours=8))
PEOPLE = ("resident", "hotline")
SHARES = [
    "handling_rate", "on_time_handling_rate", "closing_rate", "on_time_closing_rate", "rework_rate",
    "overdue_open_rate", "extension_rate", "signing_rate", "response_rate", "answer_rate", "satisfaction_rate",
    "solved_rate", "dispatch_accuracy", "on_time_dispatch_rate", "on_time_filing_rate", "valid_report_rate",
]  # fmt: skip
TIMES = ["signing_time", "action_time", "contact_time"]


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _turn(unit: int | None, place: int) -> dict:
    return {"unit": unit, "withdrawn": False, "parts": [[place, None]]}


class History:
    """One case: its events in the order of recording, its clocks, and what the case itself says."""

    def __init__(self, case: Case, events: list[Event], clocks: list[StageClock], units: dict[str, int]):
        self.case, self.events, self.clocks, self.units = case, events, clocks, units

    def all(self, *names: str) -> list[Event]:
        return [event for event in self.events if event.name.removeprefix("case.") in names]

    def first(self, *names: str) -> Event | None:
        return next(iter(self.all(*names)), None)

    def left_out(self) -> str:
        if self.all("appeal_upheld") or any(e.payload.get("outcome") == "upheld" for e in self.all("appeal_settled")):
            return "appeal"
        for reason, name in (("merged", "merged"), ("rejected", "rejected"), ("cancelled", "cancelled")):
            if self.all(name):
                return reason
        aside = self.all("suspended", "resumed")
        return "suspended" if aside and aside[-1].name == "case.suspended" else ""

    def clock_from(self, stage: str, moment: datetime) -> StageClock | None:
        return next((clock for clock in self.clocks if clock.stage == stage and clock.started_at == moment), None)

    def turns(self) -> list[dict]:
        """Cut the events into turns: each begins with a dispatch and holds what follows up to its end."""
        turns, pending = [], None
        for place, event in enumerate(self.events):
            name = event.name.removeprefix("case.")
            if name in ("dispatched", "arbitrated"):
                unit = self.units[event.payload["lead"]]
                if pending is not None and pending["unit"] == unit:
                    pending["withdrawn"] = False
                    pending["parts"].append([place, None])
                else:
                    turns.append(_turn(unit, place))
                pending = None
            elif name == "disposed":
                turns.append(_turn(None, place))
            elif turns and turns[-1]["parts"][-1][1] is None and self._ends(name, event, turns, place):
                pending = turns[-1] if name == "returned" else None
        for turn in turns:
            turn["events"] = [event for start, end in turn["parts"] for event in self.events[start:end]]
        return turns

    def _ends(self, name: str, event: Event, turns: list[dict], place: int) -> bool:
        last = turns[-1]
        if name == "handed_over":
            other = self.units.get(event.payload.get("lead"), last["unit"])
            if other == last["unit"]:
                return False
            last["withdrawn"], last["parts"][-1][1] = True, place
            turns.append(_turn(other, place))
            return False
        if name in ("recalled", "returned", "reopened"):
            last["withdrawn"], last["parts"][-1][1] = name != "reopened", place + 1
            return True
        return False

    def deadlines(self, turn: dict) -> list[tuple[int, datetime, bool]]:
        """(place among the turn's events, deadline from then on, whether it came before any rework)."""
        found, reworked = [], False
        for place, event in enumerate(turn["events"]):
            name = event.name.removeprefix("case.")
            reworked = reworked or name == "reworked"
            if name == "disposed":
                found.append((place, event.occurred_at, True))
            elif name in ("dispatched", "arbitrated", "extended", "resumed", "reworked") or (
                name == "handed_over" and place == 0
            ):
                told = event.payload.get("due_at")
                clock = self.clock_from("handling", event.occurred_at)
                due = datetime.fromisoformat(told) if told else clock.due_at if clock else None
                if due is None and name == "handed_over":
                    due = self._before(turn)
                if due is not None:
                    found.append((place, due, not reworked))
        return found

    def _before(self, turn: dict) -> datetime:
        turns = self.turns()
        index = next(i for i, one in enumerate(turns) if one["parts"][0] == turn["parts"][0])
        return self.deadlines(turns[index - 1])[-1][1]

    def in_turn(self, turn: dict, *names: str) -> list[Event]:
        return [event for event in turn["events"] if event.name.removeprefix("case.") in names]

    def submissions(self, turn: dict) -> list[tuple[Event, bool]]:
        """Each submission and whether it was in time."""
        found = []
        for place, event in enumerate(turn["events"]):
            if event.name == "case.submitted":
                due = [deadline for at, deadline, _ in self.deadlines(turn) if at <= place][-1]
                found.append((event, event.occurred_at <= due))
        return found

    def facts_of(self, turn: dict) -> dict:
        own = turn["events"]
        disposed = own[0].name == "case.disposed"
        due = [deadline for _, deadline, before_rework in self.deadlines(turn) if before_rework][-1]
        work = self.in_turn(turn, "submitted", "reworked")
        standing = bool(work) and work[-1].name == "case.submitted"
        all_in_time = all(ok for _, ok in self.submissions(turn))
        closed = self.in_turn(turn, "closed")
        closed_at = closed[-1].occurred_at if closed else None
        contacts = self.in_turn(turn, "contacted")
        acted = [e.occurred_at for e in self.in_turn(turn, "handling_begun", "submitted")]
        acted += [e.occurred_at for e in contacts if e.unit_id == turn["unit"] is not None]
        acted_order = [e for e in own if e.occurred_at in acted]
        signed = self.in_turn(turn, "signed", "handling_begun")
        return {
            "unit": turn["unit"], "withdrawn": turn["withdrawn"], "due": due,
            "dispatched": None if disposed else own[0].occurred_at,
            "handled": disposed or standing, "in_time": disposed or (standing and all_in_time),
            "closed_at": own[0].occurred_at if disposed else closed_at,
            "closed_in_time": disposed or bool(closed_at and all_in_time and self._stages_kept(turn, closed_at)),
            "reworked": bool(self.in_turn(turn, "reworked")), "extended": bool(self.in_turn(turn, "extended")),
            "signed": signed[0].occurred_at if signed else None,
            "acted": acted_order[0].occurred_at if acted_order else None,
        }  # fmt: skip

    def _stages_kept(self, turn: dict, closed_at: datetime) -> bool:
        ends = [("closing", closed_at)]
        inspected = self.in_turn(turn, "inspected")
        if inspected:
            ends.append(("inspection", inspected[-1].occurred_at))
        begin = turn["events"][0].occurred_at
        for stage, end in ends:
            clocks = [c for c in self.clocks if c.stage == stage and begin <= c.started_at <= end]
            if clocks and end > max(clocks, key=lambda clock: clock.started_at).due_at:
                return False
        return True

    def answers(self, turns: list[dict]) -> dict[int, dict]:
        """The newest answer to each turn's closing, by the place of the turn."""
        found = {}
        for rating in self.all("rated"):
            before = self.events[: self.events.index(rating)]
            closings = [
                index
                for index, turn in enumerate(turns)
                if any(e in before and e.name in ("case.closed", "case.disposed") for e in turn["events"])
            ]
            if closings:
                found[closings[-1]] = rating.payload
        return found


def histories() -> list[History]:
    """Every case with its events, read in three plain statements."""
    units = dict(OrgUnit.objects.values_list("code", "pk"))
    events, clocks = defaultdict(list), defaultdict(list)
    for event in Event.objects.filter(subject_type="cases.case").order_by("id"):
        events[event.subject_id].append(event)
    for clock in StageClock.objects.order_by("started_at", "id"):
        clocks[clock.case_id].append(clock)
    cases = Case.objects.select_related("area", "category")
    return [History(case, events[case.pk], clocks[case.pk], units) for case in cases if events[case.pk]]


class Tally:
    """Counts numerators and denominators, and gathers durations, by (indicator, key)."""

    def __init__(self, first, last, as_of):
        self.start = datetime(first.year, first.month, first.day, tzinfo=CHINA)
        self.end = datetime(last.year, last.month, last.day, tzinfo=CHINA) + timedelta(days=1)
        self.as_of = as_of
        self.numerators, self.denominators, self.lengths = defaultdict(int), defaultdict(int), defaultdict(list)

    def within(self, moment, *, deadline=False) -> bool:
        return moment is not None and self.start <= moment < (min(self.end, self.as_of) if deadline else self.end)

    def count(self, indicator, keys, yes) -> None:
        for key in keys:
            self.denominators[indicator, key] += 1
            self.numerators[indicator, key] += bool(yes)

    def measure(self, indicator, keys, seconds) -> None:
        for key in keys:
            self.lengths[indicator, key].append(seconds)


def compute(told: list[History], first, last, as_of, keys_of) -> dict:
    """Return {(indicator, key): (numerator or None, denominator, value)}.

    ``told``: the histories; ``keys_of(history, unit)``: all that a fact of a case counts for (scenes may be several);
    ``unit`` is whose performance the indicator is.
    """
    tally = Tally(first, last, as_of)
    for history in told:
        reason = history.left_out()
        _count_report(tally, history, reason, keys_of)
        if not reason:
            _count_filing(tally, history, keys_of)
            _count_turns(tally, history, keys_of)
    found = {at: (tally.numerators[at], size, tally.numerators[at] / size) for at, size in tally.denominators.items()}
    for (name, key), lengths in tally.lengths.items():
        for suffix, share in (("median", 0.5), ("p90", 0.9)):
            found[f"{name}_{suffix}", key] = (None, len(lengths), percentile(lengths, share))
    return found


def _count_report(tally, history, reason, keys_of) -> None:
    reported = history.first("reported")
    accepted = history.first("accepted", "disposed")
    decided = accepted or history.first("rejected")
    if tally.within(reported.occurred_at) and decided and reason in ("", "rejected"):
        valid = not history.all("rejected")
        tally.count("valid_report_rate", keys_of(history, reported.unit_id), valid)
    contact = history.first("contacted")
    if tally.within(reported.occurred_at) and contact and not reason:
        seconds = (contact.occurred_at - reported.occurred_at).total_seconds()
        tally.measure("contact_time", keys_of(history, contact.unit_id), seconds)


def _count_filing(tally, history, keys_of) -> None:
    filed, verified = history.first("accepted", "disposed"), history.first("verified")
    clocks = [clock for clock in history.clocks if clock.stage in ("verification", "acceptance")]
    due = clocks[-1].due_at if clocks else filed.occurred_at if filed else None
    if tally.within(due, deadline=True):
        kept = filed is not None
        for clock in clocks:
            end = verified if clock.stage == "verification" and verified else filed
            kept = kept and end.occurred_at <= clock.due_at
        tally.count("on_time_filing_rate", keys_of(history, filed.unit_id if filed else None), kept)
    sent = history.first("dispatched", "arbitrated")
    waits = [c for c in history.clocks if c.stage == "dispatch" and (sent is None or c.started_at < sent.occurred_at)]
    due = waits[0].due_at if waits else sent.occurred_at if sent else None
    if tally.within(due, deadline=True):
        keys = keys_of(history, sent.unit_id if sent else None)
        tally.count("on_time_dispatch_rate", keys, sent is not None and sent.occurred_at <= due)
        first_turn = next((turn for turn in history.turns() if turn["unit"] is not None), None)
        tally.count("dispatch_accuracy", keys, first_turn is not None and not first_turn["withdrawn"])


def _count_turns(tally, history, keys_of) -> None:
    turns = history.turns()
    answers = history.answers(turns)
    asked = history.case.source in PEOPLE
    for index, turn in enumerate(turns):
        if turn["withdrawn"]:
            continue
        facts, keys = history.facts_of(turn), keys_of(history, turn["unit"])
        if tally.within(facts["due"], deadline=True):
            tally.count("handling_rate", keys, facts["handled"])
            tally.count("on_time_handling_rate", keys, facts["in_time"])
            tally.count("closing_rate", keys, facts["closed_at"])
            tally.count("on_time_closing_rate", keys, facts["closed_in_time"])
            tally.count("rework_rate", keys, facts["reworked"])
            tally.count("overdue_open_rate", keys, not facts["handled"])
            tally.count("extension_rate", keys, facts["extended"])
        if tally.within(facts["dispatched"]):
            _count_dispatched(tally, history, facts, keys)
        if tally.within(facts["closed_at"]):
            answer = answers.get(index)
            if asked:
                tally.count("answer_rate", keys, answer)
            if answer:
                tally.count("satisfaction_rate", keys, answer["score"] >= 4)
                tally.count("solved_rate", keys, answer["solved"] == "yes")


def _count_dispatched(tally, history, facts, keys) -> None:
    tally.count("signing_rate", keys, facts["signed"])
    for name, moment in (("signing_time", facts["signed"]), ("action_time", facts["acted"])):
        if moment is not None:
            tally.measure(name, keys, (moment - facts["dispatched"]).total_seconds())
    if history.case.source in PEOPLE:
        tally.count("response_rate", keys, history.first("contacted"))
