"""Tracks under one lead, tasks by a day, sittings with rooms, notes of two kinds, respected locals."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.tests.api import client_of
from governance.calendar_feeds import entries_of, feed_make
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Booking, Event, Residency, User
from governance.timers import fire_due
from governance.workflow import act
from mediation.disputes.states import ConsentTo
from mediation.joint.figures import _told
from mediation.joint.making_forms import InvitationForm, _helper_told
from mediation.joint.notes import note_write
from mediation.joint.respected_helpers import conflict_of, helpers_for
from mediation.joint.tasks import tasks_ask
from mediation.models import (
    BreakGlass,
    DepartmentTask,
    Dispute,
    DisputeAccess,
    HelperInvitation,
    MediationNote,
    Sitting,
    Track,
)

pytestmark = pytest.mark.django_db
V, T, C = "village_mediator", "township_mediator", "county_centre"


def test_three_tracks_work_under_one_lead_each_with_organ_basis_and_result(work):
    # given a complex dispute and its three organs
    dispute = work.raised()
    people = work.make_track(dispute, kind="people", organ=work.county.unit("medcom"), legal_basis="人民调解法")
    police = work.make_track(dispute)
    court = work.make_track(dispute, kind="judicial", organ=work.county.unit("court"), legal_basis="")
    assert [track.is_lead for track in (people, police, court)] == [True, False, False]
    with pytest.raises(Conflict):
        work.make_track(dispute)
    with pytest.raises(Invalid):
        work.make_track(work.raised(), kind="judicial")
    # when the court takes part, it names its legal basis
    with pytest.raises(Invalid):
        act(court, "accept", actor=work.user("judges_clerk"), legal_basis="")
    court = act(court, "accept", actor=work.user("judges_clerk"), legal_basis="民事诉讼法第一百二十五条")
    # and is given the lead
    act(court, "take_lead", actor=work.user(T))
    assert list(Track.objects.filter(dispute=dispute, is_lead=True)) == [court]
    court = act(court, "begin", actor=work.user("judges_clerk"))
    court = act(court, "hand_in", actor=work.user("judges_clerk"), result="达成一致", document="(2026)诉前调1号")
    assert (court.state, court.person.username) == ("result", "judges_clerk")
    # then once the dispute has ended, the organ sees its track no longer
    seen = Track.objects.visible_to(work.user("judges_clerk"))
    assert seen.filter(pk=court.pk).exists()
    work.county.step(Dispute.objects.get(pk=dispute.pk), "terminate", by=work.user(T))
    assert not seen.filter(pk=court.pk).exists()


def test_joint_mediation_begins_with_complex_disputes(work):
    dispute = work.general()
    with pytest.raises(NotPermitted):
        work.make_track(dispute, actor=work.user(T))
    with pytest.raises(NotPermitted):
        work.make_track(dispute, actor=work.user(V))
    with pytest.raises(Conflict):
        _not_major(work)


def _not_major(work):
    dispute = work.raised("major")
    Dispute.objects.filter(pk=dispute.pk).update(tier="complex")
    tasks_ask(dispute, actor=work.user(C), units=[work.county.unit("municipal")], facts="x", question="y",
              answer_by=timezone.localdate())  # fmt: skip


def test_an_answer_is_overdue_after_its_day_and_still_taken(work, clock):
    task = work.make_departmenttask(answer_by=timezone.localdate())
    clock.shift(13 * 3600)
    fire_due()
    assert DepartmentTask.objects.get(pk=task.pk).state == "asked"
    clock.shift(3600)
    fire_due()
    task = DepartmentTask.objects.get(pk=task.pk)
    assert task.state == "overdue"
    task = act(task, "answer", actor=work.user("joint_department"), answer="由业主共同维修")
    assert task.state == "answered"
    assert Event.objects.get(name="department_task.answered").payload["late"] is True
    # another department's person neither sees nor answers it
    assert not DepartmentTask.objects.visible_to(work.user("outside_joint_department")).exists()


def test_tasks_close_when_the_dispute_ends(work):
    task = work.make_departmenttask()
    work.county.step(Dispute.objects.get(pk=task.dispute_id), "terminate", by=work.user(C))
    assert DepartmentTask.objects.get(pk=task.pk).state == "closed"
    fire_due()


def test_a_sitting_books_its_room_moves_with_it_and_gives_it_back(work, clock):
    room, dispute = work.room(), work.general()
    start = timezone.now() + timedelta(days=1)
    sitting = work.make_sitting(dispute, kind="centre", venue=room, starts_at=start, ends_at=start + timedelta(hours=1))
    booking = sitting.booking
    assert (booking.starts_at, booking.purpose_id, booking.state) == (start, sitting.pk, "booked")
    assert dispute.number not in booking.title and "漏水" not in booking.title
    # two at once in a room: the second is told, nothing of it is stored
    with pytest.raises(Conflict):
        work.make_sitting(
            work.general(), kind="centre", venue=room, starts_at=start, ends_at=start + timedelta(hours=1)
        )
    assert Sitting.objects.count() == 1
    later = start + timedelta(hours=2)
    act(sitting, "move", actor=work.user(V), starts_at=later, ends_at=later + timedelta(hours=1), reason="对方有事")
    assert Booking.objects.get().starts_at == later
    sitting = Sitting.objects.get()
    act(sitting, "cancel", actor=work.user(V), reason="双方已和好")
    assert Booking.objects.get().state == "cancelled"


def test_a_sitting_is_in_the_calendar_of_who_mediates_and_says_nothing_of_it(work):
    sitting = work.make_sitting(starts_at=timezone.now() + timedelta(days=1),
                                ends_at=timezone.now() + timedelta(days=1, hours=1))  # fmt: skip
    feed, _token = feed_make(actor=work.user(V), kind="person")
    entry = next(entry for entry in entries_of(feed) if entry.uid == f"sitting-{sitting.pk}")
    assert sitting.dispute.number in entry.summary and "漏水" not in entry.summary and entry.location == ""
    unit = work.county.unit("medcom")
    feed, _token = feed_make(actor=work.user("colleague"), kind="unit", unit=unit)
    assert any(entry.uid == f"sitting-{sitting.pk}" for entry in entries_of(feed))
    feed, _token = feed_make(actor=work.user("neighbour"), kind="person")
    assert not entries_of(feed)


def test_after_domestic_violence_the_parties_sit_apart_unless_a_reason_says_why(work):
    dispute = work.general(domestic_violence=True)
    assert work.make_sitting(dispute).together is False
    with pytest.raises(Invalid) as refused:
        work.make_sitting(dispute, together=True)
    assert refused.value.field == "together_reason"
    later = {"starts_at": timezone.now() + timedelta(hours=2), "ends_at": timezone.now() + timedelta(hours=3)}
    assert work.make_sitting(dispute, together=True, together_reason="双方均书面要求并有民警在场", **later).together
    # where it becomes known later, sittings to come at one table are cancelled
    dispute = work.general()
    soon = timezone.now() + timedelta(days=1)
    joint = work.make_sitting(dispute, starts_at=soon, ends_at=soon + timedelta(hours=1))
    apart = work.make_sitting(dispute, starts_at=soon + timedelta(hours=1), ends_at=soon + timedelta(hours=2),
                              together=False)  # fmt: skip
    work.county.step(dispute, "mark_violence", violence=True, domestic_violence=True)
    states = {row.pk: row.state for row in Sitting.objects.filter(dispute=dispute)}
    assert states == {joint.pk: "cancelled", apart.pk: "planned"}


@pytest.mark.parametrize(("wrong", "field"), [
    ({"kind": "video"}, "link"), ({"link": "https://a.example/1"}, "link"), ({"place": " "}, "place"),
    ({"kind": "moon"}, "kind"), ({"place": "\0"}, "place"),
])  # fmt: skip
def test_a_wrong_sitting_is_refused_naming_the_field(work, wrong, field):
    dispute = work.general()
    with pytest.raises(Invalid) as refused:
        work.make_sitting(dispute, **wrong)
    assert refused.value.field == field and not Sitting.objects.exists()
    now = timezone.now()
    for starts, ends, name in ((0, -1, "ends_at"), (0, 13, "ends_at"), (-24 * 31, -24 * 31 + 1, "starts_at"),
                               (24 * 400, 24 * 400 + 1, "starts_at")):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            work.make_sitting(dispute, starts_at=now + timedelta(hours=starts), ends_at=now + timedelta(hours=ends))
        assert refused.value.field == name


def test_nobody_sits_before_the_parties_agreed_to_be_mediated(work):
    for state in ("registered", "awaiting_consent", "terminated"):
        with pytest.raises(Conflict):
            work.make_sitting(work.county.in_state(state))


def test_a_caucus_note_is_its_writers_alone_in_every_door_and_export(work):
    # given a record and a caucus note of the same dispute
    dispute, party = work.general(), None
    party = dispute.parties.first()
    record = note_write(dispute, actor=work.user(V), kind="record", text="双方到场陈述")
    caucus = note_write(dispute, actor=work.user(V), kind="caucus", text="何家最多让到两千", party=party)
    # then the writer reads both, a colleague of the committee the record only
    for who, seen in ((V, {record.pk, caucus.pk}), ("colleague", {record.pk}), (T, set()), ("administrator", set()),
                      ("neighbour", set())):  # fmt: skip
        assert set(MediationNote.objects.visible_to(work.user(who)).values_list("pk", flat=True)) == seen, who
    # breaking the glass opens the record and not the caucus
    BreakGlass.objects.create(dispute=dispute, person=work.user("administrator"), reason="信访核查",
                              until=timezone.now() + timedelta(hours=1))  # fmt: skip
    opened = MediationNote.objects.visible_to(work.user("administrator"))
    assert list(opened.values_list("pk", flat=True)) == [record.pk]
    # no event tells of it, no export holds it, its reading is recorded
    assert not Event.objects.filter(subject_type="mediation.mediationnote", subject_id=caucus.pk).exists()
    client = client_of(work.user(V))
    exported = client.post("/admin/mediation/mediationnote/export/", {"format": "csv"}, format="multipart")
    lines = b"".join(exported.streaming_content).decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 2 and "让到" not in str(lines)
    assert "让到" in client.get(f"/api/v1/mediation/notes/{caucus.pk}/").json()["text"]
    assert "让到" in client.get(f"/admin/mediation/mediationnote/{caucus.pk}/change/").content.decode()
    assert "让到" not in client.get("/api/v1/mediation/notes/").content.decode()
    assert DisputeAccess.objects.filter(what=f"mediation.mediationnote {caucus.pk}").count() == 2
    colleague = client_of(work.user("colleague"))
    assert colleague.get(f"/api/v1/mediation/notes/{caucus.pk}/").status_code == 404
    assert colleague.get(f"/admin/mediation/mediationnote/{caucus.pk}/change/").status_code in (302, 404)
    # after the dispute went up, the village keeps its own notes and the township reads the record
    raised = work.raised()
    mine = note_write(raised, actor=work.user(T), kind="caucus", text="马家愿意道歉")
    assert not MediationNote.objects.visible_to(work.user(V)).filter(pk=mine.pk).exists()


def test_a_helper_is_told_nothing_before_every_party_agreed_and_nothing_after_the_last_day(work, clock):
    invitation = work.make_helperinvitation()
    helper = work.user("respected_helper")
    assert not HelperInvitation.objects.visible_to(helper).exists()
    with pytest.raises(Conflict) as refused:
        act(invitation, "send", actor=work.user(V))
    assert refused.value.code == "consent_missing"
    invitation = work.step(invitation, "send")
    assert HelperInvitation.objects.visible_to(helper).get() == invitation
    # the helper declares to have no interest of their own
    with pytest.raises(Invalid):
        act(invitation, "accept", actor=helper, no_conflict=False)
    work.step(invitation, "accept")
    clock.shift(11 * 86400)
    assert not HelperInvitation.objects.visible_to(work.user("respected_helper")).exists()
    fire_due()
    invitation = HelperInvitation.objects.get()
    assert invitation.state == "expired"
    # hours and thanks can still be entered
    assert work.step(invitation, "thank").hours == 3


def test_a_party_takes_back_the_consent_to_a_helper_and_the_access_ends(work):
    invitation = work.in_state("helperinvitation", "accepted")
    party = invitation.dispute.parties.first()
    work.county.consent(party, "withdrawn", ConsentTo.HELPER, about=invitation.helper.user)
    assert HelperInvitation.objects.get().state == "withdrawn"
    assert not HelperInvitation.objects.visible_to(work.user("respected_helper")).exists()


def test_the_helpers_access_ends_with_the_dispute(work):
    invitation = work.in_state("helperinvitation", "accepted")
    work.county.step(Dispute.objects.get(pk=invitation.dispute_id), "terminate")
    invitation = HelperInvitation.objects.get()
    assert invitation.state == "ended" and invitation.until > timezone.localdate()
    # which is told with its cause, and not as if the last day had passed
    told = Event.objects.filter(subject_type="mediation.helperinvitation", subject_id=invitation.pk).latest("id")
    assert (told.name, told.remark.text) == ("helper_invitation.ended", "纠纷已结束。")
    assert not HelperInvitation.objects.visible_to(work.user("respected_helper")).exists()
    # and the hours given are thanked for
    assert work.step(invitation, "thank").hours == 3


def test_who_has_an_interest_of_their_own_is_not_invited(work):
    helper, dispute = work.make_respectedhelper(), work.general()
    assert conflict_of(helper, dispute) == "" and helpers_for(dispute) == [helper]
    party = dispute.parties.first()
    party.user = helper.user
    party.save()
    assert conflict_of(helper, dispute) == "party" and helpers_for(dispute) == []
    with pytest.raises(Invalid) as refused:
        work.make_helperinvitation(dispute)
    assert refused.value.code == "conflict_party"
    assert not Residency.objects.exists()


def test_helpers_are_offered_in_order_with_what_helps_to_choose_at_the_same_cost(work):
    # given one who does not help with the type, registered first, then several who do
    dispute, offered, spent = work.general(), [], []
    post = Appointment.objects.get(user=work.user("respected_helper"))

    def another(name: str, **given):
        user = User.objects.create(username=name, name=name)
        Appointment.objects.create(user=user, unit=post.unit, role=post.role, area=post.area, valid_from="2020-01-01")
        return work.make_respectedhelper(user=user, **given)

    another("甲", fields=[], languages=["客家话"])
    for name in ("乙", "丙", "丁"):
        another(name)
        # when the form is opened
        with CaptureQueriesContext(connection) as queries:
            form = InvitationForm(user=work.user(V), initial={"dispute": dispute.number})
            offered = [str(label) for _key, label in form.fields["helper"].choices]
        spent.append(len(queries))
    # then those who help with it are on top, each with what helps to choose, and the last costs no more than the first
    names = [label.split(" ")[0] for label in offered[1:]]
    assert names == ["乙", "丙", "丁", "甲"] and len(set(spent)) == 1, (names, spent)
    told = str(_helper_told(helpers_for(dispute)[0]))
    assert "普通话、本地话" in told and told in offered
    assert "客家话" in offered[-1] and offered[-1].count(" · ") == told.count(" · ") - 1


def test_the_register_takes_people_of_the_post_only_once(work):
    with pytest.raises(Invalid):
        work.make_respectedhelper(user=work.user("counsellor"))
    with pytest.raises(NotPermitted):
        work.make_respectedhelper(actor=work.user("outside_village_mediator"))
    work.make_respectedhelper()
    with pytest.raises(Conflict):
        work.make_respectedhelper(standing="elder")
    for wrong in ({"languages": ["长" * 21]}, {"standing": "king"}, {"about": "\0"}):
        with pytest.raises(Invalid):
            work.make_respectedhelper(user=work.user("counsellor"), **wrong)


def test_small_cells_of_success_are_not_told():
    assert _told(4, 4) == (None, None)
    assert _told(5, 5) == (5, 5) and _told(12, 6) == (12, 6) and _told(5, 0) == (5, 0)
    assert _told(12, 9) == (12, None) and _told(12, 3) == (12, None)


def test_a_helper_reads_and_answers_on_the_own_page(work):
    invitation = work.in_state("helperinvitation", "invited")
    own, other = client_of(work.user("respected_helper")), client_of(work.user("neighbour"))
    page = own.get("/r/helping/").content.decode()
    assert invitation.dispute.number in page and "漏水" not in page
    assert "helping/" in own.get("/r/mine/").content.decode()
    assert "helping/" not in other.get("/r/mine/").content.decode()
    assert other.get(f"/r/helping/{invitation.pk}/").status_code == 404
    shown = own.get(f"/r/helping/{invitation.pk}/").content.decode()
    assert "楼上楼下为漏水有争执" in shown and "何秀英" not in shown
    assert DisputeAccess.objects.filter(person__username="respected_helper", role="respected_helper").exists()
    assert own.post(f"/r/helping/{invitation.pk}/", {"step": "accept"}, format="multipart").status_code == 400
    assert HelperInvitation.objects.get().state == "invited"
    sent = {"step": "accept", "no_conflict": "on"}
    assert own.post(f"/r/helping/{invitation.pk}/", sent, format="multipart").status_code == 302
    work.step(HelperInvitation.objects.get(), "thank")
    page = own.get("/r/helping/").content.decode()
    assert "多谢蔡老师" in page and invitation.dispute.number not in page
    assert own.get(f"/r/helping/{invitation.pk}/").status_code == 410  # it has ended, and the page says no more
    # another one is declined
    invitation = work.in_state("helperinvitation", "invited")
    assert own.post(f"/r/helping/{invitation.pk}/", {"step": "decline"}, format="multipart").status_code == 302
    assert HelperInvitation.objects.get(pk=invitation.pk).state == "declined"
