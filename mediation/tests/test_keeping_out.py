"""Who is a party keeps out of the own dispute in every office: court, department asked, administrator, superior,
helper, counsellor; and no notice of their office reaches them (decision 0040)."""

import pytest

from cases.tests.api import client_of
from governance.errors import NotPermitted
from governance.models import Appointment, Notice, NoticeTemplate, User
from governance.scoping import forget_grants
from governance.testing import assert_relation_forms_agree, snapshot
from governance.workflow import act
from mediation.confirmation.tests.test_confirmation import GIVEN, applied, opened
from mediation.disputes.parties import party_unmask
from mediation.followup.overseeing import superiors_of
from mediation.followup.tests.visiting import at_nine, referral_in, visit_of
from mediation.glass import glass_break
from mediation.joint.tests.work import Work
from mediation.models import (
    CounsellingReferral,
    DepartmentTask,
    Dispute,
    DisputeAccess,
    FollowUpVisit,
    HelperInvitation,
    JudicialConfirmation,
    Party,
)

pytestmark = pytest.mark.django_db
PHONE = "13900003055"
HOW = pytest.mark.parametrize("how", ["account", "phone"])


def becomes_party(county, dispute: Dispute, key: str, how: str) -> User:
    """The person is the respondent: by the account, or by the phone of the account alone."""
    party, user = dispute.parties.last(), county.people[key]
    if how == "account":
        party.user = user
    else:
        User.objects.filter(pk=user.pk).update(phone=PHONE)
        party.phone = user.phone = PHONE
    party.save()
    forget_grants(user)
    return user


def second(county, key: str) -> User:
    """Somebody else with the post of ``key``."""
    post = Appointment.objects.get(user=county.people[key])
    made = User.objects.create(username=f"{key}2", name="另一人", is_staff=True)
    Appointment.objects.create(user=made, unit=post.unit, role=post.role, area=post.area, valid_from=post.valid_from)
    county.people[made.username] = made
    return made


def agree(county, *models) -> None:
    for user in county.people.values():
        forget_grants(user)
    for model in models:
        assert_relation_forms_agree(model.objects.all(), list(county.people.values()))


@HOW
def test_a_clerk_who_is_a_party_carries_no_step_of_the_own_confirmation(county, how):
    # given a template, a second clerk, and an application at the court where a party is clerk
    NoticeTemplate.objects.create(key="confirmation_applied", language="zh-hans", title="收到申请", body="{{ number }}",
                                  context="mediation.judicialconfirmation")  # fmt: skip
    other = second(county, "judges_clerk")
    row = opened(county)
    clerk = becomes_party(county, row.dispute, "judges_clerk", how)
    row = applied(county, JudicialConfirmation.objects.with_rows().get(pk=row.pk))
    # then it is told to the other clerk alone, and the party sees nothing of it by the office
    assert {notice.person for notice in Notice.objects.filter(title="收到申请")} == {other}
    forget_grants(clerk)
    assert not JudicialConfirmation.objects.visible_to(clerk).exists()
    for url in (
        f"/api/v1/mediation/confirmations/{row.pk}/",
        f"/admin/mediation/judicialconfirmation/{row.pk}/change/",
    ):
        assert client_of(clerk).get(url).status_code in (302, 404)
    # and each step of the court is refused, whoever brought it so far
    for name in ("receive", "admit", "confirm"):
        before = snapshot(row)
        with pytest.raises(NotPermitted):
            act(row, name, actor=clerk, **GIVEN.get(name, {}))
        assert snapshot(row) == before
        row = act(row, name, actor=other, **GIVEN.get(name, {}))
    assert row.state == "valid"
    agree(county, JudicialConfirmation)


@HOW
def test_a_person_of_an_asked_department_who_is_a_party_neither_reads_nor_answers(county, how):
    NoticeTemplate.objects.create(key="department_task_asked", language="zh-hans", title="请答复",
                                  body="{{ dispute }}", context="mediation.departmenttask")  # fmt: skip
    work, other = Work(county), second(county, "joint_department")
    dispute = work.raised("major")
    asked = becomes_party(county, dispute, "joint_department", how)
    row = work.make_departmenttask(dispute)
    assert {notice.person for notice in Notice.objects.filter(title="请答复")} == {other}
    before = snapshot(row)
    assert not DepartmentTask.objects.visible_to(asked).exists()
    assert client_of(asked).get(f"/api/v1/mediation/tasks/{row.pk}/").status_code == 404
    with pytest.raises(NotPermitted):
        act(row, "answer", actor=asked, answer="由对方修")
    assert snapshot(row) == before
    assert act(row, "answer", actor=other, answer="由业主共同维修").state == "answered"
    agree(county, DepartmentTask)


@HOW
def test_an_administrator_who_is_a_party_does_not_see_who_read_it_and_why(county, how):
    # given a dispute the administrator opened by the glass before they became a party
    dispute = county.mediating()
    admin = county.user("administrator")
    glass_break(dispute, actor=admin, reason="核查信访转来的材料")
    forget_grants(admin)
    assert Dispute.objects.visible_to(admin).exists() and DisputeAccess.objects.visible_to(admin).exists()
    becomes_party(county, dispute, "administrator", how)
    party_unmask(dispute.parties.first(), actor=county.mediator, reason="电话通知到场")
    # then neither the glass nor the office shows it any more
    forget_grants(admin)
    assert not Dispute.objects.visible_to(admin).exists()
    assert not DisputeAccess.objects.visible_to(admin).exists()
    assert client_of(admin).get("/api/v1/mediation/accesses/").json()["results"] == []
    agree(county, Dispute, Party, DisputeAccess)


@HOW
@pytest.mark.parametrize("key", ["township_mediator", "county_centre"])
def test_a_superior_who_is_a_party_does_not_look_after_the_own_visits(county, clock, key, how):
    # given an overdue visit, the township's (or county's) person being a party
    visit = visit_of(county)
    Dispute.objects.filter(pk=visit.dispute_id).update(tier="general" if key == "township_mediator" else "complex")
    user = becomes_party(county, visit.dispute, key, how)
    at_nine(clock, visit, days=4)
    forget_grants(user)
    assert FollowUpVisit.objects.get(pk=visit.pk).state == "overdue"
    assert not FollowUpVisit.objects.visible_to(user).exists()
    assert user not in superiors_of(Dispute.objects.get())
    agree(county, FollowUpVisit)


@HOW
def test_a_helper_and_a_counsellor_who_are_parties_have_no_part(county, how):
    work = Work(county)
    invitation = work.in_state("helperinvitation", "invited")
    helper = becomes_party(county, invitation.dispute, "respected_helper", how)
    assert not HelperInvitation.objects.visible_to(helper).exists()
    with pytest.raises(NotPermitted):
        act(invitation, "accept", actor=helper, no_conflict=True)
    referral = referral_in(county, "referred")
    User.objects.filter(username="respected_helper").update(phone=None)
    counsellor = becomes_party(county, referral.dispute, "counsellor", how)
    assert not CounsellingReferral.objects.visible_to(counsellor).exists()
    agree(county, HelperInvitation, CounsellingReferral)
