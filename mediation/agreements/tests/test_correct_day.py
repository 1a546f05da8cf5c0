"""The day from which an agreement binds, typed in wrongly, is put right with all that counts from it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Timer
from governance.timers import fire_due
from governance.workflow import act, available
from mediation.agreements.documents.papers import paper_take
from mediation.agreements.tests.deals import drafted, effective, owed_money, parties, signed
from mediation.confirmation.tests.test_confirmation import applied
from mediation.followup.tests.visiting import found
from mediation.measures.figures import Quarter, measures_of
from mediation.models import Agreement, Dispute, FollowUpVisit, JudicialConfirmation, Obligation
from mediation.tests.county import NOW
from mediation.tests.papers import text_of

pytestmark = pytest.mark.django_db
DAY, FIRST = timedelta(days=1), NOW.date()
WHY = "盖章日期录错"


def sealed_late(county, clock, days=6) -> Agreement:
    """Signed on 2 June; the seal is of that day too, and typed in as of the day of the typing."""
    row = signed(county, drafted(county))
    clock.move_to(NOW + days * DAY)
    return act(row, "seal", actor=county.mediator)


def correct(county, row, on, **given):
    return act(row, "correct_day", **({"actor": county.mediator, "on": on, "reason": WHY} | given))


def confirmation_of(row):
    return JudicialConfirmation.objects.with_rows().get(agreement=row)


def fired():
    while fire_due():
        pass


def visits(row):
    return {visit.kind: visit for visit in FollowUpVisit.objects.filter(agreement=row, obligation=None)}


def reminders(row):
    open_ = Timer.objects.filter(kind="mediation.confirmation_reminder", fired_at=None, cancelled_at=None)
    found = open_.filter(subject_id=confirmation_of(row).pk).order_by("due_at")
    return [timezone.localdate(timer.due_at) for timer in found]


def snapshot(row):
    return Agreement.objects.filter(pk=row.pk).values().get(), Event.objects.count(), reminders(row)


@pytest.mark.parametrize("door", ["api", "admin"])
def test_all_that_counts_from_the_seal_counts_from_its_true_day(county, clock, door):
    # given an agreement sealed on 2 June, typed in on 8 June without its day
    row, client = sealed_late(county, clock), client_of(county.mediator)
    assert confirmation_of(row).last_day == date(2026, 7, 8) and reminders(row)[0] == FIRST + 13 * DAY
    # when the day is put right, with a reason
    given = {"on": str(FIRST), "reason": WHY}
    if door == "api":
        address = f"/api/v1/mediation/agreements/{row.pk}/transitions/correct_day/"
        assert client.post(address, {"on": str(FIRST)}).status_code == 400
        assert client.post(address, {"reason": WHY}).status_code == 400
        answer = client.post(address, given)
        assert answer.status_code == 200, answer.content
        told = answer.json()["signatures"][-1]
        assert (told["of"], told["signed_on"]) == ("committee", str(FIRST))
    else:
        page = f"/admin/mediation/agreement/{row.pk}/transition/correct_day/"
        assert 'value="2026-06-08"' in client.get(page).content.decode()
        assert client.post(page, given, format="multipart").status_code == 302
    # then the last day, the reminders and the visits are those of 2 June
    row = Agreement.objects.with_rows().get(pk=row.pk)
    assert row.effective_on == FIRST and row.made_on == FIRST
    assert confirmation_of(row).last_day == date(2026, 7, 2)
    assert reminders(row) == [FIRST + 7 * DAY, FIRST + 20 * DAY, FIRST + 27 * DAY]
    assert (visits(row)["week"].due_on, visits(row)["month"].due_on) == (FIRST + 7 * DAY, date(2026, 7, 2))
    assert visits(row)["week"].grace_until == FIRST + 10 * DAY
    # and the events tell both days, who and why; the papers the true one
    event = Event.objects.get(name="mediation_agreement.day_corrected")
    assert (event.payload["before"], event.payload["effective_on"]) == ("2026-06-08", str(FIRST))
    assert (event.actor, event.remark.text) == (county.mediator, WHY)
    assert Event.objects.get(name="confirmation.last_day_moved").payload["before"] == "2026-07-08"
    paper = text_of(paper_take(row.dispute, "agreement", actor=county.mediator)[1])
    assert "生效日期：2026年6月2日" in paper and "6月8日" not in paper
    # and the timers of the visits follow
    clock.move_to(NOW + 7 * DAY)
    fired()
    assert visits(row)["week"].state == "due"


def test_moved_later_what_has_come_due_is_planned_again(county, clock):
    # given an agreement sealed on 4 June of which 2 June was typed in, whose first visit is due, tried in vain
    row = signed(county, drafted(county))
    clock.move_to(NOW + 2 * DAY)
    row = act(row, "seal", actor=county.mediator, on=FIRST)
    clock.move_to(NOW + 8 * DAY)
    fired()
    act(visits(row)["week"], "miss", actor=county.mediator)
    # when it is put right on the eighth day
    correct(county, row, FIRST + 2 * DAY)
    # then the visit is to be made on 11 June
    week = visits(row)["week"]
    assert (week.state, week.due_on, week.attempts) == ("planned", FIRST + 9 * DAY, 1)
    assert confirmation_of(row).last_day == date(2026, 7, 6)  # the 4th is a Saturday
    clock.move_to(NOW + 9 * DAY)
    fired()
    assert visits(row)["week"].state == "due"
    clock.move_to(NOW + 13 * DAY)
    fired()
    assert visits(row)["week"].state == "overdue"


@pytest.mark.parametrize("later", [False, True])
def test_who_is_late_stays_late_and_is_not_told_again(county, clock, later):
    # given a first visit that has been overdue for a week
    row = sealed_late(county, clock) if not later else signed(county, drafted(county))
    if later:
        clock.move_to(NOW + 2 * DAY)
        row = act(row, "seal", actor=county.mediator, on=FIRST)
    clock.move_to(NOW + 25 * DAY)
    fired()
    assert visits(row)["week"].state == "overdue"
    due_on = visits(row)["week"].due_on
    # when the day is put right, back or on
    correct(county, row, FIRST + 2 * DAY if later else FIRST)
    fired()
    # then it is late as before, and its superior is told nothing anew
    week = visits(row)["week"]
    assert (week.state, week.due_on) == ("overdue", due_on + 2 * DAY if later else due_on)
    assert Event.objects.filter(name="followup.overdue", subject_id=week.pk).count() == 1


def test_an_oral_agreement_was_made_on_the_day_from_which_it_binds(county, clock):
    # given an oral agreement of 3 June, recorded as of 5 June
    dispute = county.mediating()
    clock.move_to(NOW + 3 * DAY)
    row = act(drafted(county, dispute, form="oral"), "record_oral", actor=county.mediator)
    assert row.effective_on == FIRST + 3 * DAY
    row = correct(county, row, FIRST + DAY)
    assert (row.effective_on, row.made_on) == (FIRST + DAY, FIRST + DAY)
    assert confirmation_of(row).last_day == date(2026, 7, 3)
    # and not before the mediation, nor after something of it was due or done
    act(row.obligations.first(), "perform_whole", actor=county.mediator, on=FIRST + DAY)
    for day, code in ((FIRST - DAY, "too_early"), (FIRST + 2 * DAY, "owed"), (FIRST + DAY, "same")):
        before = snapshot(row)
        with pytest.raises(Invalid) as refusal:
            correct(county, row, day)
        assert (refusal.value.field, refusal.value.code) == ("on", code) and snapshot(row) == before


def test_one_of_a_later_round_was_not_made_before_that_and_an_earlier_one_is_not_held_to_it(county, clock):
    # given an oral agreement of 2 June; the dispute broke out again on 8 June and was settled orally on 10 June
    first = act(drafted(county, county.mediating(), form="oral"), "record_oral", actor=county.mediator)
    clock.move_to(NOW + 6 * DAY)
    dispute = county.step(county.step(Dispute.objects.get(pk=first.dispute_id), "reopen"), "begin")
    clock.move_to(NOW + 8 * DAY)
    second = act(drafted(county, dispute, form="oral"), "record_oral", actor=county.mediator)
    # when its day is put right
    # then it is one of its own round
    with pytest.raises(Invalid) as refusal:
        correct(county, second, FIRST + 5 * DAY)
    assert (refusal.value.field, refusal.value.code) == ("on", "too_early")
    assert correct(county, second, FIRST + 6 * DAY).effective_on == FIRST + 6 * DAY
    # and the first of another dispute, reopened but not settled anew, may be of any day of its own
    other = act(drafted(county, county.mediating(), form="oral"), "record_oral", actor=county.mediator)
    clock.move_to(NOW + 20 * DAY)
    county.step(Dispute.objects.get(pk=other.dispute_id), "reopen")
    assert correct(county, other, FIRST + 9 * DAY).effective_on == FIRST + 9 * DAY


def test_within_the_bounds_of_the_seal(county, clock):
    # given an agreement of 2 June, signed by the mediator on 4 June
    row = drafted(county)
    clock.move_to(NOW + 6 * DAY)
    for party in parties(row.dispute):
        row = act(row, "sign_party", actor=county.mediator, party=party, on=FIRST)
    row = act(row, "sign_mediator", actor=county.mediator, on=FIRST + 2 * DAY)
    row = act(row, "seal", actor=county.mediator)
    clock.move_to(NOW + 12 * DAY)
    act(visits(row)["week"], "log", actor=county.mediator, found=found(), on=FIRST + 11 * DAY)
    for day, code in ((FIRST + 13 * DAY, "in_future"), (date.max, "in_future"), (FIRST + DAY, "too_early"),
                      (FIRST + 12 * DAY, "visited"), (FIRST + 6 * DAY, "same")):  # fmt: skip
        before = snapshot(row)
        with pytest.raises(Invalid) as refusal:
            correct(county, row, day)
        assert (refusal.value.field, refusal.value.code) == ("on", code) and snapshot(row) == before
    with pytest.raises(Invalid) as refusal:
        correct(county, row, FIRST + 2 * DAY, reason=" ")
    assert refusal.value.field == "reason"
    for who in ("township_mediator", "outside_village_mediator", "grid_worker", "judges_clerk", "neighbour"):
        with pytest.raises(NotPermitted):
            correct(county, row, FIRST + 2 * DAY, actor=county.people[who])
    assert correct(county, row, FIRST + 2 * DAY).effective_on == FIRST + 2 * DAY


@pytest.mark.parametrize("state", ["jointly_applied", "received", "admitted", "valid", "rejected", "handed_back"])
def test_once_the_court_has_it_the_day_stands(county, clock, state):
    row, clerk = sealed_late(county, clock), county.people["judges_clerk"]
    ways = {"received": [], "admitted": ["admit"], "valid": ["admit", "confirm"], "rejected": ["not_admit"],
            "handed_back": ["hand_back"]}  # fmt: skip
    confirmation = applied(county, confirmation_of(row))
    for name in ["receive", *ways[state]] if state in ways else []:
        given = {"not_admit": {"ground": "355_2", "reason": WHY}, "hand_back": {"reason": WHY}}
        confirmation = act(confirmation, name, actor=clerk, **given.get(name, {"number": "1号"} if ways[state] and
                           name != "receive" else {}))  # fmt: skip
    before = snapshot(row)
    with pytest.raises(Conflict) as refusal:
        correct(county, row, FIRST)
    assert refusal.value.code == "at_court" and snapshot(row) == before


def test_taken_back_by_the_parties_it_may_be_put_right_where_it_fits(county, clock):
    # given an application of 3 July, in time by the wrong day of effect, taken back
    row = sealed_late(county, clock)
    clock.move_to(NOW + 31 * DAY)
    act(applied(county, confirmation_of(row)), "withdraw", actor=county.mediator, reason="再考虑")
    before = snapshot(row)
    with pytest.raises(Invalid) as refusal:
        correct(county, row, FIRST)
    assert (refusal.value.field, refusal.value.code) == ("on", "applied") and snapshot(row) == before
    # then a day by which it was in time stands
    correct(county, row, FIRST + DAY)
    assert confirmation_of(row).last_day == date(2026, 7, 3)


def test_a_file_in_the_archive_and_a_replaced_agreement_stay_as_they_are(county, clock):
    row = sealed_late(county, clock)
    Dispute.objects.filter(pk=row.dispute_id).update(state="archived")
    with pytest.raises(Conflict):
        correct(county, row, FIRST)
    other = effective(county)
    dispute = county.step(county.step(Dispute.objects.get(pk=other.dispute_id), "reopen"), "begin")
    newer = effective(county, dispute)
    with pytest.raises(Conflict):
        correct(county, other, FIRST + DAY)
    names = [step.name for step in available(Agreement.objects.with_rows().get(pk=newer.pk), county.mediator)]
    assert names == ["correct_day", "correct_signature"]


def test_measures_take_the_day_that_was_told_by_their_own(county, clock):
    # given an agreement sealed on 30 June and typed in as of 2 July, that is, in the next quarter
    row = drafted(county)
    clock.move_to(NOW + 28 * DAY)
    for party in parties(row.dispute):
        row = act(row, "sign_party", actor=county.mediator, party=party)
    row = act(row, "sign_mediator", actor=county.mediator)
    clock.move_to(NOW + 30 * DAY)
    row = act(row, "seal", actor=county.mediator)

    def counted(quarter):
        tables = measures_of(Dispute.objects.all(), quarter, suppressed=False)
        return {table.measure: table.total["count"] for table in tables}

    clock.move_to(NOW + 32 * DAY)
    before = counted(Quarter(2026, 2))
    correct(county, row, date(2026, 6, 30))
    after = counted(Quarter(2026, 2))
    # then it counts in the quarter in which it took effect, but where that was looked at before
    assert (before["performance"], after["performance"]) == (0, 1)
    assert (before["days"], after["days"]) == (0, 0)
    assert counted(Quarter(2026, 3))["performance"] == 0
    assert Obligation.objects.get(pk=owed_money(row).pk).state in ("due", "overdue")
