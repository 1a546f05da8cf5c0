"""A mediation is terminated for a ground that is so; an end by mistake is taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Timer
from governance.testing import snapshot
from governance.timers import fire_due
from governance.workflow import act, available
from mediation.agreements.documents.papers import papers_of
from mediation.agreements.tests.deals import drafted, effective, parties
from mediation.disputes.dispute_workflow import DECLINABLE, TERMINABLE, end_back_name
from mediation.disputes.routes import untold
from mediation.disputes.term import TERM_OVER
from mediation.followup.tests.visiting import at_nine
from mediation.joint.suggestions import suggestions_for
from mediation.joint.tests.work import Work
from mediation.measures.figures import Quarter, measures_of
from mediation.models import Agreement, Dispute, DisputeState, FollowUpVisit, RoutesTold, Sitting, Track
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
S = DisputeState
WHY = "点错了纠纷"
LEFT = {"version", "_events", "ends_taken_back"}
DAY = timedelta(days=1)


def columns(dispute) -> dict:
    return {name: value for name, value in snapshot(dispute).items() if name not in LEFT}


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def ended(county, dispute, **given):
    return county.step(dispute, "terminate" if dispute.state in TERMINABLE else "decline", **given)


def share(measure: str) -> dict:
    tables = measures_of(Dispute.objects.all(), Quarter(2026, 2), suppressed=False)
    return next(table.total for table in tables if table.measure == measure)


def refused(county, dispute, **given) -> str:
    """Return the code with which a termination is refused; nothing changes."""
    before = snapshot(dispute)
    with pytest.raises(Invalid) as error:
        act(dispute, "terminate", actor=county.mediator, how="oral", **given)
    assert error.value.field == "ground" and snapshot(dispute) == before
    return error.value.code


def test_the_term_is_over_on_the_day_after_its_last_day(county, clock):
    # given a dispute whose term runs
    dispute = county.mediating()
    assert refused(county, dispute, ground="term_over") == "term_runs"
    # then neither on its last day, nor on an earlier one typed in later
    clock.move_to(NOW + (dispute.term_until - NOW.date()))
    assert refused(county, dispute, ground="term_over") == "term_runs"
    clock.shift(DAY)
    assert refused(county, dispute, ground="term_over", on=dispute.term_until) == "term_runs"
    assert county.step(dispute, "terminate", ground="term_over").ended_ground == "term_over"
    # and where no term runs, none is over; those who may not are told so, not of the ground
    again = county.step(fresh(dispute), "reopen")
    assert refused(county, again, ground="term_over") == "no_term"
    with pytest.raises(NotPermitted):
        act(again, "terminate", actor=county.user("grid_worker"), ground="term_over", how="oral")


def test_a_party_has_said_no_before_it_ends_by_their_no(county):
    dispute = county.mediating()
    assert refused(county, dispute, ground="withdrawn") == "not_withdrawn"
    # given that it was opened again, and a party who is asked anew does not want it
    dispute = county.step(county.step(dispute, "terminate"), "reopen")
    assert refused(county, dispute, ground="withdrawn") == "not_withdrawn"
    county.consent(dispute.parties.first(), "refused")
    assert county.step(fresh(dispute), "terminate", ground="withdrawn").ended_ground == "withdrawn"


def test_the_ground_is_judged_through_the_doors_too(county):
    dispute = county.mediating()
    given = {"ground": "term_over", "how": "oral"}
    address = f"/api/v1/mediation/disputes/{dispute.pk}/transitions/terminate/"
    answer = client_of(county.mediator).post(address, given, format="json")
    assert (
        answer.status_code == 400 and "2026-07-02" in answer.content.decode() and "term_runs" in answer.content.decode()
    )
    page = f"/admin/mediation/dispute/{dispute.pk}/transition/terminate/"
    answer = client_of(county.mediator).post(page, given, format="multipart")
    assert "2026-07-02" in answer.content.decode() and "未能达成协议" in answer.content.decode()
    assert fresh(dispute).state == S.MEDIATING


@pytest.mark.parametrize("state", [*TERMINABLE, *DECLINABLE])
def test_an_end_by_mistake_is_taken_back_as_if_it_had_not_been(county, clock, state):
    # given a dispute with a term, ended by a slip
    before = columns(county.in_state(state))
    clock.shift(timedelta(hours=3))
    dispute = ended(county, Dispute.objects.get())
    # then one way leads back, of which only the unit disposes, and with a reason
    ways = [step.name for step in available(dispute, county.mediator) if step.name.startswith("end_back")]
    assert ways == [end_back_name(state)]
    held = snapshot(dispute)
    for key in ("outside_village_mediator", "township_mediator", "administrator", "grid_worker", "neighbour"):
        with pytest.raises(NotPermitted):
            act(dispute, ways[0], actor=county.user(key), reason=WHY)
    with pytest.raises(Invalid):
        act(dispute, ways[0], actor=county.mediator)
    assert snapshot(dispute) == held
    dispute = act(dispute, ways[0], actor=county.mediator, reason=WHY)
    # then everything is as it was, in the same round, and the event tells why
    assert columns(dispute) == before
    told = Event.objects.filter(subject_type="mediation.dispute").latest("id")
    assert (told.name, told.remark.text) == ("dispute.end_taken_back", WHY)
    assert "reopened" not in [one.code for one in suggestions_for(dispute)] or state == S.REOPENED
    # and it ends again, the parties being told again
    again = ended(county, dispute)
    assert again.ends_taken_back == 1
    if state in TERMINABLE:
        assert RoutesTold.objects.filter(ending=1).count() == 2 and not untold(again).exists()


def test_the_term_and_the_answers_go_on(county, clock):
    dispute = ended(county, county.mediating())
    assert not Timer.objects.filter(kind=TERM_OVER, fired_at=None, cancelled_at=None).exists()
    dispute = act(dispute, end_back_name(S.MEDIATING), actor=county.mediator, reason=WHY)
    assert Timer.objects.filter(kind=TERM_OVER, fired_at=None, cancelled_at=None).exists()
    # then nobody is asked anew: an agreement is made at once
    assert effective(county, dispute).dispute_id == dispute.pk


def test_a_term_that_was_told_to_be_over_is_not_told_twice(county, clock):
    dispute = county.mediating()
    clock.shift(40 * DAY)
    fire_due()
    dispute = ended(county, fresh(dispute), ground="term_over")
    act(dispute, end_back_name(S.MEDIATING), actor=county.mediator, reason=WHY)
    fire_due()
    assert Event.objects.filter(name=TERM_OVER).count() == 1


def test_until_it_is_closed(county):
    dispute = county.step(ended(county, county.mediating()), "close")
    before = snapshot(dispute)
    with pytest.raises(Conflict):
        act(dispute, end_back_name(S.MEDIATING), actor=county.mediator, reason=WHY)
    assert snapshot(dispute) == before
    # opened again and that taken back, it is closed as before
    dispute = county.step(county.step(dispute, "reopen"), "take_back_to_closed", reason=WHY)
    with pytest.raises(Conflict):
        act(dispute, end_back_name(S.MEDIATING), actor=county.mediator, reason=WHY)


@pytest.mark.parametrize("state", [S.MEDIATING, S.AWAITING_CONSENT])
def test_nobody_is_kept_in_a_mediation(county, state):
    # given that it ended because a party withdrew
    dispute = county.in_state(state)
    party = dispute.parties.first()
    if state == S.AWAITING_CONSENT:
        county.consent(party)
    county.consent(party, "withdrawn")
    dispute = fresh(dispute)
    before = snapshot(dispute)
    with pytest.raises(Conflict) as error:
        act(dispute, end_back_name(state), actor=county.mediator, reason=WHY)
    assert error.value.code == "withdrawn" and snapshot(dispute) == before


def test_what_was_taken_back_did_not_end_in_any_measure(county, clock):
    # given two disputes that ended, and one that ended by a slip only
    for _ in range(2):
        county.step(county.mediating(), "terminate")
    dispute = ended(county, county.mediating())
    clock.shift(timedelta(hours=1))
    act(dispute, end_back_name(S.MEDIATING), actor=county.mediator, reason=WHY)
    clock.move_to(NOW + timedelta(days=130))
    assert share("reopened") == {"count": 2, "value": 0}
    # once it ends in truth it counts
    ended(county, fresh(dispute))
    clock.shift(DAY)
    assert share("reopened")["count"] == 2  # after the day on which the quarter is looked at


def test_visits_that_ended_with_it_are_made_after_all_on_their_days(county, clock):
    # given an agreement that binds on, its dispute opened again; one visit is late, the others are to come
    agreement = effective(county)
    row = FollowUpVisit.objects.get(agreement=agreement, kind="week")
    at_nine(clock, row, days=4)
    before = dict(FollowUpVisit.objects.values_list("pk", "state"))
    days = dict(FollowUpVisit.objects.values_list("pk", "due_on"))
    assert before[row.pk] == "overdue"
    dispute = ended(county, county.step(fresh(agreement.dispute), "reopen"))
    assert set(FollowUpVisit.objects.values_list("state", flat=True)) == {"cancelled"}
    act(dispute, end_back_name(S.REOPENED), actor=county.mediator, reason=WHY)
    fire_due()
    while fire_due():
        pass
    assert dict(FollowUpVisit.objects.values_list("pk", "state")) == before
    assert dict(FollowUpVisit.objects.values_list("pk", "due_on")) == days


def test_two_ends_are_taken_back_one_after_the_other(county):
    # given an agreement that binds on: reopened, terminated, reopened, terminated
    agreement = effective(county)
    dispute = county.step(fresh(agreement.dispute), "reopen")
    before = columns(dispute)
    dispute = ended(county, county.step(ended(county, dispute), "reopen"))
    for name in (end_back_name(S.REOPENED), "take_back_to_terminated", end_back_name(S.REOPENED)):
        dispute = act(dispute, name, actor=county.mediator, reason=WHY)
    # then the visits that the first of the two ended are back
    assert columns(dispute) == before
    assert set(FollowUpVisit.objects.values_list("state", flat=True)) == {"planned"}


def test_visits_that_an_earlier_end_cancelled_stay_cancelled(county):
    agreement = effective(county)
    dispute = ended(county, county.step(fresh(agreement.dispute), "reopen"))
    dispute = ended(county, county.step(dispute, "reopen"))
    act(dispute, end_back_name(S.REOPENED), actor=county.mediator, reason=WHY)
    assert set(FollowUpVisit.objects.values_list("state", flat=True)) == {"cancelled"}


def test_what_others_were_told_of_as_over_stays_so_and_the_form_says_it(county):
    # given a dispute with a sitting to come, a draft, an organ at work and one that was only invited
    work = Work(county)
    dispute = work.raised()
    track = work.step(work.make_track(dispute), "accept")
    invited = work.make_track(dispute, kind="judicial", organ=county.unit("court"))
    sitting, made = (
        work.make_sitting(dispute, actor=work.upper(dispute), starts_at=NOW + DAY, ends_at=NOW + DAY * 1.1),
        drafted(county, dispute),
    )
    dispute = ended(county, fresh(dispute))
    assert fresh(track).hand_in_by and fresh(invited).state == "ended"
    actor = county.handler(dispute)
    page = f"/admin/mediation/dispute/{dispute.pk}/transition/{end_back_name(S.MEDIATING)}/"
    assert "已取消的调解会" in client_of(actor).get(page).content.decode()
    act(dispute, end_back_name(S.MEDIATING), actor=actor, reason=WHY)
    # then the organ goes on without a last day, the rest is begun anew
    assert (fresh(track).state, fresh(track).hand_in_by) == ("accepted", None)
    assert not Timer.objects.filter(kind="track.ends", fired_at=None, cancelled_at=None).exists()
    assert work.step(fresh(track), "begin").state == "working"
    assert (Track.objects.get(pk=invited.pk).state, Sitting.objects.get(pk=sitting.pk).state) == ("ended", "cancelled")
    assert Agreement.objects.get(pk=made.pk).state == "discarded"
    assert drafted(county, fresh(dispute)).state == "draft"


def test_the_phone_offers_it(county):
    dispute = ended(county, county.mediating())
    client = client_of(county.mediator)
    page = client.get(f"/m/disputes/{dispute.pk}/").content.decode()
    assert "撤回误作的终止" in page
    address = f"/m/disputes/{dispute.pk}/steps/{end_back_name(S.MEDIATING)}/"
    assert address in page
    assert "已取消的调解会" in client.get(address).content.decode()
    assert client.post(address, {"reason": WHY}, format="multipart").status_code == 302
    assert fresh(dispute).state == S.MEDIATING


def test_the_papers_tell_no_end_any_more(county):
    dispute = ended(county, county.mediating())
    assert "termination" in [paper.code for paper in papers_of(dispute)]
    dispute = act(dispute, end_back_name(S.MEDIATING), actor=county.mediator, reason=WHY)
    assert "termination" not in [paper.code for paper in papers_of(dispute)]
    assert timezone.localdate(dispute.accepted_at) == NOW.date() and parties(dispute)
