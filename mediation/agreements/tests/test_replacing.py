"""What the parties agree anew takes the place of the agreement they had: nothing goes on of the older one."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from cases.tests.api import client_of
from governance.errors import Conflict
from governance.models import Event, Timer
from governance.timers import fire_due
from governance.workflow import act
from mediation.agreements.tests.deals import effective, owed_money, parties
from mediation.followup.tests.visiting import at_nine, found
from mediation.measures.figures import Quarter, measures_of
from mediation.models import (
    Agreement,
    AgreementState,
    ConfirmationState,
    Dispute,
    DisputeState,
    FollowUpVisit,
    JudicialConfirmation,
    Obligation,
    ObligationState,
    VisitState,
)
from mediation.papers.own import told
from mediation.papers.saying import Reader
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
A, O, C = AgreementState, ObligationState, ConfirmationState  # noqa: E741


def again(county, older: Agreement, **given) -> Agreement:
    """The dispute broke out again and was settled by another agreement."""
    dispute = county.step(Dispute.objects.get(pk=older.dispute_id), "reopen")
    return effective(county, county.step(dispute, "begin"), **given)


def fresh(row):
    return type(row).objects.with_rows().get(pk=row.pk)


def open_timers(older: Agreement) -> list[str]:
    """The kinds of what is still to come of an agreement."""
    subjects = {
        "mediation.obligation_due": older.obligations.values_list("pk", flat=True),
        "mediation.confirmation_reminder": [older.confirmation.pk],
        "mediation.visit_due": older.visits.values_list("pk", flat=True),
        "mediation.visit_overdue": older.visits.values_list("pk", flat=True),
    }
    rows = Timer.objects.filter(fired_at=None, cancelled_at=None)
    return [kind for kind, keys in subjects.items() if rows.filter(kind=kind, subject_id__in=list(keys)).exists()]


def test_with_the_newer_agreement_everything_of_the_older_ends(county, clock):
    # given an agreement in effect, of which one thing was done, one is owed, and of which timers are set
    older = effective(county)
    repair = older.obligations.get(amount=None)
    act(repair, "perform_whole", actor=county.mediator)
    assert set(open_timers(older)) >= {"mediation.obligation_due", "mediation.confirmation_reminder"}

    # when another one takes effect
    newer = again(county, older)

    # then the older is replaced: what is owed, its term to apply, its visits
    older = fresh(older)
    assert (older.state, older.replaced_by, older.effective_on) == (A.REPLACED, newer, NOW.date())
    assert (fresh(repair).state, fresh(owed_money(older)).state) == (O.PERFORMED, O.REPLACED)
    assert fresh(older.confirmation).state == C.REPLACED and fresh(newer.confirmation).state == C.ELIGIBLE
    assert set(older.visits.values_list("state", flat=True)) == {VisitState.CANCELLED}
    assert open_timers(older) == [] and len(open_timers(newer)) == 4
    names = ["mediation_agreement.replaced", "obligation.replaced", "confirmation.replaced"]
    assert Event.objects.filter(name__in=names, role="system").count() == 3

    # and nothing of it comes due any more
    clock.move_to(NOW + timedelta(days=60))
    while fire_due():
        pass
    assert fresh(owed_money(older)).state == O.REPLACED and fresh(owed_money(newer)).state == O.OVERDUE
    assert not Event.objects.filter(name="obligation.overdue", subject_id__in=older.obligations.all()).exists()
    assert fresh(older.confirmation).reminded_day is None


@pytest.mark.parametrize("before", ["due", "part", "overdue", "urged", "told_of_litigation"])
def test_whatever_is_still_owed_is_replaced(county, clock, before):
    older = effective(county)
    money = owed_money(older)
    Obligation.objects.filter(pk=money.pk).update(state=before)
    again(county, older)
    assert fresh(money).state == O.REPLACED
    with pytest.raises(Conflict):
        act(money, "perform_whole", actor=county.mediator)
    assert fresh(money).state == O.REPLACED and fresh(money).paid == 0


@pytest.mark.parametrize("step", ["consent", "judge", "wanted", "not_wanted", "apply"])
def test_nobody_applies_for_what_was_replaced(county, step):
    older = effective(county)
    again(county, older)
    given = {
        "consent": {"party": parties(older.dispute)[0], "answer": "agreed"},
        "judge": {"concerns_identity": False, "concerns_title": False},
        "apply": {"court": county.unit("court"), "basis": "mediation"},
    }.get(step, {})  # fmt: skip
    with pytest.raises(Conflict) as refusal:
        act(older.confirmation, step, actor=county.mediator, **given)
    assert refusal.value.code == "replaced"
    assert fresh(older.confirmation).state == C.REPLACED and not older.confirmation.consents.exists()


def test_an_application_that_was_withdrawn_is_not_taken_up_again(county):
    older = effective(county)
    row = applied(county, older)
    act(row, "withdraw", actor=county.mediator, reason="双方另行协商")
    again(county, older)
    with pytest.raises(Conflict) as refusal:
        act(row, "wanted", actor=county.mediator)
    assert refusal.value.code == "replaced" and fresh(row).state == C.WITHDRAWN


def test_what_is_before_the_court_goes_on_there(county):
    older = effective(county)
    row = applied(county, older)
    again(county, older)
    assert fresh(row).state == C.JOINTLY_APPLIED
    act(row, "receive", actor=county.people["judges_clerk"])
    assert fresh(row).state == C.RECEIVED


def applied(county, agreement: Agreement) -> JudicialConfirmation:
    for party in parties(agreement.dispute):
        act(agreement.confirmation, "consent", actor=county.mediator, party=party, answer="agreed")
    return act(agreement.confirmation, "apply", actor=county.mediator, court=county.unit("court"), basis="mediation")


def test_a_draft_replaces_nothing(county):
    older = effective(county)
    dispute = county.step(county.step(Dispute.objects.get(pk=older.dispute_id), "reopen"), "begin")
    county.step(dispute, "terminate")
    assert fresh(older).state == A.EFFECTIVE and fresh(older.confirmation).state == C.ELIGIBLE


def test_the_database_keeps_one_in_effect(county):
    older = effective(county)
    newer = again(county, older)
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=older.pk).update(state="effective", replaced_by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=older.pk).update(replaced_by=None)
    assert Agreement.objects.in_effect().get() == newer


def test_who_asks_sees_it_at_every_door(county):
    older = effective(county)
    newer = again(county, older)
    client = client_of(county.mediator)
    row = client.get(f"/api/v1/mediation/agreements/{older.pk}/").json()
    assert (row["state"], row["replaced_by"], row["transitions"]) == ("replaced", newer.pk, [])
    assert {owed["state"] for owed in row["obligations"]} == {"replaced"}
    assert client.get("/api/v1/mediation/obligations/", {"late": True}).json()["results"] == []
    for name, key in (("agreement", older.pk), ("judicialconfirmation", older.confirmation.pk)):
        page = client.get(f"/admin/mediation/{name}/{key}/change/").content.decode()
        assert 'class="jc-notice' in page and (name != "agreement" or newer.number in page)
    # the party reads of the newer one only
    own = told(Reader(parties(older.dispute)[1]))
    assert own["agreement"]["number"] == newer.number and own["confirmation"]["state"] == "eligible"


def figures(quarter: Quarter) -> dict:
    tables = measures_of(Dispute.objects.all(), quarter, suppressed=False)
    return {table.measure: table.total for table in tables}


def test_what_was_replaced_is_no_failure_but_the_relapse_stays_one(county, clock):
    # given an agreement that broke out again after a week and was settled anew; the newer one is wholly performed
    older = effective(county)
    visit = FollowUpVisit.objects.get(agreement=older, kind="week")
    at_nine(clock, visit)
    act(visit, "log", actor=county.mediator, found=found(relapse=True, performed="no"))
    dispute = Dispute.objects.get(pk=older.dispute_id)
    assert dispute.state == DisputeState.REOPENED
    clock.shift(timedelta(days=1))
    newer = effective(county, county.step(dispute, "begin"))
    for row in newer.obligations.all():
        act(row, "perform_whole", actor=county.mediator)

    # when the quarter is looked at, then the older one stands for the relapse, and for nothing else
    clock.move_to(NOW + timedelta(days=130))
    seen = figures(Quarter(2026, 2))
    assert seen["performance"] == {"count": 1, "value": 100} and seen["confirmation"] == {"count": 1, "value": 0}
    assert seen["relapse"] == {"count": 2, "value": 50} and seen["days"]["count"] == 1


def test_what_is_replaced_after_the_look_changes_nothing(county, clock):
    older = effective(county)
    clock.move_to(NOW + timedelta(days=130))
    before = figures(Quarter(2026, 2))
    again(county, older, obligations=[], made_on=date(2026, 10, 10))
    assert fresh(older).state == A.REPLACED and figures(Quarter(2026, 2)) == before
    assert before["performance"] == {"count": 1, "value": 0} and before["confirmation"]["count"] == 1
