"""Follow-up items: owners, evidence, acceptance, cases, and that unfinished ones return exactly once."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from cases.models import Case
from cases.services import case_accept
from cases.tests.api import client_of
from governance.clock import SHANGHAI
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Estate, Event
from governance.scoping import forget_grants
from governance.testing import assert_relation_forms_agree, snapshot
from governance.timers import fire_due
from governance.workflow import act
from property.assembly.agenda import agenda_gather
from property.assembly.tests.assemblies import BEGINS, NOW
from property.models import (
    AgendaItem,
    Assembly,
    FollowUpItem,
    Invitation,
    PropertyContract,
    StewardMember,
    StewardTeam,
)
from property.models import FollowUpState as F
from property.models import SessionState as S

pytestmark = pytest.mark.django_db
NEXT = BEGINS + timedelta(days=14)


def test_the_owner_does_it_and_somebody_else_accepts_it(house):
    item = house.follow_up()
    manager = house.user("property_manager")
    for name, given in (("accept", {}), ("start", {}), ("submit", {"result": "已划线"})):
        item = house.step(item, name, by=manager, **given)
    assert (item.state, item.submitted_by) == (F.AWAITING, manager)
    item = house.step(item, "return", reason="还有三个没划")
    item = house.step(item, "submit", by=manager, result="全部划好")
    item = house.step(item, "close")
    assert item.state == F.CLOSED and item.closed_at is not None and not item.overdue


def test_nobody_accepts_their_own_work(house):
    item = house.follow_up()
    item = house.step(item, "assign", owner_unit=None, owner=house.organiser, due_on=date(2026, 7, 1))
    item = house.step(item, "accept")
    item = house.step(item, "submit", result="已办")
    before = snapshot(item)
    for name, given in (("close", {}), ("return", {"reason": "不行"})):
        with pytest.raises(NotPermitted):
            house.step(item, name, **given)
    assert snapshot(item) == before
    assert house.step(item, "close", by=house.user("party_secretary")).state == F.CLOSED


def test_who_and_until_when_are_judged(house):
    item = house.follow_up()
    wrong = [
        ("owner_unit", {"owner_unit": None, "owner": None, "due_on": date(2026, 7, 1)}),
        ("owner_unit", {"owner_unit": house.city.inactive, "due_on": date(2026, 7, 1)}),
        ("due_on", {"owner_unit": house.city.company, "due_on": date(2026, 6, 1)}),
    ]
    before = snapshot(item)
    for field, given in wrong:
        with pytest.raises(Invalid) as refused:
            house.step(item, "assign", **given)
        assert refused.value.field == field
    assert snapshot(item) == before


def test_an_unfinished_item_returns_to_the_next_agenda_exactly_once(house):
    item = house.follow_up()
    session = house.step(house.session(), "collect")
    returned = AgendaItem.objects.get(source="follow_up")
    assert (returned.session, returned.follow_up, returned.state) == (session, item, "accepted")
    # gathered again, with the notice, and by another session at the same time: still once
    agenda_gather(session, at=NOW)
    house.session(NEXT)
    house.step(NEXT_of(house), "collect")
    session = house.step(session, "notice")
    assert AgendaItem.objects.filter(source="follow_up").count() == 1
    # it stays until it is done
    with pytest.raises(Conflict) as refused:
        house.step(returned, "take_off", reason="不议")
    assert refused.value.code == "frozen" or refused.value.code == "unfinished"
    # talked over, not done: it returns to the one after
    session = house.go(session, "open")
    house.step(returned, "discuss", discussion="物业说月底完成", at=BEGINS)
    house.go(session, "close")
    returned.refresh_from_db()
    assert returned.state == "noted"
    house.step(NEXT_of(house), "notice", at=BEGINS + timedelta(hours=3))
    rows = AgendaItem.objects.filter(source="follow_up").order_by("id")
    assert [row.session.starts_at for row in rows] == [BEGINS, NEXT]


def NEXT_of(house):
    return house.assembly.sessions.get(starts_at=NEXT)


def test_done_before_the_notice_it_is_noted_and_does_not_return(house):
    item = house.follow_up()
    session = house.step(house.session(), "collect")
    house.on_agenda(session)
    manager = house.user("property_manager")
    item = house.step(item, "accept", by=manager)
    item = house.step(item, "submit", by=manager, result="已办")
    house.step(item, "close")
    session = house.step(session, "notice")
    row = AgendaItem.objects.get(source="follow_up")
    assert (row.state, row.on_notice) == ("noted", False)
    house.step(house.session(NEXT), "collect")
    assert AgendaItem.objects.filter(source="follow_up").count() == 1


def test_a_cancelled_session_lets_it_return_to_the_next(house):
    house.follow_up()
    session = house.step(house.session(), "collect")
    house.step(session, "cancel", reason="停电")
    following = house.step(house.session(NEXT), "collect")
    rows = AgendaItem.objects.filter(source="follow_up").order_by("id")
    assert [(row.session, row.state) for row in rows] == [(session, "deferred"), (following, "accepted")]


@pytest.mark.parametrize("stopped", ["postpone", "fall_short", None])
def test_it_does_not_stay_with_a_session_that_is_put_off_or_was_not_held(house, stopped):
    item = house.follow_up()
    session = house.step(house.step(house.session(), "collect"), "notice")
    if stopped:
        session = house.step(session, stopped, reason="暴雨", at=BEGINS)
    # then the session of two weeks later has it, once, and it is told on that notice only
    following = house.step(house.session(NEXT), "collect", at=BEGINS + timedelta(days=1))
    row = AgendaItem.objects.get(source="follow_up")
    assert (row.session, row.follow_up, row.state, row.on_notice) == (following, item, "accepted", False)
    if stopped:
        later = NEXT + timedelta(days=2)
        house.step(session, "reschedule", starts_at=later, ends_at=later + timedelta(hours=2), venue=None,
                   place="花园", at=BEGINS + timedelta(days=2))  # fmt: skip
        assert AgendaItem.objects.get(source="follow_up").session == following


def test_put_off_again_it_goes_back_to_the_session_it_was_talked_over_in(house):
    house.follow_up()
    session = house.go(house.step(house.step(house.session(), "collect"), "notice"), "open")
    house.step(AgendaItem.objects.get(source="follow_up"), "note", at=BEGINS)
    for key in ("first", "second"):
        house.step(Invitation.objects.get(session=session, seat=house.seats[key]), "leave", at=BEGINS)
    session = house.step(session, "fall_short", reason="人走了", at=BEGINS)
    following = house.step(house.session(NEXT), "collect", at=BEGINS + timedelta(days=1))
    house.step(following, "postpone", reason="停电")
    later = NEXT + timedelta(days=2)
    house.step(session, "reschedule", starts_at=later, ends_at=later + timedelta(hours=2), venue=None, place="花园",
               at=BEGINS + timedelta(days=2))  # fmt: skip
    rows = AgendaItem.objects.filter(source="follow_up").order_by("id")
    assert [(row.session, row.state) for row in rows] == [(session, "noted"), (following, "accepted")]


def test_overdue_is_derived_and_told_once(house):
    item = house.follow_up(due_on=date(2026, 6, 10))
    assert not item.overdue
    with time_machine.travel(datetime(2026, 6, 8, 10, tzinfo=SHANGHAI), tick=False):
        fire_due()
    with time_machine.travel(datetime(2026, 6, 11, 10, tzinfo=SHANGHAI), tick=False):
        fire_due()
        assert item.overdue and FollowUpItem.objects.overdue(date(2026, 6, 11)).get() == item
    told = Event.objects.filter(name__in=["follow_up.warned", "follow_up.overdue"]).order_by("id")
    assert list(told.values_list("name", flat=True)) == ["follow_up.warned", "follow_up.overdue"]


def test_it_becomes_a_case_and_hears_how_that_ended(house):
    item = house.follow_up()
    item = house.step(item, "open_case")
    assert item.state == F.IN_PROGRESS
    assert (item.case.source, item.case.origin) == (
        "assembly", {"follow_up": item.number, "assembly": house.assembly.name})  # fmt: skip
    with pytest.raises(Conflict) as refused:
        house.step(item, "open_case")
    assert refused.value.code == "has_case"
    case = case_accept(item.case, actor=house.user("registrar"), standard=house.city.standard)
    for name, role, given in (("start", "handler", {}), ("submit", "handler", {"result": "已办"}),
                              ("inspect", "community_staff", {}), ("close", "registrar", {})):  # fmt: skip
        case = act(case, name, actor=house.user(role), **given)
    item.refresh_from_db()
    assert item.state == F.AWAITING and case.number in item.result
    # reopened: not done after all
    act(case, "reopen", actor=house.user("registrar"), reason="又坏了")
    item.refresh_from_db()
    assert item.state == F.RETURNED


def test_a_case_that_is_not_taken_on_gives_the_item_back(house):
    item = house.step(house.follow_up(), "open_case")
    act(item.case, "reject", actor=house.user("registrar"), reason="不属实")
    item.refresh_from_db()
    assert item.state == F.RETURNED
    fresh = house.step(item, "open_case")
    assert fresh.case != item.case and fresh.state == F.IN_PROGRESS


def test_the_chain_is_seen_both_ways(house):
    item = house.step(house.follow_up(), "open_case")
    topic = item.agenda_item
    assert list(topic.follow_ups.all()) == [item] and list(item.case.follow_ups.all()) == [item]
    assert topic.session.state == S.MINUTING


def test_an_item_is_given_only_to_who_has_to_do_with_the_place(house):
    city, item = house.city, house.follow_up()
    homeless, elsewhere = city.user("resident"), city.outsider("steward")
    wrong = [("owner_unit", city.units[code]) for code in ("other_company", "other_owners", "other_committee")]
    wrong += [("owner", homeless), ("owner", elsewhere)]
    before = snapshot(item)
    for field, who in wrong:
        with pytest.raises(Invalid) as refused:
            house.step(item, "assign", due_on=date(2026, 7, 1), **{"owner_unit": None, "owner": None, field: who})
        assert (refused.value.field, refused.value.code) == (field, "elsewhere"), who
    answer = client_of(house.organiser).post(
        f"/api/v1/follow-up-items/{item.pk}/transitions/assign/",
        {"owner_unit": "other_owners", "due_on": "2026-07-01"}, format="json",
    )  # fmt: skip
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "owner_unit")
    assert snapshot(item) == before
    # the estate's company and committee, units above and below, who works there, who lives or owns there
    for unit in ("owners", "company", "committee", "municipal"):
        item = house.step(item, "assign", owner_unit=city.units[unit], owner=None, due_on=date(2026, 7, 1))
    for person in (city.user("steward"), house.place.owners[0]):
        item = house.step(item, "assign", owner_unit=None, owner=person, due_on=date(2026, 7, 1))
    # a company whose contract has ended is not given anything more
    PropertyContract.objects.filter(number="WY-company").delete()
    with pytest.raises(Invalid):
        house.step(item, "assign", owner_unit=city.units["company"], owner=None, due_on=date(2026, 7, 1))


def test_a_steward_acts_for_the_unit_in_the_places_of_the_own_teams(house):
    steward, item = house.user("steward"), house.follow_up()
    item = house.step(item, "assign", owner_unit=house.city.units["committee"], owner=None, due_on=date(2026, 7, 1))
    forget_grants(steward)
    assert FollowUpItem.objects.visible_to(steward).get() == item
    # of the same unit, but in the team of another estate
    there = Estate.objects.create(code="GY9", name="桂园九期", area=item.area)
    team = StewardTeam.objects.create(code="gy9", name="九期红色管家", estate=there, area=there.area)
    StewardMember.objects.filter(person=steward).update(team=team)
    forget_grants(steward)
    assert not FollowUpItem.objects.visible_to(steward).exists()
    before = snapshot(item)
    with pytest.raises(NotPermitted):
        house.step(item, "accept", by=steward)
    assert snapshot(item) == before
    assert_relation_forms_agree(FollowUpItem.objects, [steward])


def test_a_seat_that_ended_or_a_unit_that_left_is_no_seat(house):
    manager, seat = house.user("property_manager"), house.seats["company"]
    assert Assembly.objects.visible_to(manager).exists()
    seat.valid_to = timezone.localdate() - timedelta(days=1)
    seat.save()
    assert not Assembly.objects.visible_to(house.user("property_manager")).exists()
    assert_relation_forms_agree(Assembly.objects, list(house.city.people.values()))
    # whose contract ended is not asked by a seat that nobody took back
    seat.valid_to = None
    seat.save()
    PropertyContract.objects.filter(number="WY-company").delete()
    session = house.session()
    house.on_agenda(session)
    with time_machine.travel(NOW, tick=False):
        for name in ("collect", "notice"):
            session = house.step(session, name)
    asked = set(session.invitations.exclude(unit=None).values_list("unit__code", flat=True))
    assert asked == {"owners"} and session.invitations.count() == 5


@pytest.mark.parametrize("role", ["organiser", "party_secretary"])
def test_who_runs_an_assembly_opens_cases_from_its_items_alone(house, role):
    given = {"description": "人行道破损", "area": house.city.grid.code, "source": "assembly"}
    answer = client_of(house.user(role)).post("/api/v1/cases/", given)
    assert answer.status_code == 403 and not Case.objects.exists()
