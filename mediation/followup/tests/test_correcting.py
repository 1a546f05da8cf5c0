"""A slip at a visit is put right within days, with what followed of it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act
from mediation.followup.tests.visiting import at_nine, found, fresh, visit_of
from mediation.measures.figures import Quarter, measures_of
from mediation.models import Dispute, FollowUpVisit, JudicialConfirmation, Obligation, VisitKind
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
WHY = "按错了"


def logged(county, clock, kind=VisitKind.WEEK, **given):
    row = at_nine(clock, visit_of(county, kind))
    act(row, "log", actor=county.mediator, found=found(**given))
    return fresh(row)


def correct(county, row, **given):
    return act(fresh(row), "correct", actor=county.mediator, found=found(**given), reason=WHY)


def test_a_relapse_pressed_by_mistake_opens_nothing_and_counts_nowhere(county, clock):
    # given a visit at which "it broke out again" was pressed by a slip: the dispute was opened again
    first = visit_of(county)
    before = Dispute.objects.get()
    row = at_nine(clock, first)
    act(row, "log", actor=county.mediator, found=found(relapse=True, performed="no"))
    assert Dispute.objects.get().state == "reopened"
    # when the answers are given anew an hour later
    clock.shift(timedelta(hours=1))
    row = correct(county, row, confirmation_wanted=True)
    # then it says so, the dispute is what it was, and the other visits are still to be made
    assert (row.state, row.relapse, row.performed, row.confirmation_wanted) == ("done", False, "yes", True)
    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.reopened, dispute.ended_at) == ("agreed", 0, before.ended_at)
    assert FollowUpVisit.objects.open().count() == 3
    assert JudicialConfirmation.objects.get().state == "eligible"
    assert Event.objects.filter(name="followup.corrected").get().remark.text == WHY
    # and no measure counts a relapse or a reopening
    clock.move_to(NOW + timedelta(days=130))
    shown = {table.measure: table.total["value"] for table in
             measures_of(Dispute.objects.all(), Quarter(2026, 2), suppressed=False)}  # fmt: skip
    assert (shown["relapse"], shown["reopened"]) == (0, 0)


def test_where_a_party_has_answered_since_the_dispute_stays_open(county, clock):
    row = logged(county, clock, relapse=True)
    county.consent(Dispute.objects.get().parties.first())
    correct(county, row)
    assert fresh(row).relapse is False and Dispute.objects.get().state == "reopened"


def test_a_relapse_forgotten_at_first_opens_the_dispute(county, clock):
    row = logged(county, clock)
    correct(county, row, relapse=True)
    assert Dispute.objects.get().state == "reopened"
    # and pressed by mistake in its turn, it is taken back again
    correct(county, row)
    assert Dispute.objects.get().state == "agreed"


def test_performance_recorded_by_a_slip_is_owed_again(county, clock):
    # given an obligation about money that a visit recorded as performed
    row = logged(county, clock, VisitKind.OBLIGATION, confirmation_wanted=None)
    assert Obligation.objects.get(pk=row.obligation_id).state == "performed"
    # when it was paid in part only
    correct(county, row, performed="partly", paid=Decimal("1000"), confirmation_wanted=None)
    owed = Obligation.objects.get(pk=row.obligation_id)
    assert (owed.state, owed.paid, owed.performed_on) == ("part", Decimal("1000"), None)
    correct(county, row, performed="no", confirmation_wanted=None)
    assert Obligation.objects.get(pk=row.obligation_id).state == "overdue"


def test_payments_recorded_by_others_stay(county, clock):
    # given 1000 of 3000 yuan recorded on the obligation's page, and urged; a visit that says 2000 by a slip
    row = visit_of(county, VisitKind.OBLIGATION)
    act(row.obligation, "perform_part", actor=county.mediator, paid=Decimal("1000"))
    row = at_nine(clock, row)
    owed = act(Obligation.objects.with_rows().get(pk=row.obligation_id), "urge", actor=county.mediator)
    clock.shift(timedelta(hours=1))
    act(fresh(row), "log", actor=county.mediator, found=found(performed="partly", paid=Decimal("2000")))
    # when it is corrected to "no"
    correct(county, row, performed="no", confirmation_wanted=None)
    # then 1000 are paid, and it is urged as it was
    after = Obligation.objects.get(pk=row.obligation_id)
    assert (after.state, after.paid, after.urged_at) == ("urged", Decimal("1000"), owed.urged_at)


def test_what_somebody_else_recorded_of_the_obligation_stays(county, clock):
    row = at_nine(clock, visit_of(county, VisitKind.OBLIGATION))
    act(row.obligation, "perform_whole", actor=county.mediator)
    clock.shift(timedelta(hours=1))
    act(fresh(row), "log", actor=county.mediator, found=found(confirmation_wanted=None))
    correct(county, row, performed="no", confirmation_wanted=None)
    assert Obligation.objects.get(pk=row.obligation_id).state == "performed"


def test_a_visit_logged_as_refused_by_a_slip(county, clock):
    row = at_nine(clock, visit_of(county))
    act(row, "refuse", actor=county.mediator)
    row = correct(county, row)
    assert (row.state, row.performed) == ("done", "yes")


def test_only_with_a_reason_and_for_seven_days(county, clock):
    row = logged(county, clock)
    held = snapshot(row)
    with pytest.raises(Invalid) as refused:
        act(row, "correct", actor=county.mediator, found=found())
    assert refused.value.field == "reason"
    for wrong in ({"performed": "maybe"}, {"satisfaction": 9}, {"relapse": None}, {"confirmation_wanted": None}):
        with pytest.raises(Invalid) as refused:
            correct(county, row, **wrong)
        assert refused.value.field == next(iter(wrong))
    assert snapshot(row) == held
    clock.shift(timedelta(days=7, seconds=1))
    with pytest.raises(Conflict):
        correct(county, row)
    assert snapshot(row) == held


def test_on_the_phone(county, clock):
    row = logged(county, clock, relapse=True)
    client, page = client_of(county.user("village_mediator")), f"/m/visits/{row.pk}/"
    assert page in client.get("/m/visits/").content.decode()
    shown = client.get(page).content.decode()
    assert 'value="correct"' in shown and 'name="reason"' in shown
    body = {"step": "correct", "performed": "yes", "relapse": "no", "confirmation_wanted": "no"}
    assert client.post(page, body, format="multipart").status_code == 400
    other = client_of(county.user("township_mediator")).post(page, body | {"reason": WHY}, format="multipart")
    assert other.status_code in (302, 403, 404)
    assert fresh(row).relapse is True
    answer = client.post(page, body | {"reason": WHY}, format="multipart")
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert fresh(row).relapse is False and Dispute.objects.get().state == "agreed"
    clock.shift(timedelta(days=8))
    shown = client_of(county.user("village_mediator")).get(page).content.decode()
    assert 'name="reason"' not in shown
