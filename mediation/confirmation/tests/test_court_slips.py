"""What the court's clerk entered by a slip is taken back with a reason, and entered anew."""

from datetime import date, timedelta

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Notice, NoticeTemplate, Timer
from governance.workflow import act, available
from mediation.agreements.tests.deals import effective
from mediation.confirmation.eligibility import asked_from, wishes_of
from mediation.confirmation.tests.test_confirmation import GIVEN, applied, in_state, snapshot
from mediation.models import ConfirmationState, Dispute, JudicialConfirmation
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
C = ConfirmationState
WHY = {"reason": "选错了案件"}


def fresh(row):
    return JudicialConfirmation.objects.with_rows().get(pk=row.pk)


def by_clerk(county, row, *names, **given):
    for name in names:
        row = act(row, name, actor=county.people["judges_clerk"], **(GIVEN.get(name, {}) | given))
    return fresh(row)


def names_of(county, row, who="judges_clerk"):
    return [step.name for step in available(fresh(row), county.people[who])]


@pytest.mark.parametrize("door", ["api", "admin"])
def test_the_wrong_ground_ends_nobodys_right(county, clock, door):
    # given the clerk chose 355(3) for 355(2), and the mediator was told
    NoticeTemplate.objects.create(key="confirmation_corrected", language="zh-hans", title="{{ dispute }}",
                                  context="mediation.judicialconfirmation", body="更正 {{ state }}")  # fmt: skip
    row = by_clerk(county, applied(county), "receive", "not_admit")
    assert "back_to_received" in names_of(county, row)
    assert "back_to_received" not in names_of(county, row, "village_mediator")
    # when that is taken back, with a reason
    client = client_of(county.people["judges_clerk"])
    if door == "api":
        address = f"/api/v1/mediation/confirmations/{row.pk}/transitions/back_to_received/"
        assert client.post(address, {}).status_code == 400
        assert client.post(address, WHY).status_code == 200
    else:
        page = f"/admin/mediation/judicialconfirmation/{row.pk}/transition/back_to_received/"
        assert client.get(page).status_code == 200
        assert client.post(page, WHY, format="multipart").status_code == 302
    # then it lies with the court as before, the wishes count, and the mediator is told otherwise
    row = fresh(row)
    assert (row.state, row.ground, row.decided_on, row.received_on) == (C.RECEIVED, "", None, NOW.date())
    assert len(wishes_of(row)) == 2
    event = Event.objects.get(name="confirmation.court_corrected")
    assert event.remark.text == WHY["reason"]
    assert event.payload["taken_back"] == {"received_on": "2026-06-02", "decided_on": "2026-06-02", "ground": "355_3"}
    told = Notice.objects.get(body__startswith="更正")
    assert (told.person, told.body) == (county.mediator, "更正 法院已收件")
    # and with the right ground the parties may apply again
    row = by_clerk(county, row, "not_admit", ground="355_2")
    assert act(row, "again", actor=county.mediator).state == C.ELIGIBLE


def test_a_ruling_under_the_wrong_number(county, clock):
    # given a ruling entered with another case's number and the wrong day
    row = by_clerk(county, in_state(county, C.ADMITTED), "extend")
    clock.move_to(NOW + timedelta(days=5))
    row = by_clerk(county, row, "confirm", number="（2026）云9902民特99号")
    # when it is taken back
    row = by_clerk(county, row, "back_to_admitted", **WHY)
    # then it is admitted as it was, under the number of the admission, its term extended
    assert (row.state, row.case_number, row.decided_on) == (C.ADMITTED, GIVEN["admit"]["number"], None)
    assert row.extended and row.decide_by == date(2026, 6, 29)
    row = by_clerk(county, row, "confirm", number="（2026）云9902民特13号", on=date(2026, 6, 4))
    assert (row.state, row.case_number, row.decided_on) == (C.VALID, "（2026）云9902民特13号", date(2026, 6, 4))


@pytest.mark.parametrize("way", ["reject", "hand_back"])
def test_what_was_admitted_goes_back_to_admitted(county, way):
    row = by_clerk(county, in_state(county, C.ADMITTED), way)
    assert "back_to_received" not in names_of(county, row)
    row = by_clerk(county, row, "back_to_admitted", **WHY)
    assert (row.state, row.case_number, row.ground) == (C.ADMITTED, GIVEN["admit"]["number"], "")


def test_step_by_step_to_the_application(county):
    # given the wrong row of the list was received and admitted
    row = by_clerk(county, in_state(county, C.ADMITTED), "extend")
    row = by_clerk(county, row, "back_to_received", **WHY)
    assert (row.state, row.admitted_on, row.decide_by, row.case_number, row.extended) == (
        C.RECEIVED, None, None, "", False)  # fmt: skip
    row = by_clerk(county, row, "back_to_applied", **WHY)
    assert (row.state, row.received_on) == (C.JOINTLY_APPLIED, None)
    # then the mediator may correct court and day again
    assert "correct" in names_of(county, row, "village_mediator")


def test_by_the_clerk_of_that_court_with_a_reason_and_until_somebody_went_on(county):
    row = in_state(county, C.VALID)
    for who in ("village_mediator", "township_mediator", "administrator", "neighbour"):
        before = snapshot(row)
        with pytest.raises(NotPermitted):
            act(row, "back_to_admitted", actor=county.people[who], **WHY)
        assert snapshot(row) == before
    with pytest.raises(Invalid) as refusal:
        by_clerk(county, row, "back_to_admitted", reason=" ")
    assert refusal.value.field == "reason"
    act(row, "note_enforcement", actor=county.mediator)
    before = snapshot(row)
    with pytest.raises(Conflict):
        by_clerk(county, row, "back_to_admitted", **WHY)
    assert snapshot(row) == before


# How far it had come when the clerk pressed "withdraw", and the step that takes that back.
SLIPS = {C.JOINTLY_APPLIED: "back_to_applied", C.RECEIVED: "back_to_received", C.ADMITTED: "back_to_admitted"}
STANDS = ("state", "court", "court_basis", "applied_on", "received_on", "admitted_on", "decide_by", "extended",
          "decided_on", "case_number", "ground", "last_day", "withdrawn_by_court")  # fmt: skip


@pytest.mark.parametrize("door", ["api", "admin"])
@pytest.mark.parametrize("state", list(SLIPS))
def test_the_clerk_pressed_withdraw_by_a_slip(county, clock, state, door):
    # given an application that the clerk withdrew by a slip, of which the mediator was told
    NoticeTemplate.objects.create(key="confirmation_corrected", language="zh-hans", title="{{ dispute }}",
                                  context="mediation.judicialconfirmation", body="更正 {{ state }}")  # fmt: skip
    row = in_state(county, state)
    row = fresh(by_clerk(county, row, "extend") if state == C.ADMITTED else row)
    stood = [getattr(row, name) for name in STANDS]
    timers = set(Timer.objects.filter(fired_at=None, cancelled_at=None).values_list("key", "due_at"))
    clock.move_to(NOW + timedelta(days=1))
    row = by_clerk(county, row, "withdraw")
    assert row.withdrawn_by_court and not set(SLIPS.values()) & set(names_of(county, row, "village_mediator"))
    # then there is one step that takes it back, to where it was
    name = SLIPS[state]
    assert [step for step in names_of(county, row) if step.startswith("back_to")] == [name]
    before = snapshot(row)
    for who in ("village_mediator", "township_mediator", "administrator", "neighbour"):
        with pytest.raises(NotPermitted):
            act(row, name, actor=county.people[who], **WHY)
    for other in set(SLIPS.values()) - {name}:
        with pytest.raises(Conflict):
            by_clerk(county, row, other, **WHY)
    assert snapshot(row) == before
    # when it is taken back, with a reason
    client = client_of(county.people["judges_clerk"])
    if door == "api":
        address = f"/api/v1/mediation/confirmations/{row.pk}/transitions/{name}/"
        assert client.post(address, {}).status_code == 400
        assert client.post(address, WHY).status_code == 200
    else:
        page = f"/admin/mediation/judicialconfirmation/{row.pk}/transition/{name}/"
        assert client.get(page).status_code == 200
        assert client.post(page, WHY, format="multipart").status_code == 302
    # then all stands as before, terms and reminders too, the wishes count, and the mediator is told otherwise
    row = fresh(row)
    assert [getattr(row, name) for name in STANDS] == stood and len(wishes_of(row)) == 2
    assert set(Timer.objects.filter(fired_at=None, cancelled_at=None).values_list("key", "due_at")) == timers
    assert asked_from(row) == row.agreement.effective_on
    event = Event.objects.get(name="confirmation.court_corrected")
    assert event.remark.text == WHY["reason"] and event.payload["taken_back"]["decided_on"] == "2026-06-03"
    assert Notice.objects.get(body__startswith="更正").person == county.mediator


def test_a_withdrawal_that_was_meant_counts_after_one_that_was_not(county, clock):
    # given a slip that was taken back, and a withdrawal of the parties afterwards
    row = by_clerk(county, by_clerk(county, applied(county), "withdraw"), "back_to_applied", **WHY)
    clock.move_to(NOW + timedelta(days=2))
    row = act(row, "withdraw", actor=county.mediator, reason="双方已履行")
    assert not row.withdrawn_by_court
    # then what was said before counts for no other application
    row = act(row, "wanted", actor=county.mediator)
    assert asked_from(row) == (NOW + timedelta(days=2)).date() and not wishes_of(row)
    # and nothing of the slip is left once they applied anew and the clerk slips again
    clock.move_to(NOW + timedelta(days=3))
    row = by_clerk(county, by_clerk(county, applied(county, row), "withdraw"), "back_to_applied", **WHY)
    assert len(wishes_of(fresh(row))) == 2 and asked_from(row) == (NOW + timedelta(days=2)).date()


@pytest.mark.parametrize("way", ["wanted", "replaced", "archived", "day_corrected"])
def test_the_slip_stays_once_somebody_went_on_from_it(county, clock, way):
    row = by_clerk(county, applied(county), "withdraw")
    if way == "wanted":
        row = act(row, "wanted", actor=county.mediator)
    elif way == "replaced":
        effective(county, county.step(county.step(Dispute.objects.get(pk=row.dispute_id), "reopen"), "begin"))
    elif way == "archived":
        Dispute.objects.filter(pk=row.dispute_id).update(state="archived")
    else:
        Event.objects.create(
            name="mediation_agreement.day_corrected", subject_type="mediation.agreement", subject_id=row.agreement_id,
            actor=county.mediator, role="village_mediator", occurred_at=NOW,
        )  # fmt: skip
    before = snapshot(row)
    with pytest.raises((Conflict, NotPermitted)):
        by_clerk(county, fresh(row), "back_to_applied", **WHY)
    assert snapshot(row) == before


@pytest.mark.parametrize("way", ["withdrawn", "again", "replaced", "archived"])
def test_what_is_not_the_courts_to_take_back(county, way):
    if way == "withdrawn":  # by the parties
        row = act(in_state(county, C.ADMITTED), "withdraw", actor=county.mediator, reason="双方已履行")
    elif way == "again":
        row = by_clerk(county, by_clerk(county, applied(county), "receive"), "not_admit", ground="355_2")
        row = act(row, "again", actor=county.mediator)
    else:
        row = in_state(county, C.REJECTED)
    if way == "archived":
        Dispute.objects.filter(pk=row.dispute_id).update(state="archived")
    if way == "replaced":
        dispute = county.step(county.step(Dispute.objects.get(pk=row.dispute_id), "reopen"), "begin")
        effective(county, dispute)
    before = snapshot(row)
    for name in ("back_to_admitted", "back_to_received", "back_to_applied"):
        with pytest.raises((Conflict, NotPermitted)):
            by_clerk(county, fresh(row), name, **WHY)
        assert snapshot(row) == before
