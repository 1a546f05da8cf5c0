"""The evening: codes to sign in by, who they let in, documents, calendars, notices, and two who want the same hall."""

import io
from datetime import date, datetime, timedelta
from zipfile import ZipFile

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command

from cases.tests.api import client_of
from governance.calendar_feeds import feed_make
from governance.calendar_pages import calendar_text
from governance.clock import SHANGHAI
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Notice, NoticeTemplate
from governance.notices.tests.conftest import tell
from governance.testing import snapshot
from governance.timers import fire_due
from property.assembly.attendance import session_sign_in
from property.assembly.making import sessions_make_ahead
from property.assembly.months import months_told
from property.assembly.sign_in import code_of
from property.assembly.tests.assemblies import BEGINS, NOW
from property.models import Invitation
from property.models import SessionState as S

pytestmark = pytest.mark.django_db


def words_of(content: bytes) -> str:
    with ZipFile(io.BytesIO(content)) as parts:
        return parts.read("word/document.xml").decode()


def test_a_code_lets_in_who_is_asked_a_units_people_and_residents_as_listeners(house):
    session = house.in_state(S.NOTICED)
    code = code_of(session, BEGINS)
    first = session_sign_in(actor=house.place.owners[0], code=code, occurred_at=BEGINS)
    assert (first.role, first.state, first.signed_in_way) == ("residents", "attended", "code")
    unit = session_sign_in(actor=house.user("property_manager"), code=code, occurred_at=BEGINS)
    assert (unit.role, unit.attended_by) == ("property_company", house.user("property_manager"))
    listener = session_sign_in(actor=house.resident, code=code, occurred_at=BEGINS)
    assert listener.role == "listener" and not listener.counts
    before = Invitation.objects.count(), Event.objects.count()
    for person, refusal in ((house.place.owners[0], Conflict), (house.user("resident"), NotPermitted),
                            (house.city.outsider("property_manager"), NotPermitted)):  # fmt: skip
        with pytest.raises(refusal):
            session_sign_in(actor=person, code=code, occurred_at=BEGINS)
    assert (Invitation.objects.count(), Event.objects.count()) == before


@pytest.mark.parametrize(
    ("shown", "used", "refusal"),
    [
        (timedelta(), timedelta(minutes=4), None),
        (timedelta(), timedelta(minutes=7), "expired"),
        (timedelta(minutes=3), timedelta(), "expired"),  # of a minute still to come
        (timedelta(hours=-2), timedelta(hours=-2), "closed"),  # more than an hour before the session
    ],
)
def test_a_code_holds_for_its_session_and_some_minutes(house, shown, used, refusal):
    session = house.in_state(S.NOTICED)
    code, person = code_of(session, BEGINS + shown), house.place.owners[0]
    if refusal is None:
        assert session_sign_in(actor=person, code=code, occurred_at=BEGINS + used).state == "attended"
        return
    with pytest.raises((Invalid, Conflict)) as refused:
        session_sign_in(actor=person, code=code, occurred_at=BEGINS + used)
    assert refused.value.code == refusal and not Invitation.objects.filter(state="attended").exists()


def test_a_code_cannot_be_made_up_and_ends_with_the_session(house):
    session = house.in_state(S.MINUTING)
    pk, slot, mac = code_of(session, BEGINS).split("-")
    for code in ("", "abc", f"{pk}-{slot}-{'0' * 20}", f"{int(pk) + 1}-{slot}-{mac}", f"{pk}-{int(slot) + 1}-{mac}"):
        with pytest.raises(Invalid) as refused:
            session_sign_in(actor=house.place.owners[0], code=code, occurred_at=BEGINS)
        assert refused.value.code == "invalid"
    row = Invitation.objects.get(session=session, title="company")
    answer = client_of(house.user("property_manager")).post(f"/api/v1/assembly-invitations/{row.pk}/transitions/scan/")
    assert answer.status_code == 403  # only a code leads in
    with pytest.raises(Conflict):
        session_sign_in(actor=house.place.owners[3], code=f"{pk}-{slot}-{mac}", occurred_at=BEGINS)


def test_residents_see_their_place_and_answer_through_pages_and_api(house):
    session = house.in_state(S.NOTICED)
    topic = house.topic("充电桩")
    neighbour, first = client_of(house.place.owners[3]), client_of(house.place.owners[0])
    stranger = client_of(house.user("resident"))
    # a neighbour reads the agenda and the topic, not who put it forward; a stranger finds nothing
    told = neighbour.get(f"/api/v1/me/assembly-sessions/{session.pk}/").json()
    assert [line["title"] for line in told["agenda"]] == ["停车位怎么分"] and told["minutes"] is None
    (row,) = [row for row in neighbour.get("/api/v1/me/topics/").json()["results"] if row["id"] == topic.pk]
    assert row["may_second"] and "业主3" not in str(row)
    assert neighbour.post(f"/api/v1/me/topics/{topic.pk}/second/").json()["seconds"] == 1
    for address in (f"/api/v1/me/assembly-sessions/{session.pk}/", f"/r/assembly/sessions/{session.pk}/",
                    f"/r/assembly/topics/{topic.pk}/", "/r/assembly/gy/propose/"):  # fmt: skip
        assert stranger.get(address).status_code == 404, address
        assert neighbour.get(address).status_code == 200, address
    before = snapshot(topic)
    assert stranger.post(f"/api/v1/me/topics/{topic.pk}/second/").status_code == 404
    assert stranger.post("/api/v1/me/topics/", {"assembly": "gy", "title": "外人"}).status_code == 404
    assert snapshot(topic) == before
    # put forward by page and by API
    assert neighbour.post("/r/assembly/gy/propose/", {"title": "加装电梯"}, format="multipart").status_code == 302
    assert neighbour.post("/api/v1/me/topics/", {"assembly": "gy", "title": "门禁"}).status_code == 201
    assert "加装电梯" in neighbour.get("/r/assembly/").content.decode()
    # who is asked answers
    mine = Invitation.objects.get(session=session, title="first")
    assert neighbour.post(f"/r/assembly/invitations/{mine.pk}/come/").status_code == 404
    assert (
        first.post(f"/r/assembly/invitations/{mine.pk}/come/", {"stand_in": ""}, format="multipart").status_code == 302
    )
    mine.refresh_from_db()
    assert mine.state == "coming"


def test_who_put_a_topic_forward_reads_what_was_said_of_it_once_that_is_published(house):
    topic = house.topic()
    session = house.session()
    topic = house.step(topic, "accept", session=session)
    for name in ("collect", "notice", "open"):
        session = house.go(session, name)
    house.step(topic, "discuss", discussion="张三反对", at=BEGINS)
    house.step(topic, "decide", outcome="划线十个", at=BEGINS)
    address = f"/api/v1/agenda-items/{topic.pk}/"

    def told(person):
        answer = client_of(person).get(address).json()
        return answer["discussion"], answer["outcome"]

    assert told(house.organiser) == ("张三反对", "划线十个") and told(house.resident) == ("", "")
    (row,) = client_of(house.resident).get("/api/v1/agenda-items/").json()["results"]
    assert (row["state"], row["outcome"]) == ("decided", "")
    for name in ("close", "write", "approve", "publish"):
        session = house.go(session, name)
    assert told(house.resident) == ("张三反对", "划线十个")


def test_minutes_are_read_once_published_and_confirmed_by_a_representative(house):
    session = house.step(house.in_state(S.MINUTING), "write", text="会议同意划线")
    neighbour, first = client_of(house.place.owners[3]), client_of(house.place.owners[0])
    page = f"/r/assembly/sessions/{session.pk}/"
    assert "会议同意划线" not in neighbour.get(page).content.decode()
    assert "会议同意划线" in first.get(page).content.decode()
    assert neighbour.post(f"{page}approve/").status_code in (403, 404)
    assert first.post(f"{page}approve/").status_code == 302
    for role in ("party_secretary", "owners_member"):
        session = house.step(session, "approve", by=house.user(role))
    house.step(session, "publish")
    assert "会议同意划线" in neighbour.get(page).content.decode()


def test_a_listener_reads_what_residents_read_and_no_draft_of_the_minutes(house):
    # given a resident who came in by the code and listened, and somebody whose invitation was taken back
    session = house.in_state(S.NOTICED)
    session_sign_in(actor=house.resident, code=code_of(session, BEGINS), occurred_at=BEGINS)
    asked = Invitation.objects.get(session=session, title="company")
    house.step(asked, "withdraw", reason="单位已更换")
    session = house.go(house.go(session, "open"), "close")
    house.step(session, "write", text="张三说了很多")
    page = f"/r/assembly/sessions/{session.pk}/"
    api = f"/api/v1/assembly-sessions/{session.pk}/"
    for person in (house.resident, house.user("property_manager")):
        assert client_of(person).get(api).status_code == 404, person
        assert client_of(person).get(f"{api}minutes/").status_code == 404, person
    told = client_of(house.resident).get(page).content.decode()
    assert "张三说了很多" not in told and "approve" not in told
    assert client_of(house.place.owners[0]).get(api).status_code == 200


def test_the_notice_and_the_minutes_in_word(house):
    session = house.in_state(S.NOTICED)
    client, pages = client_of(house.organiser), f"/admin/property/assemblysession/{session.pk}"
    assert client.get(f"{pages}/minutes.docx").status_code == 409
    notice = client.get(f"/api/v1/assembly-sessions/{session.pk}/notice/")
    assert "停车位怎么分" in words_of(notice.content) and "街道干部" in words_of(notice.content)
    session = house.go(session, "open")
    house.step(session.agenda.get(), "decide", outcome="同意 <甲> & 乙", at=BEGINS)
    house.go(session, "close")
    house.step(session, "write", text="第一段\n第二段")
    text = words_of(client.get(f"{pages}/minutes.docx").content)
    assert "&lt;甲&gt; &amp; 乙" in text and "第二段" in text and "未经各方确认" in text
    for person in (house.place.owners[3], house.city.outsider("organiser")):
        assert client_of(person).get(f"/api/v1/assembly-sessions/{session.pk}/minutes/").status_code == 404


def test_the_code_page_is_for_who_runs_it(house):
    session = house.in_state(S.NOTICED)
    with time_machine.travel(BEGINS, tick=False):
        for address in (f"/admin/property/assemblysession/{session.pk}/code/", f"/m/assembly/{session.pk}/code/"):
            assert "<svg" in client_of(house.organiser).get(address).content.decode()
            assert client_of(house.user("property_manager")).get(address).status_code in (403, 404)
        told = client_of(house.organiser).get(f"/api/v1/assembly-sessions/{session.pk}/sign-in-code/").json()
        answer = client_of(house.place.owners[0]).post("/api/v1/assembly-sign-in/", {"code": told["code"]})
        assert answer.status_code == 200 and answer.json()["role"] == "residents"
        row = Invitation.objects.get(session=session, title="company")  # nobody is let in by the step without a code
        scan = f"/api/v1/assembly-invitations/{row.pk}/transitions/scan/"
        assert client_of(house.user("property_manager")).post(scan).status_code == 403
        page = f"/r/assembly/sign-in/{told['code']}/"
        assert client_of(house.place.owners[1]).post(page).status_code == 200
        assert client_of().get(page).status_code == 200  # asks who it is
    assert Invitation.objects.filter(session=session, state="attended").count() == 2
    assert client_of(house.organiser).get(f"/m/assembly/{session.pk}/").status_code == 200


def test_calendars_show_sessions_to_who_is_asked_and_who_lives_there(house):
    session = house.in_state(S.NOTICED)
    for person, kind, shown in ((house.place.owners[0], "person", True), (house.resident, "person", True),
                                (house.user("resident"), "person", False)):  # fmt: skip
        feed, _token = feed_make(actor=person, kind=kind)
        assert (f"assembly-session-{session.pk}" in calendar_text(feed).decode()) is shown
    feed, _token = feed_make(actor=house.user("property_manager"), kind="unit", unit=house.city.company)
    assert "SUMMARY:" in calendar_text(feed).decode()
    house.step(session, "postpone", reason="暴雨")
    assert "STATUS:CANCELLED" in calendar_text(feed).decode()


def test_notices_reach_the_people_asked_their_units_and_the_proposer(house):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0007_assembly_notices.json"), verbosity=0)
    assert NoticeTemplate.objects.filter(key="session_noticed").exists()
    topic = house.topic()
    house.step(topic, "reject", reason="另案")
    house.in_state(S.NOTICED)
    told = {(notice.person.username, notice.title.split("：")[0][:4]) for notice in tell()}
    told |= {(notice.person.username, notice.title[:4]) for notice in Notice.objects.filter(event=None)}
    people = {name for name, _title in told}
    assert {"owner1", "owner2", "party_secretary", "property_manager", "owners_member", "owner3", "organiser"} <= people
    assert not {name for name in people if name.startswith("outside_")}


def test_a_guest_asked_after_the_notice_is_told_at_once(house):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0007_assembly_notices.json"), verbosity=0)
    session = house.in_state(S.NOTICED)
    guest = house.user("steward")
    assert not Notice.objects.filter(person=guest).exists()
    house.step(session, "invite", person=guest)
    (told,) = Notice.objects.filter(person=guest)
    assert told.title.startswith("会议通知")
    assert not Notice.objects.filter(title=told.title, person=house.organiser).exists()


def test_a_unit_signs_in_by_somebody_whose_own_invitation_was_taken_back(house):
    session = house.in_state(S.NOTICED)
    manager = house.user("property_manager")
    house.step(session, "invite", person=manager)
    house.step(Invitation.objects.get(session=session, person=manager), "withdraw", reason="以公司名义参加")
    row = session_sign_in(actor=manager, code=code_of(session, BEGINS), occurred_at=BEGINS)
    assert (row.unit, row.state) == (house.city.company, "attended")


def test_a_missed_month_is_red_on_list_and_page_and_told_once(house):
    house.in_state(S.PUBLISHED, datetime(2026, 6, 6, 9, 30, tzinfo=SHANGHAI))
    with time_machine.travel(datetime(2026, 7, 20, tzinfo=SHANGHAI), tick=False):
        sessions_make_ahead(date(2026, 7, 20))
    with time_machine.travel(datetime(2026, 8, 12, 10, tzinfo=SHANGHAI), tick=False):
        fire_due()
        fire_due()
        states = {f"{one.month:%m}": one.state for one in months_told([house.assembly])[house.assembly.pk]}
        page = client_of(house.organiser).get(f"/admin/property/assembly/{house.assembly.pk}/change/").content.decode()
        listed = client_of(house.organiser).get("/admin/property/assembly/").content.decode()
        api = client_of(house.organiser).get("/api/v1/assemblies/gy/").json()["months"]
    assert states == {"03": "missed", "04": "missed", "05": "missed", "06": "held", "07": "missed", "08": "late"}
    assert (
        'jc-red">07' in page
        and 'jc-red">07' in listed
        and {"month": "2026-07", "state": "missed", "session": None} in api
    )
    assert Event.objects.filter(name="assembly.month_missed").count() == 1
    assert NOW < BEGINS


def test_a_new_date_a_unit_asked_late_and_published_minutes_are_told(house):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0007_assembly_notices.json"), verbosity=0)

    def told(title: str) -> set[str]:
        tell()
        return {notice.person.username for notice in Notice.objects.filter(title__startswith=title)}

    asked = {"owner1", "owner2", "party_secretary", "property_manager", "owners_member"}
    # a unit that is asked after the notice hears what the others heard
    session = house.in_state(S.NOTICED)
    assert "outside_property_manager" not in told("会议通知")
    house.step(session, "invite", unit=house.city.units["other_company"])
    assert told("会议通知") >= asked | {"outside_property_manager"} and house.organiser.username not in told("会议通知")
    # the new date is told to all of them, though the invitations begin anew
    with time_machine.travel(NOW, tick=False):
        session = house.step(session, "postpone", reason="暴雨")
        begins = BEGINS + timedelta(days=14)
        house.step(session, "reschedule", starts_at=begins, ends_at=begins + timedelta(hours=1), venue=house.hall,
                   place="")  # fmt: skip
    assert told("会议改期") == asked | {"outside_property_manager"}
    # published minutes: to who was asked; residents of the place see it in their calendar
    done = house.in_state(S.PUBLISHED, datetime(2026, 6, 6, 9, 30, tzinfo=SHANGHAI))
    assert told("纪要已公布") == asked
    feed, _token = feed_make(actor=house.resident, kind="person")
    words = calendar_text(feed).decode().replace("\r\n ", "")
    assert f"assembly-session-{done.pk}" in words and "纪要已公布" in words
