"""Who is in the register and who is not: invitations end with it; organs that declined or were not waited for."""

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Conflict, NotPermitted
from governance.models import Appointment, Notice
from governance.testing import snapshot
from governance.workflow import act
from mediation.disputes.parties import PartyDraft, party_add
from mediation.disputes.states import ConsentTo
from mediation.joint.tiers import tier_hand_down
from mediation.models import Dispute, HelperInvitation, RespectedHelper, Track

pytestmark = pytest.mark.django_db
V, T, C = "village_mediator", "township_mediator", "county_centre"


@pytest.mark.parametrize("step", ["suspend", "leave"])
def test_who_leaves_the_register_reads_of_no_dispute_any_more(work, step):
    # given a helper who takes part in one dispute and is proposed in another
    running = work.in_state("helperinvitation", "accepted")
    proposed = work.make_helperinvitation()
    work.agree(proposed.dispute, ConsentTo.HELPER, proposed.helper.user)
    # when the register lets them go
    work.step(running.helper, step)
    # then they read nothing, and what was only proposed is not sent
    states = dict(HelperInvitation.objects.values_list("pk", "state"))
    assert states == {running.pk: "ended", proposed.pk: "withdrawn"}
    helper = work.user("respected_helper")
    assert not HelperInvitation.objects.visible_to(helper).exists()
    assert not HelperInvitation.objects.of_helper(helper).exists()
    # and the hours they gave are still thanked for
    assert work.step(HelperInvitation.objects.get(pk=running.pk), "thank").hours == 3


def test_an_invitation_is_sent_to_active_helpers_only(work):
    # given a proposal that every party agreed to, of a helper whose entry was suspended behind its back
    invitation = work.make_helperinvitation()
    work.agree(invitation.dispute, ConsentTo.HELPER, invitation.helper.user)
    RespectedHelper.objects.filter(pk=invitation.helper_id).update(state="suspended")
    before = snapshot(invitation)
    # when it is sent, then it is refused
    with pytest.raises(Conflict) as refused:
        act(invitation, "send", actor=work.user(V))
    assert refused.value.code == "not_active" and snapshot(invitation) == before
    # and sent once the helper may be invited again
    work.step(RespectedHelper.objects.get(), "resume")
    assert act(invitation, "send", actor=work.user(V)).state == "invited"


def test_without_the_post_nobody_reads_as_a_helper(work):
    invitation = work.in_state("helperinvitation", "invited")
    helper = work.user("respected_helper")
    assert HelperInvitation.objects.of_helper(helper).get() == invitation
    Appointment.objects.filter(user=helper).update(valid_to=timezone.localdate())
    Appointment.objects.filter(user=helper).delete()
    helper = work.user("respected_helper")
    assert not HelperInvitation.objects.of_helper(helper).exists()
    assert "楼上楼下" not in client_of(helper).get("/r/helping/").content.decode()


def test_a_party_who_comes_later_takes_no_invitation_back_before_they_were_asked(work):
    # given a helper who takes part
    invitation = work.in_state("helperinvitation", "accepted")
    third = party_add(invitation.dispute, PartyDraft(side="third", name="王五"), actor=work.user(V))
    # when the new party answers something else
    work.county.consent(third)
    # then the helper goes on; a no ends it
    assert HelperInvitation.objects.get().state == "accepted"
    work.county.consent(third, "refused", ConsentTo.HELPER, about=invitation.helper.user)
    assert HelperInvitation.objects.get().state == "withdrawn"


def test_an_organ_that_declined_reads_the_briefing_no_longer(work):
    track, organ = work.make_track(), client_of(work.user("police_department"))
    address = f"/api/v1/mediation/tracks/{track.pk}/"
    assert "漏水责任" in organ.get(address).content.decode()
    work.step(track, "decline")
    assert organ.get(address).status_code == 404
    assert not Track.objects.visible_to(work.user("police_department")).exists()
    # who invited it reads on
    assert client_of(work.user(T)).get(address).status_code == 200


def test_whoever_leads_ends_a_track_that_does_not_answer(work):
    # given an organ that was invited, leads, and keeps silent: the dispute cannot be handed down
    track = work.make_track()
    dispute = track.dispute
    request = tier_hand_down(dispute, actor=work.user(T), reason="可由村里继续")
    request = work.step(request, "accept")
    with pytest.raises(Conflict):
        work.step(request, "take_over")
    for who in ("police_department", V, "judges_clerk"):
        with pytest.raises(NotPermitted):
            act(track, "give_up", actor=work.user(who), reason="一直没有回复")
    # when it is waited for no longer
    track = act(track, "give_up", actor=work.user(T), reason="一直没有回复")
    # then it leads no more, reads no more, and another may be invited in its place
    assert (track.state, track.is_lead) == ("given_up", False)
    assert not Track.objects.visible_to(work.user("police_department")).exists()
    assert work.make_track(dispute, organ=work.county.unit("municipal")).is_lead
    # and with nothing running it is handed down
    work.step(Track.objects.get(state="invited"), "decline", by=work.user("joint_department"))
    assert work.step(request, "take_over").state == "carried_out"


def test_a_department_hears_of_its_task_and_of_the_last_day(work):
    # given the templates of the product
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0012_mediation_notices.json"), verbosity=0)
    # when a department is asked, and asked again
    task = work.make_departmenttask()
    work.step(work.step(task, "answer"), "ask_again")
    # then its people are told the day, and neither the question nor the facts; other departments hear nothing
    notices = list(Notice.objects.filter(url=f"/admin/mediation/departmenttask/{task.pk}/change/").order_by("pk"))
    assert {notice.person.username for notice in notices} == {"joint_department"} and len(notices) == 2
    assert f"{task.answer_by:%Y-%m-%d}" in notices[0].body and "2026-06-11" in notices[1].body
    assert not any("管" in notice.body or "维修" in notice.body for notice in notices)


def test_who_never_accepted_is_neither_thanked_nor_counted(work):
    # given three helpers' invitations: never answered, accepted and ended with it, accepted and running
    asked = work.in_state("helperinvitation", "invited")
    took_part = work.in_state("helperinvitation", "accepted")
    for row in (asked, took_part):
        work.county.step(Dispute.objects.get(pk=row.dispute_id), "terminate")
    asked, took_part = (HelperInvitation.objects.get(pk=row.pk) for row in (asked, took_part))
    assert (asked.state, took_part.state) == ("ended", "ended")

    # when the mediator thanks them, then no hours are entered for who did not answer, through any door
    before, mediator = snapshot(asked), client_of(work.user(V))
    with pytest.raises(Conflict):
        work.step(asked, "thank")
    address = f"/api/v1/mediation/helper-invitations/{asked.pk}/"
    assert "thank" not in mediator.get(address).json()["transitions"]
    answer = mediator.post(f"{address}transitions/thank/", {"hours": "3"}, format="json")
    assert answer.status_code == 409, answer.content
    assert snapshot(asked) == before
    with pytest.raises(IntegrityError), transaction.atomic():
        HelperInvitation.objects.filter(pk=asked.pk).update(state="thanked", hours=3)
    # and only the other one counts
    assert RespectedHelper.objects.with_invitations().get().invitations == 1
    assert work.step(took_part, "thank").hours == 3
    assert RespectedHelper.objects.with_invitations().get().invitations == 1
