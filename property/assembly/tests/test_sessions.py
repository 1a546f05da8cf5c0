"""A session from its rule to the archive, and what stands in its way."""

from datetime import date, datetime, timedelta

import pytest
import time_machine

from cases.tests.api import client_of
from governance.bookings import booking_cancel
from governance.clock import SHANGHAI
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Booking, CalendarDay, Event, Timer, VenueClosure
from governance.testing import snapshot
from governance.timers import fire_due
from property.admin.assembly_work import assembly_work
from property.assembly.making import sessions_make_ahead
from property.assembly.months import months_told
from property.assembly.tests.assemblies import BEGINS, NOW
from property.models import AgendaItem, AssemblySession, Invitation, MinutesAnswer
from property.models import SessionState as S

pytestmark = pytest.mark.django_db


def names(obj) -> list[str]:
    return list(Event.objects.filter(subject_type=obj._meta.label_lower, subject_id=obj.pk).order_by("id")
                .values_list("name", flat=True))  # fmt: skip


def test_sessions_are_made_by_rule_ahead_of_time_and_once(house):
    # given a first Saturday that is still to come in June, July and August
    made = sessions_make_ahead(NOW.date())
    # then three sessions stand, each with the hall booked for it by the clock
    rows = AssemblySession.objects.order_by("starts_at")
    assert made == 3 and [f"{row.starts_at.astimezone(SHANGHAI):%m-%d %H:%M}" for row in rows] == [
        "06-06 09:30", "07-04 09:30", "08-01 09:30"]  # fmt: skip
    assert {(row.state, row.booking.venue, row.booking.purpose_id) for row in rows} == {
        ("draft", house.hall, row.pk) for row in rows
    }
    # and a second run finds everything done
    before = Event.objects.count()
    assert sessions_make_ahead(NOW.date()) == 0
    assert Event.objects.count() == before


def test_a_day_moved_by_holidays_says_from_where(house):
    with time_machine.travel(datetime(2026, 8, 10, 9, tzinfo=SHANGHAI), tick=False):
        sessions_make_ahead(date(2026, 8, 10))
    october = AssemblySession.objects.get(month=date(2026, 10, 1))
    assert october.starts_at.astimezone(SHANGHAI).date() == date(2026, 10, 17)
    assert october.moved_from == date(2026, 10, 3)


def test_a_local_exception_moves_it_and_a_past_day_is_not_made(house):
    CalendarDay.objects.create(area=house.city.street, date="2026-07-04", is_workday=False, reason="社区开放日")
    with time_machine.travel(datetime(2026, 6, 8, tzinfo=SHANGHAI), tick=False):
        assert sessions_make_ahead(date(2026, 6, 8)) == 2
    assert not AssemblySession.objects.filter(month=date(2026, 6, 1)).exists()
    july = AssemblySession.objects.get(month=date(2026, 7, 1))
    assert july.starts_at.astimezone(SHANGHAI).date() == date(2026, 7, 11)


def test_a_venue_that_is_closed_leaves_the_session_without_one_and_tells_it(house):
    VenueClosure.objects.create(venue=house.hall, first_day="2026-06-01", last_day="2026-06-30", reason="粉刷")
    sessions_make_ahead(NOW.date())
    june = AssemblySession.objects.get(month=date(2026, 6, 1))
    assert june.booking is None and names(june) == ["session.made", "session.venue_taken"]
    # by hand the same is refused, and nothing is made
    with pytest.raises(Invalid) as refused:
        house.session(datetime(2026, 6, 20, 9, 30, tzinfo=SHANGHAI))
    assert refused.value.code == "closed" and AssemblySession.objects.count() == 3


def test_the_whole_way(house):
    session = house.in_state(S.ARCHIVED)
    assert session.state == S.ARCHIVED
    assert names(session) == [
        "session.made", "session.topic_added", "session.collecting", "session.noticed", "session.opened",
        "session.closed", "session.minuted", "session.approved", "session.approved", "session.approved",
        "session.confirmed", "session.published", "session.archived",
    ]  # fmt: skip
    states = dict(Invitation.objects.filter(session=session).values_list("title", "state"))
    assert states == {"party": "attended", "company": "absent", "owners": "attended", "first": "attended",
                      "second": "attended", "guest": "absent"}  # fmt: skip


def test_by_hand_the_first_is_the_months_regular_one_and_the_next_an_extra_one(house):
    assert house.session().is_regular
    assert not house.session(BEGINS + timedelta(days=1)).is_regular
    with pytest.raises(Conflict) as refused:
        house.session(BEGINS + timedelta(hours=1))
    assert refused.value.code == "overlap" and AssemblySession.objects.count() == 2
    with pytest.raises(Invalid) as refused:
        house.session(NOW - timedelta(days=1))
    assert refused.value.field == "starts_at"


def test_planning_again_moves_the_booking_and_the_timers(house):
    session = house.session()
    later = BEGINS + timedelta(days=14)  # a week later is the Dragon Boat Festival
    fresh = house.step(session, "plan", starts_at=later, ends_at=later + timedelta(hours=1), venue=house.hall, place="")
    assert fresh.booking.starts_at == later
    assert Booking.objects.get(pk=session.booking_id).state == "cancelled"
    assert Timer.objects.get(key=f"assembly.reminder:{session.pk}").due_at == later - timedelta(days=1)
    # elsewhere: no booking at all; nowhere: refused
    span = {"starts_at": later, "ends_at": later + timedelta(hours=1), "venue": None}
    fresh = house.step(fresh, "plan", place="小区中心花园", **span)
    assert fresh.booking is None and fresh.place_text == "小区中心花园"
    before = snapshot(fresh)
    with pytest.raises(Invalid) as refused:
        house.step(fresh, "plan", place=" ", **span)
    assert refused.value.field == "venue" and snapshot(fresh) == before


def test_a_notice_needs_topics_a_place_and_its_days(house):
    session = house.step(house.session(), "collect")
    with pytest.raises(Conflict) as refused:
        house.step(session, "notice")
    assert refused.value.code == "no_topics"
    house.on_agenda(session)
    late = BEGINS - timedelta(days=2)
    before = snapshot(session)
    with pytest.raises(Invalid) as refused:
        house.step(session, "notice", at=late)
    assert refused.value.field == "reason" and snapshot(session) == before
    assert not Invitation.objects.exists()
    fresh = house.step(session, "notice", at=late, reason="场地临时确定")
    assert fresh.state == S.NOTICED and Invitation.objects.filter(session=session).count() == 6


def test_a_notice_to_nobody_is_refused(house):
    house.assembly.seats.all().delete()
    session = house.step(house.session(), "collect")
    topic = house.on_agenda(session)
    with pytest.raises(Conflict) as refused:
        house.step(session, "notice")
    topic.refresh_from_db()
    assert refused.value.code == "no_seats" and not topic.on_notice


def test_it_opens_only_with_its_quorum_on_its_day(house):
    # five count, more than half are three; the party organisation must be among them
    session = house.in_state(S.NOTICED)
    house.sign_in(session, "company", "owners", "first")
    with pytest.raises(Conflict) as refused:
        house.step(session, "open", at=BEGINS)
    assert refused.value.code == "no_quorum"
    row = Invitation.objects.get(session=session, title="first")
    house.step(row, "undo", reason="点错了", at=BEGINS)
    house.sign_in(session, "party")
    with pytest.raises(Conflict) as refused:
        house.step(session, "fall_short", reason="人数不足", at=BEGINS)
    assert refused.value.code == "quorum"
    with pytest.raises(Conflict) as refused:
        house.step(session, "open", at=BEGINS - timedelta(days=1))
    assert refused.value.code == "too_early"
    assert house.step(session, "open", at=BEGINS).state == S.IN_SESSION


def test_when_too_many_leave_nothing_is_decided_and_it_may_be_broken_off(house):
    session = house.in_state(S.NOTICED)
    topic = AgendaItem.objects.get(session=session)
    house.sign_in(session, "party", "company", "owners")
    session = house.step(session, "open", at=BEGINS)
    row = Invitation.objects.get(session=session, title="company")
    house.step(row, "leave", at=BEGINS)
    with pytest.raises(Conflict) as refused:
        house.step(topic, "decide", outcome="同意", at=BEGINS)
    assert refused.value.code == "no_quorum"
    assert house.step(session, "fall_short", reason="中途离场", at=BEGINS).state == S.INQUORATE


def test_a_new_date_asks_everybody_again(house):
    session = house.in_state(S.NOTICED)
    row = Invitation.objects.get(session=session, title="first")
    house.step(row, "come", by=house.place.owners[0], stand_in="")
    booked = session.booking_id
    session = house.step(session, "postpone", reason="暴雨")
    assert Booking.objects.get(pk=booked).state == "cancelled"
    later = BEGINS + timedelta(days=14)  # a week later is the Dragon Boat Festival
    session = house.step(session, "reschedule", starts_at=later, ends_at=later + timedelta(hours=2), venue=house.hall,
                         place="")  # fmt: skip
    row.refresh_from_db()
    assert session.state == S.COLLECTING and row.state == "invited" and session.booking.starts_at == later
    assert AgendaItem.objects.get(session=session).state == "accepted"
    assert house.step(session, "notice").state == S.NOTICED
    assert Invitation.objects.filter(session=session).count() == 6


def test_minutes_are_confirmed_by_each_party_that_was_there_on_one_text(house):
    session = house.in_state(S.MINUTING)
    secretary, owners, resident = house.user("party_secretary"), house.user("owners_member"), house.place.owners[0]
    with pytest.raises(Conflict) as refused:
        house.step(session, "approve", by=secretary)
    assert refused.value.code == "no_minutes"
    session = house.step(session, "write", text="第一稿")
    house.step(session, "approve", by=secretary)
    with pytest.raises(Conflict) as refused:
        house.step(session, "approve", by=secretary)
    assert refused.value.code == "answered"
    # the property company was asked but absent: it has no say
    before = snapshot(session), MinutesAnswer.objects.count()
    with pytest.raises(NotPermitted):
        house.step(session, "approve", by=house.user("property_manager"))
    assert (snapshot(session), MinutesAnswer.objects.count()) == before
    house.step(session, "object", by=owners, reason="第二项记错了")
    house.step(session, "approve", by=resident)
    session.refresh_from_db()
    assert session.state == S.MINUTING
    # a new text asks everybody anew
    session = house.step(session, "write", text="第二稿")
    session = house.approve_all(session)
    assert session.state == S.CONFIRMED
    assert [(row.text_version, row.agrees) for row in MinutesAnswer.objects.order_by("id")] == [
        (1, True), (1, False), (1, True), (2, True), (2, True), (2, True)]  # fmt: skip


def test_what_was_said_is_not_changed_below_a_party_that_confirmed_it(house):
    session = house.step(house.in_state(S.MINUTING), "write", text="第一稿")
    topic = AgendaItem.objects.create(
        assembly=house.assembly, area=session.area, session=session, source="chair", title="灯", state="accepted",
        proposer=house.organiser,
    )  # fmt: skip
    house.step(topic, "discuss", discussion="物业：月底完成")
    house.step(session, "approve", by=house.user("party_secretary"))
    before = snapshot(topic)
    with pytest.raises(Conflict) as refused:
        house.step(topic, "discuss", discussion="物业：不做了")
    assert refused.value.code == "confirmed" and snapshot(topic) == before
    house.step(session, "write", text="第二稿")
    house.step(topic, "discuss", discussion="物业：下月完成")


def test_nobody_is_taken_off_the_list_while_the_quorum_is_counted(house):
    session = house.in_state(S.IN_SESSION)
    row = Invitation.objects.get(session=session, title="company")
    for name, given in (("withdraw", {"reason": "凑人数"}), ("come", {}), ("decline", {"reason": "不来"})):
        with pytest.raises(Conflict) as refused:
            house.step(row, name, **given)
        assert refused.value.code == "not_now", name
    row.refresh_from_db()
    assert row.state == "invited"


def test_a_venue_taken_back_is_told_to_the_organiser(house):
    # given a session with the hall, which its keeper then takes back
    session = house.step(house.session(), "collect")
    house.on_agenda(session)
    booking_cancel(session.booking, actor=house.user("administrator"), reason="防汛值班")
    assert names(session)[-1] == "session.venue_taken"
    page = client_of(house.organiser).get(f"/admin/property/assemblysession/{session.pk}/change/").content.decode()
    assert "该时段场地未能预订" in page
    # and what the organiser gives back is told to nobody
    session = house.step(session, "plan", starts_at=BEGINS, ends_at=BEGINS + timedelta(hours=1), venue=house.hall,
                         place="")  # fmt: skip
    house.step(session, "postpone", reason="暴雨")
    assert names(session).count("session.venue_taken") == 1


def test_a_month_whose_day_was_before_the_assembly_began_is_not_missed(house):
    # given an assembly in use from Tuesday the 9th on, whose first Saturday was the 6th
    house.assembly.valid_from = date(2026, 6, 9)
    house.assembly.save()
    with time_machine.travel(datetime(2026, 6, 10, 10, tzinfo=SHANGHAI), tick=False):
        sessions_make_ahead(date(2026, 6, 10))
        assert months_told([house.assembly])[house.assembly.pk][-1].state == "not_due"
    with time_machine.travel(datetime(2026, 7, 1, 10, tzinfo=SHANGHAI), tick=False):
        fire_due()
        assert months_told([house.assembly])[house.assembly.pk][-2].state == "not_due"
        lists = {row.key: row for row in assembly_work(house.organiser)}
    assert not Event.objects.filter(name="assembly.month_missed").exists()
    assert not lists["assembly-missed"].count


def test_an_answer_to_minutes_stays_as_given(house):
    house.in_state(S.CONFIRMED)
    with pytest.raises(Exception, match="stays as it was given"):
        MinutesAnswer.objects.update(agrees=False, reason="改")


def test_deadlines_collect_remind_and_tell_what_was_not_held(house):
    session = house.session()
    house.on_agenda(session)
    with time_machine.travel(BEGINS - timedelta(days=4), tick=False):
        fire_due()
    session.refresh_from_db()
    assert session.state == S.COLLECTING and "session.notice_due" in names(session)
    with time_machine.travel(BEGINS - timedelta(days=3, minutes=1), tick=False):
        session = house.step(session, "notice")
    with time_machine.travel(BEGINS - timedelta(hours=20), tick=False):
        fire_due()
    assert names(session)[-1] == "session.reminded"
    with time_machine.travel(BEGINS + timedelta(hours=4), tick=False):
        fire_due()
    assert names(session)[-1] == "session.not_held"
    assert not Timer.objects.filter(fired_at=None, cancelled_at=None, attempts__gt=0).exists()
