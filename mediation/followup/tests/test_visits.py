"""Visits: made by themselves, due, overdue, logged, what follows of them, and when they end."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.models import Event, Notice, NoticeTemplate, Role, Timer
from governance.workflow import act
from mediation.agreements.tests.deals import drafted, effective, owed_money
from mediation.disputes.completeness import missing_of
from mediation.followup.tests.visiting import at_nine, found, fresh, in_state, visit_of
from mediation.followup.visits import question_of
from mediation.models import (
    AgreementForm,
    ConfirmationState,
    Dispute,
    DisputeState,
    FollowUpVisit,
    JudicialConfirmation,
    MediationRule,
    Obligation,
    ObligationState,
    VisitKind,
    VisitState,
)
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
V = VisitState


def planned(agreement):
    rows = FollowUpVisit.objects.filter(agreement=agreement).order_by("due_on", "pk")
    return [(row.kind, row.due_on, row.grace_until) for row in rows]


def test_visits_are_made_by_themselves(county):
    # when an agreement takes effect on 2 June, with obligations due on 20 and 30 June
    agreement = effective(county)

    # then it is visited after a week, after a month, and the day after each due date
    assert planned(agreement) == [
        ("week", date(2026, 6, 9), date(2026, 6, 12)), ("obligation", date(2026, 6, 21), date(2026, 6, 24)),
        ("obligation", date(2026, 7, 1), date(2026, 7, 4)), ("month", date(2026, 7, 2), date(2026, 7, 5)),
    ]  # fmt: skip
    assert Event.objects.filter(name="followup.planned").count() == 4
    assert Timer.objects.filter(kind__startswith="mediation.visit", fired_at=None).count() == 8


def test_a_month_after_the_31st_is_the_last_of_the_next(county, clock):
    dispute = county.mediating()
    clock.move_to(NOW.replace(month=8, day=31))
    agreement = effective(county, dispute, obligations=[])
    assert planned(agreement)[1][:2] == ("month", date(2026, 9, 30))


def test_an_oral_agreement_recorded_late_is_not_overdue_at_once(county, clock):
    clock.move_to(NOW - timedelta(days=41))
    dispute = county.mediating()
    clock.move_to(NOW)
    row = drafted(county, dispute, form=AgreementForm.ORAL, made_on=NOW.date() - timedelta(days=40), obligations=[])
    act(row, "record_oral", actor=county.mediator)
    assert {due for _kind, due, _grace in planned(row)} == {NOW.date()}


def test_the_days_are_data_of_the_place(county):
    MediationRule.objects.create(area=county.area("district"), valid_from=date(2026, 1, 1), visit_days=10,
                                 visit_months=2, visit_grace_days=0)  # fmt: skip
    found_days = planned(effective(county, obligations=[]))
    assert found_days == [("week", date(2026, 6, 12), date(2026, 6, 12)), ("month", date(2026, 8, 2), date(2026, 8, 2))]


def test_due_on_its_day_overdue_after_the_grace_and_the_mediator_is_told(county, clock):
    for key in ("visit_due", "visit_overdue"):
        NoticeTemplate.objects.create(key=key, language="zh-hans", context="mediation.followupvisit",
                                      title=f"{key} {{{{ dispute }}}}", body="{{ due }}")  # fmt: skip
    row = visit_of(county)
    assert at_nine(clock, row, days=-1).state == V.PLANNED
    assert at_nine(clock, row).state == V.DUE
    assert at_nine(clock, row, days=3).state == V.DUE
    assert at_nine(clock, row, days=4).state == V.OVERDUE
    assert [notice.title.split()[0] for notice in Notice.objects.order_by("pk")] == ["visit_due", "visit_overdue"]
    assert {notice.person for notice in Notice.objects.all()} == {county.mediator}


def test_overdue_is_visible_to_the_superior_and_nothing_else_is(county, clock):
    row = in_state(county, clock, V.DUE)
    superior = county.user(Role.TOWNSHIP_MEDIATOR)
    assert not FollowUpVisit.objects.visible_to(superior).exists()
    at_nine(clock, row, days=4)
    assert list(FollowUpVisit.objects.visible_to(superior)) == [row]
    assert not FollowUpVisit.objects.visible_to(county.outsider(Role.TOWNSHIP_MEDIATOR)).exists()
    assert not Dispute.objects.visible_to(superior).exists()
    # the county's centre sees those of its townships and of their committees
    assert list(FollowUpVisit.objects.visible_to(county.user(Role.COUNTY_CENTRE))) == [row]
    assert not FollowUpVisit.objects.visible_to(county.outsider(Role.COUNTY_CENTRE)).exists()
    act(fresh(row), "log", actor=county.mediator, found=found())
    assert not FollowUpVisit.objects.visible_to(superior).exists()


def test_a_complex_one_is_overseen_by_the_county(county, clock):
    row = visit_of(county)
    Dispute.objects.filter(pk=row.dispute_id).update(tier="complex")
    at_nine(clock, row, days=4)
    assert FollowUpVisit.objects.visible_to(county.user(Role.COUNTY_CENTRE)).get() == row


def test_logging_a_visit(county, clock):
    row = in_state(county, clock, V.OVERDUE)
    row = act(row, "log", actor=county.mediator, found=found(performed="partly", satisfaction=3, way="home"))
    assert (row.state, row.performed, row.satisfaction, row.relapse, row.way) == ("done", "partly", 3, False, "home")
    assert row.visited_on == date(2026, 6, 13) and row.visited_by == county.mediator
    event = Event.objects.filter(name="followup.done").get()
    assert event.payload["performed"] == "partly" and event.payload["kind"] == "week"
    assert not Timer.objects.filter(key__endswith=f":{row.pk}", kind__startswith="mediation.visit", fired_at=None,
                                    cancelled_at=None).exists()  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"performed": "maybe"}, "performed"), ({"relapse": None}, "relapse"), ({"satisfaction": 6}, "satisfaction"),
        ({"satisfaction": 0}, "satisfaction"), ({"way": "mail"}, "way"),
        ({"confirmation_wanted": None}, "confirmation_wanted"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_and_nothing_stored(county, clock, given, field):
    row = in_state(county, clock, V.DUE)
    with pytest.raises(Invalid) as refusal:
        act(row, "log", actor=county.mediator, found=found(**given))
    assert refusal.value.field == field and fresh(row).state == V.DUE
    assert Dispute.objects.get(pk=row.dispute_id).state == DisputeState.AGREED


@pytest.mark.parametrize("days", [-4, 1])
@pytest.mark.parametrize("step", ["log", "miss", "refuse"])
def test_neither_long_before_its_day_nor_ahead(county, clock, days, step):
    row = in_state(county, clock, V.DUE)
    given = {"found": found()} if step == "log" else {}
    with pytest.raises(Invalid) as refusal:
        act(row, step, actor=county.mediator, on=row.due_on + timedelta(days=days), **given)
    assert refusal.value.field == "on" and fresh(row).state == V.DUE


def test_nobody_reached_may_be_tried_again(county, clock):
    row = in_state(county, clock, V.UNREACHABLE)
    row = act(row, "miss", actor=county.mediator)
    assert row.attempts == 2
    assert act(row, "log", actor=county.mediator, found=found()).state == V.DONE


def test_who_was_not_reached_is_late_all_the_same(county, clock):
    # given a visit of its day at which nobody was reached: it is still to be made
    row, superior = in_state(county, clock, V.UNREACHABLE), county.user(Role.TOWNSHIP_MEDIATOR)
    assert row in FollowUpVisit.objects.handled_by(county.mediator).to_make()
    # when the days of grace are over, then it is late and the superior sees it
    row = at_nine(clock, row, days=4)
    assert row.state == V.OVERDUE and FollowUpVisit.objects.visible_to(superior).get() == row
    # and goes on seeing it when it is tried again in vain
    for step, attempts in (("miss", 2), ("miss_late", 3)):
        row = act(row, step, actor=county.mediator)
        assert (row.state, row.attempts) == (V.OVERDUE, attempts)
        assert FollowUpVisit.objects.visible_to(superior).get() == row
    assert act(row, "log", actor=county.mediator, found=found()).state == V.DONE


def test_a_visit_is_logged_once(county, clock):
    row = in_state(county, clock, V.DONE)
    with pytest.raises(Conflict):
        act(row, "log", actor=county.mediator, found=found())


def test_the_first_visit_asks_for_confirmation_with_its_last_day(county, clock):
    row = in_state(county, clock, V.DUE)
    assert question_of(row).last_day == date(2026, 7, 2)
    act(row, "log", actor=county.mediator, found=found(confirmation_wanted=False))
    assert JudicialConfirmation.objects.get().state == ConfirmationState.NOT_WANTED


def test_wanted_after_all(county, clock):
    row = in_state(county, clock, V.DUE)
    act(JudicialConfirmation.objects.get(), "not_wanted", actor=county.mediator)
    act(row, "log", actor=county.mediator, found=found(confirmation_wanted=True))
    assert JudicialConfirmation.objects.get().state == ConfirmationState.ELIGIBLE
    assert fresh(row).confirmation_wanted is True


def test_nobody_is_asked_when_it_is_too_late_or_at_other_visits(county, clock):
    row = at_nine(clock, visit_of(county), days=40)
    assert question_of(row) is None
    row = act(row, "log", actor=county.mediator, found=found(confirmation_wanted=True))
    assert row.confirmation_wanted is None
    month = FollowUpVisit.objects.get(kind=VisitKind.MONTH)
    assert question_of(month, date(2026, 6, 3)) is None


def test_a_visit_made_in_time_is_logged_after_the_last_day_to_apply(county, clock):
    # given a first visit that was made on its day and not written down until the last day to apply was over
    row = at_nine(clock, visit_of(county), days=40)
    # when it is logged with its own day, nobody is asked what can no longer be done
    row = act(row, "log", actor=county.mediator, on=row.due_on, found=found(confirmation_wanted=None))
    assert (row.state, row.visited_on, row.confirmation_wanted) == (V.DONE, date(2026, 6, 9), None)


def test_performed_at_the_visit_after_a_due_date_is_recorded_with_the_obligation(county, clock):
    row = in_state(county, clock, V.DUE, kind=VisitKind.OBLIGATION)
    act(row, "log", actor=county.mediator, found=found())
    owed = Obligation.objects.get(pk=row.obligation_id)
    assert owed.state == ObligationState.PERFORMED and (owed.performed_on, owed.found_on) == (None, row.due_on)


def test_paid_in_part_or_late(county, clock):
    money = owed_money(effective(county))
    row = at_nine(clock, FollowUpVisit.objects.get(obligation=money))
    act(row, "log", actor=county.mediator, found=found(performed="partly", paid=Decimal(1000)))
    money.refresh_from_db()
    assert money.state == ObligationState.PART and money.paid == 1000


def test_a_sum_that_cannot_be_takes_the_visit_back(county, clock):
    money = owed_money(effective(county))
    row = at_nine(clock, FollowUpVisit.objects.get(obligation=money))
    with pytest.raises(Invalid):
        act(row, "log", actor=county.mediator, found=found(performed="partly", paid=Decimal(9000)))
    with pytest.raises(Invalid) as refusal:
        act(row, "log", actor=county.mediator, found=found(performed_on=row.due_on + timedelta(days=1)))
    assert refusal.value.field == "performed_on" and fresh(row).state == V.DUE
    act(row, "log", actor=county.mediator, found=found(performed_on=row.due_on))
    assert Obligation.objects.get(pk=money.pk).performed_on == row.due_on


def test_a_relapse_opens_the_dispute_again(county, clock):
    # given a first visit
    row = in_state(county, clock, V.DUE)

    # when the mediator hears that it broke out again
    act(row, "log", actor=county.mediator, found=found(relapse=True, performed="no"))

    # then the dispute is open, and the old agreement is still followed up
    dispute = Dispute.objects.get(pk=row.dispute_id)
    assert dispute.state == DisputeState.REOPENED and dispute.reopened == 1
    assert FollowUpVisit.objects.open().filter(dispute=dispute).count() == 3


def test_the_phone_says_what_a_relapse_brings_about_and_what_it_brought(county, clock):
    # given a visit to make
    row = in_state(county, clock, V.DUE)
    client, page, brings = client_of(county.mediator), f"/m/visits/{row.pk}/", "选“是”将重启纠纷"
    assert brings in client.get(page).content.decode()
    # when it is answered with yes, then the list that follows says so, once
    body = {"step": "log", "performed": "no", "relapse": "yes", "confirmation_wanted": "no"}
    answer = client.post(page, body, format="multipart", follow=True)
    told = f"{row.dispute.number}：纠纷反复，已重启"
    assert answer.redirect_chain == [("/m/visits/", 302)] and told in answer.content.decode()
    assert told not in client.get("/m/visits/").content.decode()
    # and where it was opened again already neither page says that it would be, nor that it was
    month = at_nine(clock, FollowUpVisit.objects.get(kind=VisitKind.MONTH))
    client = client_of(county.mediator)
    assert brings not in client.get(f"/m/visits/{month.pk}/").content.decode()
    body = {"step": "log", "performed": "no", "relapse": "yes"}
    answer = client.post(f"/m/visits/{month.pk}/", body, format="multipart", follow=True)
    assert answer.redirect_chain and "已重启，" not in answer.content.decode()


def test_the_phone_says_nothing_of_a_relapse_that_was_none(county, clock):
    row = in_state(county, clock, V.DUE)
    body = {"step": "log", "performed": "yes", "relapse": "no", "confirmation_wanted": "no"}
    answer = client_of(county.mediator).post(f"/m/visits/{row.pk}/", body, format="multipart", follow=True)
    assert answer.redirect_chain and "已重启，" not in answer.content.decode()


def test_a_second_relapse_changes_nothing_more(county, clock):
    row = in_state(county, clock, V.DUE)
    act(row, "log", actor=county.mediator, found=found(relapse=True))
    month = at_nine(clock, FollowUpVisit.objects.get(kind=VisitKind.MONTH))
    act(month, "log", actor=county.mediator, found=found(relapse=True))
    assert Dispute.objects.get(pk=row.dispute_id).reopened == 1


def test_terminating_cancels_what_is_left(county, clock):
    # given an agreement in effect, a relapse found at a visit, and a renewed mediation that fails
    row = in_state(county, clock, V.DUE)
    act(row, "log", actor=county.mediator, found=found(relapse=True))
    dispute = Dispute.objects.get(pk=row.dispute_id)
    dispute = act(dispute, "terminate", actor=county.mediator, ground="no_agreement", how="oral")
    # then nobody is visited any more, and the file asks for the outcome of what binds still
    states = FollowUpVisit.objects.order_by("due_on", "pk").values_list("state", flat=True)
    assert list(states) == [V.DONE, V.CANCELLED, V.CANCELLED, V.CANCELLED]
    assert "义务" in " ".join(missing_of(county.step(dispute, "close")))
    at_nine(clock, row, days=60)
    assert not FollowUpVisit.objects.open().exists()


def test_referring_cancels_too(county, clock):
    row = visit_of(county)
    dispute = act(row.dispute, "reopen", actor=county.mediator, reason="又起争执")
    act(dispute, "refer", actor=county.mediator, where="court", reason="已起诉")
    assert not FollowUpVisit.objects.open().exists()


def test_a_newer_agreement_takes_the_place_of_the_older(county, clock):
    old = effective(county, obligations=[])
    dispute = act(Dispute.objects.get(pk=old.dispute_id), "reopen", actor=county.mediator, reason="又起争执")
    dispute = county.step(dispute, "begin")
    new = effective(county, dispute, obligations=[])
    assert set(FollowUpVisit.objects.filter(agreement=old).values_list("state", flat=True)) == {V.CANCELLED}
    assert FollowUpVisit.objects.open().filter(agreement=new).count() == 2


def test_a_file_is_not_archived_before_its_visits(county):
    agreement = effective(county, obligations=[])
    assert any("2" in sentence for sentence in missing_of(agreement.dispute))
    FollowUpVisit.objects.filter(kind=VisitKind.WEEK).update(state=V.REFUSED)
    FollowUpVisit.objects.filter(kind=VisitKind.MONTH).update(state=V.OVERDUE, attempts=1)  # tried in vain
    assert not any("follow-up" in sentence or "回访" in sentence for sentence in missing_of(agreement.dispute))
