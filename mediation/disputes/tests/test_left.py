"""A mediator who has left: who is told of what is followed up, and who may be appointed for it."""

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Notice, NoticeTemplate, Role, User
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.tests.deals import effective
from mediation.disputes.mediators import mediators_of, working_on
from mediation.followup.tests.visiting import at_nine
from mediation.models import Dispute, DisputeState, FollowUpVisit

pytestmark = pytest.mark.django_db
S = DisputeState


def fresh(dispute) -> Dispute:
    return Dispute.objects.with_rows().get(pk=dispute.pk)


def agreed(county) -> Dispute:
    """A dispute with an agreement in effect, of the village mediator."""
    return fresh(effective(county).dispute)


def leaves(user: User, how: str) -> None:
    """The account is closed, the post has ended, or another was taken elsewhere."""
    if how == "inactive":
        User.objects.filter(pk=user.pk).update(is_active=False)
        return
    post = Appointment.objects.filter(user=user)
    if how == "post ended":
        post.update(valid_to="2026-06-01")
    else:
        elsewhere = Appointment.objects.get(user__username="outside_village_mediator")
        post.update(unit=elsewhere.unit, area=elsewhere.area)


@pytest.mark.parametrize("how", ["inactive", "post ended", "elsewhere"])
def test_who_works_there_is_told_when_the_mediator_has_left(county, how):
    dispute, colleague = agreed(county), county.people["colleague"]
    assert mediators_of(dispute) == [county.mediator]
    leaves(county.mediator, how)
    assert mediators_of(fresh(dispute)) == [colleague] and working_on(fresh(dispute)) == [colleague]


def test_a_visit_that_comes_due_is_told_to_the_colleague(county, clock):
    NoticeTemplate.objects.create(key="visit_due", language="zh-hans", context="mediation.followupvisit",
                                  title="{{ dispute }}", body="{{ due }}")  # fmt: skip
    dispute = agreed(county)
    leaves(county.mediator, "post ended")
    at_nine(clock, FollowUpVisit.objects.get(dispute=dispute, kind="week"))
    assert [notice.person.username for notice in Notice.objects.all()] == ["colleague"]


def test_a_grid_worker_of_the_place_who_mediates_is_told_until_the_post_ends(county):
    worker, dispute = county.user(Role.GRID_WORKER), agreed(county)
    act(dispute, "assign", actor=county.people["colleague"], mediator=worker)
    assert mediators_of(fresh(dispute)) == [worker]
    Appointment.objects.filter(user=worker).update(valid_to="2026-06-01")
    assert worker not in mediators_of(fresh(dispute)) and county.mediator in mediators_of(fresh(dispute))


@pytest.mark.parametrize("state", [S.AGREED, S.CLOSED])
def test_somebody_else_is_appointed_after_the_agreement(county, state):
    # given a mediator who left after the agreement
    dispute, colleague = agreed(county), county.people["colleague"]
    if state == S.CLOSED:
        dispute = county.step(dispute, "close")
    leaves(county.mediator, "inactive")

    # when who does not decide for the unit appoints somebody, or somebody from elsewhere is named: nothing changes
    before = snapshot(dispute)
    for who in ("outside_village_mediator", "grid_worker", "community_staff", "neighbour", "administrator"):
        with pytest.raises(NotPermitted):
            act(dispute, "assign", actor=county.people[who], mediator=colleague)
    with pytest.raises(Invalid):
        act(dispute, "assign", actor=colleague, mediator=county.people["outside_village_mediator"])
    assert snapshot(dispute) == before

    # then the unit appoints by REST, and the visits are told to the one appointed
    address = f"/api/v1/mediation/disputes/{dispute.pk}/transitions/assign/"
    answer = client_of(colleague).post(address, {"mediator": "colleague"}, format="json")
    assert answer.status_code == 200, answer.content
    assert fresh(dispute).mediator == colleague and fresh(dispute).state == state
    assert mediators_of(fresh(dispute)) == [colleague]


@pytest.mark.parametrize("state", [S.TERMINATED, S.ARCHIVED, S.DECLINED, S.REFERRED])
def test_nobody_is_appointed_where_nothing_is_followed_up(county, state):
    dispute = county.in_state(state)
    with pytest.raises(Conflict):
        act(dispute, "assign", actor=county.mediator, mediator=county.people["colleague"])
    assert fresh(dispute).mediator != county.people["colleague"]


def test_where_nobody_is_left_the_township_is_told_and_appoints(county):
    # given a committee out of which everybody has left
    dispute, above = agreed(county), county.user(Role.TOWNSHIP_MEDIATOR)
    assert not Dispute.objects.visible_to(above).exists()
    for user in (county.mediator, county.people["colleague"]):
        leaves(user, "post ended")

    # then the township's mediator is told, reads it and takes it on
    assert mediators_of(fresh(dispute)) == [above]
    assert Dispute.objects.visible_to(county.user(Role.TOWNSHIP_MEDIATOR)).get() == dispute
    act(dispute, "assign", actor=county.user(Role.TOWNSHIP_MEDIATOR), mediator=above)
    visit = FollowUpVisit.objects.filter(dispute=dispute).order_by("pk").first()
    assert visit in FollowUpVisit.objects.handled_by(county.user(Role.TOWNSHIP_MEDIATOR))
