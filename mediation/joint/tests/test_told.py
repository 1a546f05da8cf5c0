"""Who is told what the other side did in joint work, and what stands on their first page until it is done."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Invalid
from governance.models import Appointment, Notice, User
from governance.timers import fire_due
from governance.workflow import act
from mediation.admin.joint_work import joint_work
from mediation.disputes.states import ConsentTo
from mediation.joint.tracks import organs_for
from mediation.models import Dispute, Track

pytestmark = pytest.mark.django_db
C, J, P, T, V = "county_centre", "joint_department", "police_department", "township_mediator", "village_mediator"
CLERK = "judges_clerk"
WORDS = ("漏水", "天花板", "何秀英", "排水管", "各执一词", "情况有变", "由业主共同维修", "双方同意")


@pytest.fixture(autouse=True)
def templates(db):
    for name in ("0012_mediation_notices", "0013_joint_notices"):
        call_command("loaddata", f"fixtures/{name}.json", verbosity=0)


def told(work, key: str) -> list[str]:
    """Return the titles of what somebody was told, the newest first; none tells words of the dispute or of people."""
    rows = Notice.objects.filter(person=work.county.people[key]).order_by("-id")
    for row in rows:
        assert not [word for word in WORDS if word in row.title + row.body], row.body
    return [row.title for row in rows]


def listed(work, key: str) -> dict[str, list]:
    """Return the lists of joint work on somebody's first page that have rows."""
    return {found.key: found.rows for found in joint_work(work.user(key)) if found.rows}


def fresh(row):
    return type(row).objects.with_rows().get(pk=row.pk)


def test_a_takeover_accepted_is_told_to_who_asks_the_parties_and_answered_to_who_takes_over(work):
    # given a request, accepted by the township
    dispute = work.general()
    request = work.make_escalationrequest(dispute)
    assert "takeovers-accepted" not in listed(work, V)
    request = work.step(request, "accept")
    # then the village is told, and has a row until every party was asked
    assert told(work, V)[0] == f"已同意接手，请征求当事人意见：{dispute.number}"
    (row,) = listed(work, V)["takeovers-accepted"]
    assert dispute.number in row.title and row.url == f"/admin/mediation/escalationrequest/{request.pk}/change/"
    assert listed(work, T)["takeovers"][0].note == "正在征求当事人意见" and told(work, T) == []
    # when one agrees, nobody need be told yet; when one refuses, the township is
    first, last = dispute.parties.all()
    work.county.consent(first, "agreed", ConsentTo.MEDIATOR, about=request.mediator)
    assert told(work, T) == [] and "takeovers-accepted" in listed(work, V)
    work.county.consent(last, "refused", ConsentTo.MEDIATOR, about=request.mediator)
    assert told(work, T) == [f"有当事人不同意拟任调解员：{dispute.number}"]
    assert "不同意" in listed(work, T)["takeovers"][0].warning and "takeovers-accepted" not in listed(work, V)
    # when all agree, the township is told that it may take over, and the row says so until it has
    work.county.consent(last, "agreed", ConsentTo.MEDIATOR, about=request.mediator)
    assert told(work, T)[0] == f"当事人均已同意，可以接手：{dispute.number}"
    assert listed(work, T)["takeovers"][0].note == "当事人均已同意，请办理接手"
    act(request, "take_over", actor=work.user(T))
    assert "takeovers" not in listed(work, T)


def test_a_takeover_declined_is_told_to_who_asked_for_it(work):
    request = work.step(work.make_escalationrequest(), "decline")
    assert told(work, V) == [f"不予接手：{request.dispute.number}"] and told(work, T) == []
    assert told(work, "outside_village_mediator") == [] and told(work, C) == []
    # where a party's answer is about somebody else, nobody is told
    other = work.step(work.make_escalationrequest(), "accept")
    work.county.consent(other.dispute.parties.first(), "refused", ConsentTo.EXTENSION)
    assert [title for title in told(work, T) if "不同意" in title] == []


def test_an_organ_is_told_of_its_invitation_and_whoever_handles_it_of_what_came(work):
    # given an organ that is invited, and one beside it
    track = work.make_track()
    number = track.dispute.number
    assert told(work, P) == [f"邀请参加联合调解：{number}"] and told(work, CLERK) == []
    court = work.make_track(track.dispute, kind="judicial", organ=work.county.unit("court"))
    # when it hands in, and puts it right, whoever handles the dispute is told
    for name in ("accept", "begin", "hand_in"):
        track = work.step(track, name)
    said = f"联调结果：{number}"
    assert told(work, T).count(said) == 1
    work.step(track, "correct")
    assert told(work, T).count(said) == 2
    work.step(track, "correct", by=work.user(T))  # not of what they did themselves
    assert told(work, T).count(said) == 2
    # and so when one declines that did not lead
    act(court, "decline", actor=work.user(CLERK), reason="不属本院受理范围")
    assert told(work, T)[0] == f"机关不参加联调：{number}" and "受理范围" not in Notice.objects.latest("id").body
    # there is a lead: nothing to be done about that
    assert "tracks-without-lead" not in listed(work, T)


@pytest.mark.parametrize("name", ["decline", "give_up"])
def test_joint_mediation_without_a_lead_says_so_until_one_is_given(work, name):
    # given the organ that leads, another at work, and a second mediator of the township
    second = User.objects.create(username="township2", name="另一人", is_staff=True)
    post = Appointment.objects.get(user=work.user(T))
    Appointment.objects.create(user=second, unit=post.unit, role=post.role, area=post.area, valid_from=post.valid_from)
    work.county.people["township2"] = second
    lead = work.make_track()
    dispute = lead.dispute
    other = work.make_track(dispute, kind="judicial", organ=work.county.unit("court"))
    page, table = f"/admin/mediation/dispute/{dispute.pk}/change/", "/admin/mediation/track/"
    for address in (page, table):
        assert "尚无牵头" not in client_of(work.user(T)).get(address).content.decode()
    # when the organ leaves, then whoever handles the dispute is told, and pages and first page say so
    work.step(lead, name)
    said = f"联调尚无牵头：{dispute.number}"
    assert told(work, "township2")[0] == said
    assert (told(work, T)[:1] == [said]) == (name == "decline")  # not who did it
    for address in (page, table):
        assert "尚无牵头" in client_of(work.user(T)).get(address).content.decode(), address
    (row,) = listed(work, T)["tracks-without-lead"]
    assert row.url == page and "tracks-without-lead" not in listed(work, V)
    # when another is invited, then it does not lead unasked
    again = work.make_track(dispute)
    assert not again.is_lead and listed(work, T)["tracks-without-lead"]
    # but once it is given the lead, all is well
    act(fresh(other), "take_lead", actor=work.user(T))
    assert "tracks-without-lead" not in listed(work, T)
    assert "尚无牵头" not in client_of(work.user(T)).get(page).content.decode()


def test_an_organ_is_told_until_when_it_may_hand_in(work):
    track = work.in_state("track", "working")
    invited = work.make_track(track.dispute, kind="judicial", organ=work.county.unit("court"))
    assert listed(work, P)["tracks"][0].due_at is None
    work.county.step(Dispute.objects.get(pk=track.dispute_id), "terminate", by=work.user(T))
    number = track.dispute.number
    assert told(work, P)[0] == f"纠纷已结束，结果最迟 2026-06-12 提交：{number}"
    assert f"{timezone.localtime(listed(work, P)['tracks'][0].due_at):%Y-%m-%d %H:%M}" == "2026-06-13 00:00"
    # who had not answered is asked no more: their notice leads to their list, which says so
    assert [title for title in told(work, CLERK) if "最迟" in title] == [] and "tracks" not in listed(work, CLERK)
    page = client_of(work.user(CLERK)).get(f"/admin/mediation/track/{invited.pk}/change/", follow=True)
    assert page.redirect_chain[0][0] == "/admin/mediation/track/" and "贵单位无需再办理" in page.content.decode()
    work.step(fresh(track), "hand_in")
    assert "tracks" not in listed(work, P)


@pytest.mark.parametrize("late", [False, True])
def test_an_answer_is_told_to_who_asked_and_waits_until_it_is_dealt_with(work, clock, late):
    task = work.make_departmenttask(answer_by=timezone.localdate() + timedelta(days=1))
    assert "department-answered" not in listed(work, C)
    if late:
        clock.shift(3 * 86400)
        fire_due()
        assert "department-answers" in listed(work, C)
    task = work.step(fresh(task), "answer")
    # then the county is told whether it came in time, and has a row
    assert told(work, C)[0] == f"部门已答复：{task.dispute.number}"
    body = Notice.objects.filter(person=work.county.people[C]).latest("id").body
    assert ("逾期答复" if late else "按期答复") in body
    (row,) = listed(work, C)["department-answered"]
    assert row.url == f"/admin/mediation/departmenttask/{task.pk}/change/" and "department-answers" not in listed(
        work, C
    )
    for key in (T, J, "outside_county_centre"):
        assert "department-answered" not in listed(work, key) and "部门已答复" not in str(told(work, key)), key
    # and no more once it asks again, or closes it
    work.step(task, "ask_again")
    assert "department-answered" not in listed(work, C)
    task = work.step(fresh(task), "answer")
    assert "department-answered" in listed(work, C)
    work.step(task, "close")
    assert "department-answered" not in listed(work, C)


@pytest.mark.parametrize("door", ["api", "admin"])
def test_closing_what_was_not_answered_says_why_and_tells_the_department(work, door):
    task = work.make_departmenttask()
    address = {"api": f"/api/v1/mediation/tasks/{task.pk}/transitions/close/",
               "admin": f"/admin/mediation/departmenttask/{task.pk}/transition/close/"}[door]  # fmt: skip
    kind, done = ("json", 200) if door == "api" else ("multipart", 302)
    county, department = client_of(work.user(C)), client_of(work.user(J))
    if door == "admin":
        assert "不会得知原因" in county.get(address).content.decode()
    # without a reason it stays, and nobody is told
    assert county.post(address, {"reason": " "}, format=kind).status_code == 400
    assert fresh(task).state == "asked" and len(told(work, J)) == 1
    # who may not, tells nobody either
    assert department.post(address, {"reason": "不办"}, format=kind).status_code in (403, 404)
    assert county.post(address, {"reason": "已由其他部门查明"}, format=kind).status_code == done
    # then the department is told, without the reason, and both notices lead to pages it may see
    assert told(work, J)[0] == f"无需再答复：{task.dispute.number}" and "查明" not in str(told(work, J))
    for row in Notice.objects.filter(person=work.county.people[J]):
        page = department.get(row.url, follow=True)
        assert page.status_code == 200 and str(task.question) not in page.content.decode(), row.url
    page = department.get(f"/admin/mediation/departmenttask/{task.pk}/change/", follow=True)
    assert "任务已办结，贵单位无需再办理" in page.content.decode()
    # another department finds nothing there, nor does this one by REST
    other = client_of(work.user("outside_joint_department"))
    assert other.get(f"/admin/mediation/departmenttask/{task.pk}/change/").status_code == 404
    assert department.get(f"/api/v1/mediation/tasks/{task.pk}/").status_code == 404


def test_an_answered_task_is_closed_without_a_reason_and_the_end_of_a_dispute_is_told(work):
    task = work.in_state("departmenttask", "answered")
    act(task, "close", actor=work.user(C))
    assert len(told(work, J)) == 1 and fresh(task).state == "closed"
    # one that waits when the dispute ends is withdrawn by itself
    task = work.make_departmenttask()
    work.county.step(Dispute.objects.get(pk=task.dispute_id), "terminate", by=work.user(C))
    assert fresh(task).state == "closed" and told(work, J)[0] == f"无需再答复：{task.dispute.number}"


def test_units_in_which_nobody_could_answer_are_not_invited(work):
    dispute = work.raised()
    assert {"police", "court"} <= set(organs_for(dispute).values_list("code", flat=True))
    # given that the organ's only person has left
    Appointment.objects.filter(user=work.user(P)).update(role="handler")
    assert "police" not in set(organs_for(dispute).values_list("code", flat=True))
    for door in ("service", "api", "admin"):
        given = {"dispute": dispute.number, "kind": "administrative", "organ": "police", "briefing": "请组织"}
        if door == "service":
            with pytest.raises(Invalid) as refused:
                work.make_track(dispute)
            assert (refused.value.field, refused.value.code) == ("organ", "nobody_there")
        else:
            address = "/api/v1/mediation/tracks/" if door == "api" else "/admin/mediation/track/add/"
            kind = "json" if door == "api" else "multipart"
            assert client_of(work.user(T)).post(address, given, format=kind).status_code == 400, door
    assert not Track.objects.exists()
