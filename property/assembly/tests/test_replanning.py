"""Holidays that come to be known after sessions were made; months that a session is held for."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from cases.tests.api import client_of
from governance.clock import SHANGHAI
from governance.configuration import configuration_save
from governance.errors import Invalid
from governance.models import CalendarDay, Event, Timer
from governance.timers import fire_due
from property.assembly.making import sessions_make_ahead
from property.assembly.months import months_told
from property.assembly.replanning import sessions_replan
from property.assembly.tests.assemblies import BEGINS, NOW
from property.models import AssemblySession
from property.models import SessionState as S

pytestmark = pytest.mark.django_db


def local_day(session) -> date:
    session.refresh_from_db()
    return session.starts_at.astimezone(SHANGHAI).date()


def holiday(house, day: str) -> CalendarDay:
    """A day off that staff enter through the one door of configuration."""
    row = CalendarDay(area=house.city.area("community"), date=day, is_workday=False, reason="社区开放日")
    return configuration_save(row, actor=house.user("administrator"), changed=["date"]) and row


def names(session) -> list[str]:
    rows = Event.objects.filter(subject_type="property.assemblysession", subject_id=session.pk)
    return list(rows.order_by("id").values_list("name", flat=True))


def test_what_nobody_was_told_of_is_moved_and_what_people_know_is_marked(house):
    # given sessions by rule of June, July and August; June's was noticed, July's set by hand
    sessions_make_ahead(NOW.date())
    june, july, august = AssemblySession.objects.order_by("starts_at")
    house.on_agenda(june)
    for step in ("collect", "notice"):
        june = house.step(june, step, at=NOW, **({"reason": "补发"} if step == "notice" else {}))
    span = {"starts_at": july.starts_at + timedelta(hours=1), "ends_at": july.ends_at + timedelta(hours=1)}
    july = house.step(july, "plan", venue=house.hall, place="", **span)
    # when their days become holidays
    for day in ("2026-06-06", "2026-07-04", "2026-08-01"):
        holiday(house, day)
    # then only August's is moved, a week later with its booking and timers, and still counts for August
    assert [local_day(row) for row in (june, july, august)] == [
        date(2026, 6, 6), date(2026, 7, 4), date(2026, 8, 8)
    ]  # fmt: skip
    assert (august.month, august.rule_day, august.moved_from) == (date(2026, 8, 1), date(2026, 8, 1), date(2026, 8, 1))
    assert august.booking.starts_at == august.starts_at and "session.replanned" in names(august)
    assert Timer.objects.get(key=f"assembly.reminder:{august.pk}").due_at == august.starts_at - timedelta(days=1)
    # and the others are marked for the organiser, once
    assert sessions_replan() == 0
    client = Client()
    client.force_login(house.organiser)
    for row in (june, july):
        assert row.unsuitable_since is not None and names(row).count("session.day_unsuitable") == 1
        page = client.get(f"/admin/property/assemblysession/{row.pk}/change/")
        assert "jc-unsuitable" in page.content.decode()
        assert client_of(house.organiser).get(f"/api/v1/assembly-sessions/{row.pk}/").json()["unsuitable_since"]
    # when the exceptions are taken back, August's is where the rule says and the marks are gone
    CalendarDay.objects.all().delete()
    assert sessions_replan() == 3
    assert local_day(august) == date(2026, 8, 1)
    june.refresh_from_db()
    assert june.unsuitable_since is None and names(june)[-1] == "session.day_suits"


def test_an_assembly_that_is_not_moved_meets_on_holidays_and_nothing_is_marked(house):
    type(house.assembly).objects.filter(pk=house.assembly.pk).update(holiday_move="stay")
    sessions_make_ahead(NOW.date())
    july = AssemblySession.objects.get(month=date(2026, 7, 1))
    span = {"starts_at": july.starts_at + timedelta(hours=1), "ends_at": july.ends_at + timedelta(hours=1)}
    house.step(july, "plan", venue=house.hall, place="", **span)
    before = {row.pk: row.starts_at for row in AssemblySession.objects.all()}
    for day in ("2026-06-06", "2026-07-04", "2026-08-01"):
        holiday(house, day)
    rows = AssemblySession.objects.all()
    assert {row.pk: row.starts_at for row in rows} == before and not any(row.unsuitable_since for row in rows)
    # when its rule says to move them, they are
    type(house.assembly).objects.filter(pk=house.assembly.pk).update(holiday_move="next_week")
    assert sessions_replan() == 3


def test_a_session_put_off_into_the_next_month_counts_for_its_own(house):
    # given July's session put off to 3 August
    with time_machine.travel(datetime(2026, 7, 1, 9, tzinfo=SHANGHAI), tick=False):
        sessions_make_ahead(date(2026, 7, 1))
        july = AssemblySession.objects.get(month=date(2026, 7, 1))
        house.on_agenda(july)
        july = house.step(july, "postpone", reason="暴雪")
        begins = datetime(2026, 8, 3, 19, tzinfo=SHANGHAI)
        span = {"starts_at": begins, "ends_at": begins + timedelta(hours=2), "venue": house.hall, "place": ""}
        july = house.step(july, "reschedule", **span)
    # then on 1 August the month is not missed, but to come
    with time_machine.travel(datetime(2026, 8, 1, 10, tzinfo=SHANGHAI), tick=False):
        fire_due()
        assert not Event.objects.filter(name="assembly.month_missed").exists()
        assert told(house, date(2026, 8, 1)) == "coming"
        july = house.step(july, "notice", reason="补期")
    with time_machine.travel(begins, tick=False):
        house.sign_in(july, "party", "owners", "first", at=begins)
        july = house.step(july, "open", at=begins)
    assert (july.month, told(house, date(2026, 8, 4))) == (date(2026, 7, 1), "held")
    # and August still has its own
    assert AssemblySession.objects.filter(month=date(2026, 8, 1), is_regular=True).exists()
    with time_machine.travel(datetime(2026, 8, 5, 9, tzinfo=SHANGHAI), tick=False):
        fire_due()
    assert not Event.objects.filter(name="assembly.month_missed").exists()


def told(house, today: date) -> str:
    return next(
        row.state for row in months_told([house.assembly], today)[house.assembly.pk] if row.month == date(2026, 7, 1)
    )


def test_a_missed_month_is_made_up_for_by_a_session_held_for_it(house):
    made = house.session(BEGINS, month=date(2026, 5, 20))
    assert (made.month, made.is_regular) == (date(2026, 5, 1), True)
    # not for a later month, nor for one long gone, nor for one in which they met
    for month in (date(2026, 7, 1), date(2026, 2, 28)):
        with pytest.raises(Invalid) as refused:
            house.session(BEGINS + timedelta(days=1), month=month)
        assert refused.value.field == "month"
    AssemblySession.objects.filter(pk=made.pk).update(state=S.ARCHIVED)
    with pytest.raises(Invalid) as refused:
        house.session(BEGINS + timedelta(days=1), month=date(2026, 5, 1))
    assert refused.value.code == "held" and AssemblySession.objects.count() == 1
    # and through the API
    given = {"assembly": house.assembly.code, "starts_at": BEGINS.isoformat(), "place": "花园",
             "ends_at": (BEGINS + timedelta(hours=1)).isoformat(), "month": "2026-04-02"}  # fmt: skip
    answer = client_of(house.organiser).post("/api/v1/assembly-sessions/", given, format="json")
    assert (answer.status_code, answer.json()["month"]) == (201, "2026-04-01")
