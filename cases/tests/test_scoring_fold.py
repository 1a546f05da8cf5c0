"""What single events mean for facts, rule by rule of docs/scoring.md."""

from datetime import UTC, datetime, timedelta

import pytest

from cases.scoring.fold import Clock, Happening, fold

ZERO = datetime(2025, 10, 1, tzinfo=UTC)
UNITS = {"a": 1, "b": 2}


def at(hours: float) -> datetime:
    return ZERO + timedelta(hours=hours)


def told(*steps, clocks=()):
    """Fold steps ``(hour, name, unit?, payload...)`` after a report at hour 0 and an acceptance at hour 1."""
    happenings = [Happening("case.reported", at(0), 9, {}), Happening("case.accepted", at(1), 9, {})]
    for hour, name, *rest in steps:
        unit, payload = (rest + [None, {}])[:2] if rest else (None, {})
        payload = {key: at(value).isoformat() if key == "due_at" else value for key, value in (payload or {}).items()}
        happenings.append(Happening(f"case.{name}", at(hour), unit, payload))
    return fold(happenings, [Clock(stage, at(start), at(due)) for stage, start, due in clocks], UNITS)


SENT = (2, "dispatched", 9, {"lead": "a", "due_at": 10})
DONE = (5, "submitted")
CLOSE = [(6, "inspected"), (7, "closed")]


def test_a_return_to_another_unit_was_the_dispatchs_fault():
    facts = told(SENT, (3, "returned"), (4, "dispatched", 9, {"lead": "b", "due_at": 20}), (15, "submitted"))
    first, second = facts.spells
    assert first.withdrawn and not second.withdrawn and second.in_time
    assert facts.report.right_first is False and second.dispatched_at == at(4)


def test_a_return_to_the_same_unit_was_its_own_time():
    facts = told(SENT, (3, "returned"), (4, "dispatched", 9, {"lead": "a", "due_at": 9}), (9.5, "submitted"))
    (only,) = facts.spells
    assert not only.withdrawn and facts.report.right_first
    assert (only.dispatched_at, only.due_at, only.in_time) == (at(2), at(9), False)


def test_a_return_nobody_has_judged_counts_for_nobody():
    facts = told(SENT, (3, "returned"), (4, "arbitration_needed"))
    assert facts.spells[0].withdrawn and facts.report.right_first is False
    decided = told(SENT, (3, "returned"), (8, "arbitrated", 9, {"lead": "a", "due_at": 12}))
    assert not decided.spells[0].withdrawn and decided.spells[0].due_at == at(12)


@pytest.mark.parametrize("step", [(3, "recalled"), (3, "handed_over", 9, {"lead": "b"})])
def test_a_dispatch_taken_back_or_over_was_wrong(step):
    facts = told(SENT, step)
    assert facts.spells[0].withdrawn and facts.report.right_first is False
    if step[1] == "handed_over":
        assert (facts.spells[1].unit_id, facts.spells[1].due_at) == (2, at(10))


def test_a_handover_that_keeps_the_lead_changes_nothing():
    facts = told(SENT, (3, "handed_over", 9, {"lead": "a"}), (3.5, "handed_over", 9, {}), DONE)
    assert len(facts.spells) == 1 and facts.spells[0].in_time


def test_extension_and_resumption_move_the_end_rework_does_not():
    facts = told(SENT, (3, "extended", 9, {"due_at": 12}), (4, "suspended"), (30, "resumed", 9, {"due_at": 40}),
                 (39, "submitted"), (41, "reworked"), (42, "submitted"),
                 clocks=[("handling", 41, 44)])  # fmt: skip
    spell = facts.spells[0]
    assert (spell.due_at, spell.extensions, spell.reworks, spell.in_time) == (at(40), 1, 1, True)
    assert facts.excluded == ""
    assert told(SENT, (4, "suspended")).excluded == "suspended"


def test_rework_runs_on_its_own_clock():
    late = told(SENT, DONE, (6, "reworked"), (9, "submitted"), clocks=[("handling", 6, 8)]).spells[0]
    assert (late.handled_at, late.in_time, late.overdue_since, late.due_at) == (at(9), False, at(8), at(10))
    waiting = told(SENT, DONE, (6, "reworked"), clocks=[("handling", 6, 8)]).spells[0]
    assert (waiting.handled_at, waiting.in_time) == (None, None)


def test_once_late_stays_late_and_on_record():
    facts = told(SENT, (11, "submitted"), (12, "reworked"), (13, "submitted"), (14, "appeal_upheld"),
                 clocks=[("handling", 12, 20)])  # fmt: skip
    assert facts.spells[0].in_time is False and facts.spells[0].overdue_since == at(10)
    assert facts.excluded == "appeal"
    warned = told(
        SENT, (10, "overdue", None, {"stage": "handling"}), (10.5, "extended", 9, {"due_at": 20}), (15, "submitted")
    )
    assert warned.spells[0].in_time and warned.spells[0].overdue_since == at(10)


def test_closing_needs_every_stage_within_its_clock():
    def closed(*clocks):
        return told(SENT, DONE, *CLOSE, clocks=clocks).spells[0].closed_in_time

    assert closed() and closed(("inspection", 5, 6), ("closing", 6, 7))
    assert not closed(("inspection", 5, 5.5)) and not closed(("closing", 6, 6.5))
    assert not told(SENT, (11, "submitted"), (12, "inspected"), (13, "closed")).spells[0].closed_in_time


def test_a_reopened_case_is_another_turn():
    again = (10, "dispatched", 9, {"lead": "a", "due_at": 15})
    bad, good = (8, "rated", None, {"score": 2, "solved": "no"}), (12, "rated", None, {"score": 5, "solved": "yes"})
    facts = told(SENT, DONE, *CLOSE, bad, (9, "reopened"), again, good)
    first, second = facts.spells
    assert first.reopened and first.closed_at == at(7) and (first.score, first.solved) == (5, "yes")
    assert second.dispatched_at == at(10) and second.handled_at is None


def test_dealt_with_on_the_spot_is_a_turn_of_no_unit():
    facts = fold([Happening("case.reported", at(0), 9, {}), Happening("case.disposed", at(1), 9, {})], [], UNITS)
    (turn,) = facts.spells
    assert (turn.unit_id, turn.due_at, turn.in_time, turn.closed_in_time) == (None, at(1), True, True)
    assert facts.report.valid and facts.report.filed_at == at(1) and facts.report.dispatch_due_at is None


def test_filing_and_dispatch_have_the_clocks_of_their_stages():
    clocks = [("verification", 0, 0.5), ("dispatch", 1, 1.5)]
    late = told(SENT, clocks=clocks).report
    assert (late.filing_due_at, late.filed_in_time) == (at(0.5), False)
    assert (late.dispatch_due_at, late.dispatched_in_time) == (at(1.5), False)
    waiting = told(clocks=clocks).report
    assert (waiting.dispatch_due_at, waiting.dispatched_in_time, waiting.right_first) == (at(1.5), None, None)
    at_once = told((1, "dispatched", None, {"lead": "a", "due_at": 10})).report
    assert (at_once.dispatch_due_at, at_once.dispatched_in_time) == (at(1), True)


def test_first_action_and_signature():
    facts = told(SENT, (2.5, "contacted", 9), (3, "contacted", 1), (4, "handling_begun", 1)).spells[0]
    assert (facts.acted_at, facts.signed_at) == (at(3), at(4))
    assert told(SENT, (2.5, "signed", 1)).spells[0].acted_at is None


@pytest.mark.parametrize(
    ("name", "payload", "reason"),
    [("rejected", {}, "rejected"), ("cancelled", {}, "cancelled"), ("merged", {"into": "C1"}, "merged"),
     ("appeal_settled", {"outcome": "upheld"}, "appeal"), ("appeal_settled", {"outcome": "refused"}, "")],
)  # fmt: skip
def test_why_a_case_is_left_out(name, payload, reason):
    assert told(SENT, (3, name, None, payload)).excluded == reason


def test_a_lead_nobody_knows_is_refused():
    with pytest.raises(LookupError):
        told((2, "dispatched", 9, {"lead": "x", "due_at": 10}))
