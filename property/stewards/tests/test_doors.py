"""Admin, REST, phone, residents' and import doors of stewards: who opens which, and what they do there."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cases.tests.api import client_of
from cases.tests.pages import photo
from governance.exchange.engine import check
from governance.models import Notice, NoticeTemplate
from governance.workflow import act
from property.models import (
    DisputeSighting,
    HoursEntry,
    JoinRequest,
    OutreachVisit,
    ShiftDuty,
    StewardMember,
    StewardTeam,
)
from property.party.tests.test_doors import sheet, signed_in
from property.stewards.hours import hours_correct
from property.stewards.members import join_ask
from property.stewards.near import shown_as, surname_of
from property.stewards.outreach import outreach_log
from property.stewards.shifts import duty_take
from property.stewards.sightings import sighting_report
from property.stewards.tests.teams import NOON

pytestmark = pytest.mark.django_db
ROLES = ["administrator", "operations_centre", "grid_worker", "community_staff", "party_secretary", "organiser",
         "property_manager", "steward"]  # fmt: skip
KEEPERS = {"administrator", "party_secretary", "organiser", "community_staff"}
LISTS = ("stewardteam", "stewardmember", "stewardplan", "stewardshift", "shiftduty", "joinrequest", "outreachvisit",
         "hoursentry")  # fmt: skip
DOORS = ("steward-members", "steward-shifts", "steward-duties", "steward-requests", "steward-visits", "steward-hours")


@pytest.fixture
def busy(stewards):
    """Something in every list."""
    duty_take(stewards.shift(), actor=stewards.volunteer, at=NOON)
    join_ask(actor=stewards.place.owners[1], team=stewards.team, words="会修水电")
    outreach_log(actor=stewards.volunteer, team=stewards.team, topic="反诈", result="questions", place="广场",
                 questions="怎么举报？")  # fmt: skip
    sighting_report(actor=stewards.volunteer, team=stewards.team, kind="noise", words="楼上装修争吵", urgency="urgent")
    return stewards


@pytest.mark.parametrize("role", ROLES)
def test_who_opens_which_door(busy, city, role):
    person = city.user(role)
    client, api = signed_in(person), client_of(person)
    sees, keeps = role in KEEPERS | {"steward"}, role in KEEPERS
    for name in LISTS:
        assert client.get(reverse(f"admin:property_{name}_changelist")).status_code == (200 if sees else 403), name
    for name in ("stewardteam", "stewardmember", "stewardplan"):
        assert client.get(reverse(f"admin:property_{name}_add")).status_code == (200 if keeps else 403), name
    answers = role in ("community_staff", "steward")
    sightings = client.get(reverse("admin:property_disputesighting_changelist"))
    assert sightings.status_code == (200 if answers else 403)
    for door in DOORS:
        answer = api.get(f"/api/v1/{door}/")
        assert answer.status_code == 200 and bool(answer.json()["results"]) is sees, door
    assert api.get("/api/v1/steward-teams/").status_code == (200 if sees else 403)
    found = api.get("/api/v1/dispute-sightings/").json()["results"]
    assert len(found) == (role == "community_staff")
    page = client.get("/m/stewards/")
    assert page.status_code == 200 and ("桂园红色管家" in page.content.decode()) is (role == "steward")


def test_pages_of_the_desk(busy, city):
    # given what there is, as the lead and the community staff see it
    lead, staff = signed_in(busy.lead), signed_in(city.user("community_staff"))
    shift, duty, visit = ShiftDuty.objects.get().shift, ShiftDuty.objects.get(), OutreachVisit.objects.get()
    pages = {"stewardshift": shift, "shiftduty": duty, "joinrequest": JoinRequest.objects.get(), "outreachvisit": visit}
    for name, row in pages.items():
        for client in (lead, staff):
            assert client.get(reverse(f"admin:property_{name}_change", args=[row.pk])).status_code == 200, name
    assert lead.get(reverse("admin:property_stewardteam_change", args=[busy.team.pk])).status_code == 200
    # when the lead excuses nothing yet, answers who asks, ends and corrects a member
    request = JoinRequest.objects.get()
    step = reverse("admin:property_joinrequest_transition", args=[request.pk, "accept"])
    assert lead.post(step, {"version": 0}).status_code == 302
    assert StewardMember.objects.filter(team=busy.team).count() == 3
    correct = reverse("admin:property_stewardmember_correct", args=[busy.member.pk])
    given = {"date": timezone.localdate(), "minutes": 30, "reason": "忘记签到"}
    assert lead.post(correct, given | {"minutes": 0}).status_code == 400
    assert lead.post(correct, given).status_code == 302
    assert HoursEntry.objects.get(kind="correction").by == busy.lead
    end = reverse("admin:property_stewardmember_end", args=[busy.member.pk])
    # (the list leads there whom it lets in, nobody else)
    listed = reverse("admin:property_stewardmember_changelist")
    for reader, led in ((lead, True), (staff, True), (signed_in(city.user("administrator")), False)):
        page = reader.get(listed)
        assert page.status_code == 200 and (end in page.content.decode()) is led
    grid = signed_in(city.user("grid_worker"))
    assert grid.post(end, {"last_day": timezone.localdate(), "reason": "x"}).status_code == 403
    assert staff.post(end, {"last_day": timezone.localdate(), "reason": "搬家"}).status_code == 302
    # and the month is shown and given as a sheet
    month = reverse("admin:property_steward_month")
    assert "0:45" in lead.get(month).content.decode()
    assert [lead.get(f"{month}?{asked}").status_code for asked in (
        "month=x", "month=9999-12", "month=0001-01", f"month={'9' * 5000}-01", "format=exe",
    )] == [404, 404, 404, 404, 400]  # fmt: skip
    workbook = lead.get(f"{month}?format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(workbook.streaming_content)))
    assert any("0:45" in [str(cell) for cell in row] for row in book.active.iter_rows(values_only=True))
    # and a visit is passed on, a sighting answered from the first page
    pass_on = reverse("admin:property_outreachvisit_pass_on", args=[visit.pk])
    assert signed_in(city.user("organiser")).post(pass_on, {"description": "x"}).status_code == 403
    assert staff.post(pass_on, {"description": "居民询问举报渠道"}).status_code == 302
    assert Case.objects.get().source == "steward"
    seen = DisputeSighting.objects.get()
    page = reverse("admin:property_disputesighting_change", args=[seen.pk])
    assert page in staff.get(reverse("admin:index")).content.decode()
    assert "楼上装修争吵" in staff.get(page).content.decode() and lead.get(page).status_code == 404
    take = reverse("admin:property_disputesighting_transition", args=[seen.pk, "take"])
    assert lead.post(take, {"version": 0}).status_code == 404
    assert staff.post(take, {"version": 0}).status_code == 302
    case = reverse("admin:property_disputesighting_transition", args=[seen.pk, "open_case"])
    assert staff.post(case, {"version": 1}).status_code == 400
    assert staff.post(case, {"version": 1, "description": "装修噪声"}).status_code == 302
    assert DisputeSighting.objects.get().state == "became_case" and Case.objects.count() == 2


def test_a_shift_is_assigned_and_called_off_at_the_desk(stewards, city):
    shift = stewards.shift(at=timezone.now() + timedelta(days=1))
    assign = reverse("admin:property_stewardshift_assign", args=[shift.pk])
    given = {"member": stewards.member.pk}
    assert signed_in(city.user("administrator")).post(assign, given).status_code == 403
    assert signed_in(city.outsider("steward")).post(assign, given).status_code == 404
    lead = signed_in(stewards.lead)
    assert lead.post(assign, given).status_code == 302 and ShiftDuty.objects.get().assigned_by == stewards.lead
    call_off = reverse("admin:property_stewardshift_transition", args=[shift.pk, "call_off"])
    assert signed_in(city.user("administrator")).post(call_off, {"reason": "x", "version": 0}).status_code == 403
    assert lead.post(call_off, {"version": 0}).status_code == 400
    assert lead.post(call_off, {"reason": "暴雨", "version": 0}).status_code == 302
    assert ShiftDuty.objects.get().state == "called_off"


def test_a_volunteer_without_a_role_works_by_rest(stewards, city):
    shift = stewards.shift(at=timezone.now())
    me, lead = client_of(stewards.volunteer), client_of(stewards.lead)
    assert client_of(stewards.place.owners[1]).post(f"/api/v1/steward-shifts/{shift.pk}/take/").status_code == 404
    taken = me.post(f"/api/v1/steward-shifts/{shift.pk}/take/")
    assert (taken.status_code, taken.json()["transitions"]) == (201, ["start", "give_up"])
    assert me.post(f"/api/v1/steward-shifts/{shift.pk}/take/").status_code == 409
    step = f"/api/v1/steward-duties/{taken.json()['id']}/transitions/"
    assert lead.post(f"{step}start/", {}, format="json").status_code == 403
    begun = me.post(f"{step}start/", {}, format="json")
    assert (begun.status_code, begun.json()["state"]) == (200, "under_way")
    assert me.post(f"{step}end/", {}, format="json").json()["state"] == "done"
    member = StewardMember.objects.get(team=stewards.team, is_lead=True)
    given = lead.post(f"/api/v1/steward-shifts/{shift.pk}/assign/", {"member": member.pk}, format="json")
    assert given.status_code == 201
    visit = {"team": "gy", "topic": "反诈", "dwelling": "GY-1-1-101", "result": "questions", "questions": "怎么举报？"}
    assert me.post("/api/v1/steward-visits/", visit | {"dwelling": "X"}, format="json").status_code == 400
    made = me.post("/api/v1/steward-visits/", visit | {"photos": photo()}, format="multipart")
    assert made.status_code == 201, made.json()
    pass_on = f"/api/v1/steward-visits/{made.json()['id']}/case/"
    assert me.post(pass_on, {}, format="json").json()["errors"][0]["attr"] == "description"
    case = me.post(pass_on, {"description": "居民询问举报渠道"}, format="json")
    assert (case.status_code, case.json()["state"]) == (201, "reported")
    seen = {"team": "gy", "kind": "noise", "words": "楼上装修争吵", "building": stewards.place.buildings[0].pk}
    other = client_of(stewards.place.owners[1])
    assert other.post("/api/v1/dispute-sightings/", seen, format="json").status_code == 403
    reported = me.post("/api/v1/dispute-sightings/", seen, format="json")
    assert reported.status_code == 201
    step = f"/api/v1/dispute-sightings/{reported.json()['id']}/transitions/take/"
    assert me.post(step, {}, format="json").status_code == 403
    assert lead.post(step, {}, format="json").status_code == 404
    answered = client_of(city.user("community_staff")).post(step, {}, format="json")
    assert (answered.status_code, answered.json()["state"]) == (200, "taken")
    (month,) = me.get("/api/v1/steward-hours/month/").json()
    assert month["by_kind"]["outreach"] == 15 and month["member"] == stewards.member.pk
    for month in ("x", "9999-12-31", "0001-01-01"):
        assert me.get(f"/api/v1/steward-hours/month/?month={month}").status_code == 400
    for moment in ("0001-01-01T00:00:00", "9999-12-31T23:59:59"):  # no such moment in UTC, or not yet
        far = me.post("/api/v1/steward-visits/", visit | {"at": moment}, format="json")
        assert (far.status_code, far.json()["errors"][0]["attr"]) == (400, "at")
    assert client_of().get("/api/v1/steward-hours/").status_code == 401


def test_members_are_managed_by_rest(stewards, city):
    asker, lead = client_of(stewards.place.owners[1]), client_of(stewards.lead)
    asked = asker.post("/api/v1/steward-requests/", {"team": "gy", "words": "会修水电"}, format="json")
    assert asked.status_code == 201 and asked.json()["transitions"] == ["withdraw"]
    assert asker.post("/api/v1/steward-requests/", {"team": "gy"}, format="json").status_code == 409
    assert asker.post("/api/v1/steward-requests/", {"team": "other"}, format="json").status_code == 400
    step = f"/api/v1/steward-requests/{asked.json()['id']}/transitions/accept/"
    assert client_of(stewards.volunteer).post(step, {}, format="json").status_code == 404
    assert lead.post(step, {}, format="json").json()["state"] == "accepted"
    page = f"/api/v1/steward-members/{stewards.member.pk}/"
    today = f"{timezone.localdate()}"
    given = {"date": today, "minutes": 10, "reason": "补记"}
    assert client_of(stewards.volunteer).post(f"{page}correct/", given, format="json").status_code == 403
    assert lead.post(f"{page}correct/", given, format="json").json()["minutes"] == 10
    ended = {"last_day": today, "reason": "搬家"}
    assert client_of(city.outsider("steward")).post(f"{page}end/", ended, format="json").status_code == 404
    assert lead.post(f"{page}end/", ended, format="json").json()["valid_to"] == today
    assert len(lead.get("/api/v1/steward-members/?today=true").json()["results"]) == 3
    # residents know surnames
    (near,) = asker.get("/api/v1/me/steward-teams/").json()
    assert near["is_member"] is True and all(name.endswith("管家") for name in near["stewards"])
    assert client_of(city.user("resident")).get("/api/v1/me/steward-teams/").json() == []


def test_a_sighting_sent_again_is_asked_about(stewards):
    # given a sighting that was sent well
    me = signed_in(stewards.volunteer)
    seen = {"team": "gy", "kind": "noise", "urgency": "urgent", "words": "楼上装修争吵"}
    seen |= {"building": stewards.place.buildings[0].pk}
    assert me.post("/m/stewards/disputes/new/", seen).status_code == 302
    one = DisputeSighting.objects.get()
    # when it is sent once more, as after the browser's back button: nothing is stored before they say so
    twice = me.post("/m/stewards/disputes/new/", seen)
    told = twice.content.decode()
    assert twice.status_code == 400 and one.number in told and "刚才已提交" in told
    assert DisputeSighting.objects.get() == one
    again = seen | {"again": twice.context["form"]["again"].value()}
    assert me.post("/m/stewards/disputes/new/", again).status_code == 302
    assert DisputeSighting.objects.count() == 2


def test_the_phone_of_a_volunteer(stewards, city):
    shift = stewards.shift(at=timezone.now())
    me = signed_in(stewards.volunteer)
    assert signed_in(stewards.place.owners[1]).get("/m/stewards/").status_code == 403
    assert "门岗值守" in me.get("/m/stewards/").content.decode() and me.get("/m/").status_code == 403
    assert me.post(f"/m/stewards/shifts/{shift.pk}/take/").status_code == 302
    assert me.post(f"/m/stewards/shifts/{shift.pk}/take/").status_code == 409
    duty = ShiftDuty.objects.get()
    step = f"/m/stewards/duties/{duty.pk}/"
    assert signed_in(stewards.lead).post(f"{step}start/", {"version": 0}).status_code == 403
    assert me.post(f"{step}start/", {"version": 0}).status_code == 302
    assert me.post(f"{step}end/", {"version": 1}).status_code == 302
    given = {"team": "gy", "topic": "反诈", "place": "广场", "at": f"{NOON - timedelta(minutes=20):%Y-%m-%dT%H:%M}",
             "minutes": "20", "result": "questions", "questions": "怎么举报？"}  # fmt: skip
    assert me.post("/m/stewards/visits/new/", given | {"dwelling": "X"}).status_code == 400
    assert me.post("/m/stewards/visits/new/", given | {"place": ""}).status_code == 400
    assert me.post("/m/stewards/visits/new/", given).status_code == 302
    visit = OutreachVisit.objects.get()
    assert "怎么举报" in me.get("/m/stewards/visits/").content.decode()
    pass_on = f"/m/stewards/visits/{visit.pk}/case/"
    assert "怎么举报" in me.get(pass_on).content.decode() and me.post(pass_on).status_code == 400
    assert not Case.objects.exists()
    assert me.post(pass_on, {"description": "居民询问举报渠道"}).status_code == 302
    assert Case.objects.get().description == "居民询问举报渠道"
    seen = {"team": "gy", "kind": "noise", "urgency": "urgent", "words": "楼上装修争吵",
            "building": stewards.place.buildings[0].pk}  # fmt: skip
    assert me.post("/m/stewards/disputes/new/", seen | {"words": ""}).status_code == 400
    assert me.post("/m/stewards/disputes/new/", seen | {"photos": photo()}).status_code == 302
    one = DisputeSighting.objects.get()
    page = f"/m/stewards/disputes/{one.pk}/"
    assert "楼上装修争吵" in me.get(page).content.decode() and signed_in(stewards.lead).get(page).status_code == 404
    staff = signed_in(city.user("community_staff"))
    assert staff.post(f"{page}take/", {"version": 0}).status_code == 302
    hours_correct(stewards.member, actor=stewards.lead, date=timezone.localdate(), minutes=5, reason="补记")
    told = me.get("/m/stewards/hours/").content.decode()
    assert "补记" in told and "0:20" in told
    assert me.get("/m/stewards/hours/?month=9999-12").status_code == 404
    # the lead looks after the team, a member only sees it
    join_ask(actor=stewards.place.owners[1], team=stewards.team, words="会修水电")
    assert "会修水电" not in me.get("/m/stewards/teams/gy/").content.decode()
    lead = signed_in(stewards.lead)
    assert "会修水电" in lead.get("/m/stewards/teams/gy/").content.decode()
    request = JoinRequest.objects.get()
    assert lead.post(f"/m/stewards/requests/{request.pk}/decline/", {"version": 0}).status_code == 400
    assert lead.post(f"/m/stewards/requests/{request.pk}/accept/", {"version": 0}).status_code == 302
    plan = {"team": "gy", "name": "防汛值守", "day": f"{timezone.localdate() + timedelta(days=1)}", "starts": "09:00",
            "ends": "10:00", "wanted": "2"}  # fmt: skip
    assert me.post("/m/stewards/shifts/new/", plan).status_code == 404
    assert lead.post("/m/stewards/shifts/new/", plan | {"ends": "08:00"}).status_code == 400
    assert lead.post("/m/stewards/shifts/new/", plan).status_code == 302
    api = client_of(stewards.lead)
    assert api.post("/api/v1/steward-shifts/", plan, format="json").json()["wanted"] == 2
    assert client_of(stewards.volunteer).post("/api/v1/steward-shifts/", plan, format="json").status_code == 403
    assert lead.get("/m/").status_code == 200 and lead.get("/m/stewards/teams/other/").status_code == 404


def test_a_lead_with_an_account_alone_leads_on_the_phone(stewards, city):
    # given a team led by a resident, a member, and a shift of tomorrow
    StewardMember.objects.filter(team=stewards.team, is_lead=True).update(valid_to=NOON.date() - timedelta(days=1))
    leader, member = stewards.place.owners[1], stewards.member
    StewardMember.objects.create(team=stewards.team, person=leader, kind="resident", is_lead=True,
                                 valid_from=NOON.date())  # fmt: skip
    shift = stewards.shift(at=NOON + timedelta(days=1))
    lead, me, team = signed_in(leader), signed_in(stewards.volunteer), "/m/stewards/teams/gy/"
    today = f"{NOON:%Y-%m-%d}"
    pages = {f"/m/stewards/shifts/{shift.pk}/assign/": {"member": member.pk},
             f"/m/stewards/members/{member.pk}/correct/": {"date": today, "minutes": "10", "reason": "补记"},
             f"/m/stewards/shifts/{shift.pk}/call_off/": {"reason": "暴雨", "version": "0"},
             f"/m/stewards/members/{member.pk}/end/": {"last_day": today, "reason": "搬家"}}  # fmt: skip
    told = lead.get(team).content.decode()
    # then each is on the team's page for the lead, and nobody else's
    for page, given in pages.items():
        assert page in told and page not in me.get(team).content.decode()
        assert me.post(page, given).status_code == 404
    assert not ShiftDuty.objects.exists() and not HoursEntry.objects.exists()
    for page, given in pages.items():
        assert lead.get(page).status_code == 200 and lead.post(page, {}).status_code == 400, page
        sent = lead.post(page, given)
        assert (sent.status_code, sent.headers["Location"]) == (302, team), page
    member.refresh_from_db()
    assert (ShiftDuty.objects.get().state, HoursEntry.objects.get().minutes, f"{member.valid_to}") == (
        "called_off", 10, today
    )  # fmt: skip


def test_what_one_did_stays_readable_and_answers_are_read(stewards, city):
    # given a volunteer whose membership has ended, with a visit and an hour of it
    me, team = stewards.volunteer, stewards.team
    outreach_log(actor=me, team=team, topic="反诈骗宣传", result="explained", place="广场", minutes=25)
    stewards.retire(me, NOON.date() - timedelta(days=1))
    client, api = signed_in(me), client_of(me)
    assert "0:25" in client.get("/m/stewards/hours/").content.decode()
    assert "反诈骗宣传" in client.get("/m/stewards/visits/").content.decode()
    assert client.get("/m/stewards/").status_code == 200
    assert len(api.get("/api/v1/steward-hours/").json()["results"]) == 1
    assert client.post("/m/stewards/visits/new/", {}).status_code == 404
    # without a session the way leads over the residents' sign-in
    stranger = Client()
    assert stranger.get("/m/stewards/hours/").headers["Location"] == "/r/sign-in/"
    assert stranger.session["after_sign_in"] == "/m/stewards/hours/"
    # a request that is declined, and a sighting that is dismissed, say why
    asker = stewards.place.owners[1]
    act(join_ask(actor=asker, team=team), "decline", actor=stewards.lead, reason="本季度名额已满")
    assert "本季度名额已满" in signed_in(asker).get("/r/stewards/").content.decode()
    assert client_of(asker).get("/api/v1/steward-requests/").json()["results"][0]["answer"] == "本季度名额已满"
    seen = sighting_report(actor=stewards.lead, team=team, kind="noise", words="楼上争吵")
    NoticeTemplate.objects.create(key="steward_sighting_answered", language="zh-hans", title="答复", body="{{ state }}",
                                  context="property.disputesighting")  # fmt: skip
    act(seen, "dismiss", actor=city.user("community_staff"), reason="双方已和解")
    page = f"/m/stewards/disputes/{seen.pk}/"
    assert "双方已和解" in signed_in(stewards.lead).get(page).content.decode()
    assert Notice.objects.get(person=stewards.lead).url == page


def test_residents_know_their_stewards_and_join(stewards, city):
    resident, page = stewards.place.owners[1], "/r/stewards/"
    duty_take(stewards.shift(at=timezone.now()), actor=stewards.volunteer)
    told = signed_in(resident).get(page).content.decode()
    assert "业管家" in told and "门岗值守" in told and stewards.volunteer.name not in told
    assert "/r/stewards/" in signed_in(resident).get("/r/mine/").content.decode()
    client = signed_in(resident)
    assert client.post("/r/stewards/other/join/").status_code == 404
    assert client.post("/r/stewards/gy/join/", {"words": "x" * 301}).status_code == 400
    assert client.post("/r/stewards/gy/join/", {"words": "会修水电"}).status_code == 302
    assert client.post("/r/stewards/gy/join/").status_code == 409
    request = JoinRequest.objects.get()
    withdraw = f"/r/stewards/requests/{request.pk}/withdraw/"
    assert signed_in(stewards.volunteer).post(withdraw).status_code == 404
    assert client.post(withdraw).status_code == 302 and client.post(withdraw).status_code == 409
    assert [surname_of(type(resident)(name=name)) for name in ("柯玉兰", "欧阳明月", "Li Wei")] == ["柯", "欧阳", "Li"]
    assert shown_as(type(resident)(username="13900000000")) == "管家"


def test_teams_members_and_plans_come_as_sheets(stewards, city):
    organiser = city.user("organiser")
    sheet("property.stewardteam", "code,name,estate,area\nall,社区红色管家,,990102001001\n", organiser)
    sheet(
        "property.stewardmember", "team,person,kind,is_lead,valid_from\nall,owner3,resident,是,2026-01-05\n", organiser
    )
    sheet("property.stewardplan", "code,team,name,weekdays,starts,ends,building,wanted\n"
          "all-1,all,晨检,周一至周五,08:00,09:00,GY/2,2\n", organiser)  # fmt: skip
    team = StewardTeam.objects.get(code="all")
    member = team.members.get()
    assert (member.person.username, member.is_lead, team.plans.get().weekdays) == ("owner3", True, [0, 1, 2, 3, 4])
    assert team.shifts.exists()
    # and what does not fit names the line, and nothing of the file is kept
    report = sheet("property.stewardmember", "team,person,kind,valid_from\ngy,owner4,volunteer,2026-01-05\n"
                   "gy,nobody,volunteer,2026-01-05\n", organiser,
                   go=check)  # fmt: skip
    assert [error.line for error in report.errors] == [3]
    assert not StewardMember.objects.filter(person__username="owner4").exists()


LISTED = ("/api/v1/steward-duties/", "/api/v1/steward-shifts/", "/m/stewards/", "/admin/property/shiftduty/",
          "/admin/property/stewardteam/", "/r/stewards/")  # fmt: skip


@pytest.mark.parametrize("door", LISTED)
def test_lists_need_the_same_statements_for_any_number_of_rows(stewards, city, door):
    client = signed_in(stewards.place.owners[0] if door.startswith("/r/") else stewards.lead)

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(door).status_code == 200
        return len(queries)

    def more() -> None:
        duty_take(stewards.shift(at=timezone.now(), wanted=3), actor=stewards.lead)

    more()
    statements()
    few = statements()
    for _number in range(3):
        more()
    assert statements() == few
