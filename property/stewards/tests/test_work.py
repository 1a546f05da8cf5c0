"""Shifts, hours, visits and disputes seen: every step by every role, and what follows from each."""

from datetime import time, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cases.models import Case
from governance.configuration import configuration_save
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Notice, NoticeTemplate, Timer
from governance.testing import snapshot
from governance.timers import fire_past
from governance.workflow import act
from property.models import (
    DisputeSighting,
    HoursEntry,
    OutreachVisit,
    ShiftDuty,
    StewardMember,
    StewardPlan,
    StewardShift,
    StewardTeam,
)
from property.stewards.duties import EARLY
from property.stewards.forms import SightingForm
from property.stewards.hours import duration, hours_correct, minutes_left, months_of
from property.stewards.members import join_ask
from property.stewards.outreach import outreach_log, outreach_pass_on
from property.stewards.planning import shift_plan
from property.stewards.shifts import FORGOTTEN, LAPSED, OVER, REMIND, duty_assign, duty_take, shifts_make, timer_key
from property.stewards.sightings import LIMITS, sighting_report
from property.stewards.sightings import timer_key as sighting_key
from property.stewards.tests.teams import NOON

pytestmark = pytest.mark.django_db
ROLES = ["steward", "community_staff", "organiser", "party_secretary", "administrator", "operations_centre",
         "grid_worker", "property_manager", "owners_member", "resident"]  # fmt: skip
MANAGE = {"steward", "community_staff", "organiser", "party_secretary"}


def refused(obj, step: str, people, **told) -> None:
    """Nobody of these may do it, and nothing has changed."""
    before = snapshot(obj)
    for person in people:
        with pytest.raises(NotPermitted):
            act(obj, step, actor=person, reason="试试", **told)
    assert snapshot(obj) == before


def test_shifts_are_made_once_a_day_of_the_plan(stewards):
    plan = StewardPlan.objects.create(
        code="w", team=stewards.team, name="晨检", weekdays=[2, 3], starts="08:00", ends="09:00", wanted=1,
        valid_from="2026-11-01", valid_to="2026-12-02",
    )  # fmt: skip
    first = timezone.localdate(NOON)
    # today's is over at noon; Thursday and next Wednesday are in the term, the Thursday after it is not
    assert shifts_make(first, first + timedelta(days=8), now=NOON) == 2
    assert shifts_make(first, first + timedelta(days=8), now=NOON) == 0
    days = [f"{day:%m-%d}" for day in plan.shifts.order_by("date").values_list("date", flat=True)]
    assert days == ["11-26", "12-02"]
    assert Timer.objects.filter(kind=REMIND, fired_at=None, cancelled_at=None).count() == 2


def test_who_leads_or_manages_a_team_plans_a_shift_on_one_day(stewards, city):
    day = timezone.localdate(NOON)
    told = {"team": stewards.team, "name": "防汛值守", "day": day, "starts": time(14), "ends": time(16), "at": NOON}
    for person in (stewards.volunteer, city.outsider("organiser"), *(city.user(r) for r in ROLES if r not in MANAGE)):
        with pytest.raises(NotPermitted):
            shift_plan(actor=person, **told)
    for wrong, error in [({"ends": time(13)}, Invalid), ({"wanted": 0}, Invalid), ({"name": " "}, Invalid),
                         ({"starts": time(8), "ends": time(9)}, Conflict), ({"day": day.replace(year=9999)}, Invalid),
                         ({"day": day.replace(year=1)}, Invalid)]:  # fmt: skip
        with pytest.raises(error):
            shift_plan(actor=stewards.lead, **told | wrong)
    assert not StewardPlan.objects.exists()
    made = shift_plan(actor=stewards.lead, **told)
    assert (made.date, made.hours, made.wanted, made.place) == (day, "14:00–16:00", 1, "桂园")
    shift_plan(actor=city.user("organiser"), **told)
    assert StewardShift.objects.count() == 2


def test_places_in_a_shift_are_taken_and_assigned_until_it_is_full(stewards, city):
    shift, lead = stewards.shift(wanted=2), stewards.lead
    for person in (city.user("community_staff"), city.outsider("steward"), stewards.place.owners[1]):
        with pytest.raises(NotPermitted):
            duty_take(shift, actor=person, at=NOON)
    for role in ROLES:
        if role not in MANAGE:
            with pytest.raises(NotPermitted):
                duty_assign(shift, actor=city.user(role), member=stewards.member, at=NOON)
    with pytest.raises(NotPermitted):
        duty_assign(shift, actor=stewards.volunteer, member=stewards.member, at=NOON)
    other = stewards.place.other_team.members.get()
    with pytest.raises(Invalid):
        duty_assign(shift, actor=lead, member=other, at=NOON)
    assert not ShiftDuty.objects.exists()
    mine = duty_take(shift, actor=stewards.volunteer, at=NOON)
    with pytest.raises(Conflict):
        duty_take(shift, actor=stewards.volunteer, at=NOON)
    given = duty_assign(shift, actor=city.user("organiser"), member=stewards.team.members.get(is_lead=True), at=NOON)
    assert (mine.assigned_by, given.assigned_by) == (None, city.user("organiser"))
    NoticeTemplate.objects.create(key="steward_gave_up", language="zh-hans", context="property.shiftduty",
                                  title="退出：{{ name }}", body="{{ team }}")  # fmt: skip
    act(mine, "give_up", actor=stewards.volunteer, reason="有事", occurred_at=shift.starts_at - timedelta(minutes=1))
    told = Notice.objects.get(person=lead)
    assert ("退出" in told.title, told.url) == (True, "/m/stewards/teams/gy/")
    again = duty_take(shift, actor=stewards.volunteer, at=NOON)
    assert again.state == "taken" and ShiftDuty.objects.filter(state="given_up").count() == 1
    stewards.again(*stewards.place.owners)
    stewards.place.team.members.create(person=stewards.place.owners[1], kind="volunteer", valid_from="2020-01-05")
    with pytest.raises(Conflict):
        duty_take(shift, actor=stewards.place.owners[1], at=NOON)
    with pytest.raises(Conflict):
        duty_take(stewards.shift(), actor=stewards.place.owners[1], at=NOON + timedelta(hours=1))


def test_a_shift_is_begun_and_ended_on_the_spot_and_its_time_counted(stewards, city):
    shift = stewards.shift()
    duty, me = duty_take(shift, actor=stewards.volunteer, at=NOON), stewards.volunteer
    others = [city.user(role) for role in ROLES] + [city.outsider("steward")]
    refused(duty, "start", others)
    with pytest.raises(Conflict):
        act(duty, "start", actor=me, occurred_at=shift.starts_at - EARLY - timedelta(minutes=1))
    begun = act(duty, "start", actor=me, occurred_at=shift.starts_at - timedelta(minutes=20))
    assert begun.state == "under_way"
    refused(begun, "end", others)
    ended = act(begun, "end", actor=me, occurred_at=NOON + timedelta(minutes=7, seconds=50))
    line = HoursEntry.objects.get()
    # coming early is not counted
    assert (ended.state, line.minutes, line.kind, line.duty, line.date) == (
        "done", 38, "shift", ended, timezone.localdate(NOON)
    )  # fmt: skip
    assert Event.objects.filter(name="steward.hours_counted", subject_id=line.pk).get().payload["minutes"] == 38
    with pytest.raises(Conflict):
        act(ended, "give_up", actor=me, reason="x")


def test_who_does_not_come_is_seen_and_may_be_excused(stewards, city):
    NoticeTemplate.objects.create(key="steward_no_show", language="zh-hans", context="property.shiftduty",
                                  title="未到岗：{{ name }}", body="{{ team }}")  # fmt: skip
    shift, lead = stewards.shift(), stewards.lead
    came = duty_take(shift, actor=lead, at=NOON)
    duty = duty_take(shift, actor=stewards.volunteer, at=NOON)
    refused(duty, "give_up", [city.user(role) for role in ROLES if role not in MANAGE] + [city.outsider("organiser")])
    with pytest.raises(Conflict):  # the shift has begun
        act(duty, "give_up", actor=stewards.volunteer, reason="有事", occurred_at=NOON)
    act(came, "start", actor=lead, occurred_at=NOON)
    assert fire_past(timer_key(OVER, shift), shift.ends_at)
    duty.refresh_from_db()
    assert duty.state == "no_show" and "未到岗" in Notice.objects.get(person=lead).title
    # the lead forgot to end: the clock does, with the end of the shift
    assert fire_past(timer_key(LAPSED, shift), shift.ends_at + FORGOTTEN)
    came.refresh_from_db()
    assert (came.state, came.by_clock, HoursEntry.objects.get().minutes) == ("done", True, 30)
    assert [row.no_shows for row in months_of(lead, NOON.date().replace(day=1))] == [0, 1]
    assert [row.member.person for row in months_of(stewards.volunteer, NOON.date().replace(day=1))] == [
        stewards.volunteer
    ]
    refused(duty, "excuse", [stewards.volunteer, *(city.user(role) for role in ROLES if role not in MANAGE)])
    # what was not so good is between the person and who leads the team
    second = stewards.place.owners[1]
    StewardMember.objects.create(team=stewards.team, person=second, kind="volunteer", valid_from="2020-01-05")
    assert [ShiftDuty.objects.visible_to(one).count() for one in (second, stewards.volunteer, lead)] == [1, 2, 2]
    assert act(duty, "excuse", actor=lead, reason="突发疾病").state == "excused"


def test_nobody_excuses_the_own_absence(stewards, city):
    shift = stewards.shift()
    duty = duty_take(shift, actor=stewards.lead, at=NOON)
    assert fire_past(timer_key(OVER, shift), shift.ends_at)
    duty.refresh_from_db()
    refused(duty, "excuse", [stewards.lead])
    assert act(duty, "excuse", actor=city.user("organiser"), reason="突发疾病").state == "excused"


def test_a_shift_that_is_called_off_is_nobodys_fault_and_stewards_are_reminded(stewards, city):
    for key in ("steward_shift_tomorrow", "steward_shift_called_off"):
        context = "property.stewardshift" if key.endswith("tomorrow") else "property.shiftduty"
        NoticeTemplate.objects.create(key=key, language="zh-hans", context=context, title=key, body="{{ place }}")
    shift = stewards.shift(at=NOON + timedelta(days=2))
    shift = StewardShift.objects.lock(shift.pk)
    duty = duty_take(shift, actor=stewards.volunteer, at=NOON)
    plan = shift.plan
    plan.shifts.all()
    later = NOON + timedelta(days=3)
    StewardPlan.objects.filter(pk=plan.pk).update(day=later.date())
    shifts_make(later.date(), later.date(), now=NOON, plans=[plan])
    ahead = plan.shifts.get(date=later.date())
    duty_take(ahead, actor=stewards.volunteer, at=NOON)
    assert fire_past(timer_key(REMIND, ahead), ahead.starts_at)
    told = Notice.objects.get(person=stewards.volunteer)
    assert told.title == "steward_shift_tomorrow" and "1" in told.body
    refused(shift, "call_off", [stewards.volunteer, city.outsider("steward"),
                                *(city.user(role) for role in ROLES if role not in MANAGE)])  # fmt: skip
    act(shift, "call_off", actor=stewards.lead, reason="暴雨")
    duty.refresh_from_db()
    assert duty.state == "called_off" and Notice.objects.filter(title="steward_shift_called_off").count() == 1
    assert not fire_past(timer_key(OVER, shift), shift.ends_at)
    with pytest.raises(Conflict):
        duty_take(shift, actor=stewards.lead, at=NOON)
    # who is on duty meanwhile keeps what was stood, and what is over is not called off
    running = stewards.shift()
    begun = act(duty_take(running, actor=stewards.volunteer, at=NOON), "start", actor=stewards.volunteer,
                occurred_at=running.starts_at)  # fmt: skip
    with pytest.raises(Conflict):
        act(running, "call_off", actor=stewards.lead, reason="暴雨", occurred_at=running.ends_at)
    act(running, "call_off", actor=stewards.lead, reason="暴雨", occurred_at=NOON)
    begun.refresh_from_db()
    assert (begun.state, begun.hours.minutes, begun.by_clock) == ("done", 30, False)


def test_a_team_or_plan_out_of_use_calls_off_what_is_to_come(stewards, city):
    organiser, me = city.user("organiser"), stewards.volunteer
    weekly = StewardPlan(code="w", team=stewards.team, name="晨检", weekdays=[3, 4], starts="08:00", ends="09:00",
                         valid_from=NOON.date())  # fmt: skip
    configuration_save(weekly, actor=organiser, changed=["name"])
    first, second = weekly.shifts.order_by("date")
    duty = duty_take(second, actor=me, at=NOON)
    # when the plan ends after the first day
    weekly.valid_to = first.date
    configuration_save(weekly, actor=organiser, changed=["valid_to"])
    duty.refresh_from_db()
    states = dict(weekly.shifts.values_list("pk", "state"))
    assert (duty.state, states) == ("called_off", {first.pk: "planned", second.pk: "called_off"})
    # or the team is put out of use
    mine, request = duty_take(first, actor=me, at=NOON), join_ask(actor=stewards.place.owners[1], team=stewards.team)
    stewards.team.is_active = False
    configuration_save(stewards.team, actor=organiser, changed=["is_active"])
    mine.refresh_from_db()
    assert mine.state == "called_off" and not StewardShift.objects.filter(state="planned").exists()
    with pytest.raises(Conflict):
        act(request, "accept", actor=organiser)
    assert not fire_past(timer_key(OVER, first), first.ends_at)


def test_hours_are_corrected_by_a_line_and_never_edited(stewards, city):
    day, member = timezone.localdate(NOON), stewards.member
    told = {"date": day, "minutes": 20, "reason": "忘记签到", "at": NOON}
    for person in (stewards.volunteer, city.outsider("steward"), *(city.user(r) for r in ROLES if r not in MANAGE)):
        with pytest.raises(NotPermitted):
            hours_correct(member, actor=person, **told)
    with pytest.raises(NotPermitted):  # nobody corrects the own time
        hours_correct(stewards.team.members.get(is_lead=True), actor=stewards.lead, **told)
    for wrong in ({"minutes": 0}, {"minutes": -1}, {"minutes": 2000}, {"reason": " "}, {"date": day.replace(year=2019)},
                  {"date": day + timedelta(days=1)}):  # fmt: skip
        with pytest.raises(Invalid):
            hours_correct(member, actor=stewards.lead, **told | wrong)
    assert not HoursEntry.objects.exists()
    line = hours_correct(member, actor=stewards.lead, **told)
    hours_correct(member, actor=city.user("organiser"), **told | {"minutes": -5, "reason": "提前离开"})
    for write in (lambda: HoursEntry.objects.filter(pk=line.pk).update(minutes=99), lambda: line.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()
    counted = HoursEntry.objects.counted(day, day).get()
    assert (counted["person"], counted["minutes"]) == (stewards.volunteer.pk, 15)
    (month,) = months_of(stewards.lead, day.replace(day=1))
    assert (month.hours, duration(-65)) == ("0:15", "-1:05")


def test_what_is_counted_once_is_not_counted_again(stewards, city):
    # given half an hour of a shift in which a visit of 10 minutes was made
    shift, me = stewards.shift(), stewards.volunteer
    duty = act(duty_take(shift, actor=me, at=NOON), "start", actor=me, occurred_at=NOON)
    outreach_log(actor=me, team=stewards.team, topic="反诈", result="explained", place="广场", minutes=10,
                 at=NOON + timedelta(minutes=5), now=NOON + timedelta(minutes=20))  # fmt: skip
    # when the shift ends, and the same visit is logged a second time by mistake
    act(duty, "end", actor=me, occurred_at=shift.ends_at)
    outreach_log(actor=me, team=stewards.team, topic="反诈", result="explained", place="广场", minutes=10,
                 at=NOON + timedelta(minutes=5), now=NOON + timedelta(minutes=40))  # fmt: skip
    # then half an hour is counted in all
    assert [line.minutes for line in HoursEntry.objects.order_by("pk")] == [10, 20, 0]


MOMENTS = st.integers(0, 600)


@given(begin=MOMENTS, end=MOMENTS, spans=st.lists(st.tuples(MOMENTS, MOMENTS), max_size=6))
def test_minutes_left_are_those_that_no_span_covers(begin, end, spans):
    begin, end = sorted((begin, end))
    spans = [tuple(sorted(span)) for span in spans]
    # the oracle looks at each minute
    left = sum(not any(first <= minute < last for first, last in spans) for minute in range(begin, end))
    at = [[NOON + timedelta(minutes=number) for number in pair] for pair in [(begin, end), *spans]]
    assert minutes_left(*at[0], [tuple(pair) for pair in at[1:]]) == left


def test_visits_are_logged_counted_and_passed_on(stewards, city):
    team, me, home = stewards.team, stewards.volunteer, stewards.place.dwellings[0]
    told = {"team": team, "topic": "医保缴费", "result": "questions", "questions": "外地就医怎么报销？",
             "dwelling": home, "minutes": 25}  # fmt: skip
    for person in (city.user("community_staff"), city.outsider("steward"), stewards.place.owners[1]):
        with pytest.raises(NotPermitted):
            outreach_log(actor=person, **told)
    for wrong in ({"questions": ""}, {"dwelling": None}, {"topic": ""}, {"result": "fine"}, {"minutes": 0},
                  {"at": timezone.now() - timedelta(days=9)}, {"at": timezone.now() + timedelta(days=1)},
                  {"at": timezone.now() - timedelta(minutes=10)}):  # fmt: skip
        with pytest.raises(Invalid):
            outreach_log(actor=me, **told | wrong)
    assert not OutreachVisit.objects.exists() and not HoursEntry.objects.exists()
    visit = outreach_log(actor=me, **told)
    assert (HoursEntry.objects.get().minutes, HoursEntry.objects.get().visit) == (25, visit)
    said = "居民询问异地就医报销办法"
    for person in (city.user("organiser"), stewards.place.owners[1], city.outsider("steward")):
        with pytest.raises(NotPermitted):
            outreach_pass_on(visit, actor=person, description=said)
    with pytest.raises(Invalid):
        outreach_pass_on(visit, actor=me, description=" ")
    case = outreach_pass_on(visit, actor=me, description=said)
    # what people said and in which flat stays in the team
    assert (case.source, case.description, case.origin, case.address) == (
        "resident", said, {"outreach_visit": visit.pk}, str(home.building)
    )  # fmt: skip
    with pytest.raises(Conflict):
        outreach_pass_on(visit, actor=stewards.lead, description=said)
    by_lead = outreach_log(actor=stewards.lead, **told)
    assert outreach_pass_on(by_lead, actor=stewards.lead, description=said).source == "steward"
    # who is a steward by role elsewhere passes on as every member of this team
    guest = city.outsider("steward")
    StewardMember.objects.create(team=team, person=guest, kind="volunteer", valid_from="2020-01-05")
    stewards.again(guest)
    of_guest = outreach_log(actor=guest, **told)
    assert outreach_pass_on(of_guest, actor=guest, description=said).source == "resident"


@pytest.mark.parametrize("urgency", ["normal", "urgent"])
def test_a_dispute_is_handed_to_community_staff_who_must_answer(stewards, city, urgency):
    team, me = stewards.team, stewards.volunteer
    told = {"team": team, "kind": "noise", "words": "101 与 201 因装修争吵", "urgency": urgency,
             "building": stewards.place.buildings[0]}  # fmt: skip
    for person in (city.user("community_staff"), city.outsider("steward"), stewards.place.owners[1]):
        with pytest.raises(NotPermitted):
            sighting_report(actor=person, **told)
    for wrong in ({"words": " "}, {"kind": "war"}, {"urgency": "x"}, {"seen_at": timezone.now() + timedelta(days=1)}):
        with pytest.raises(Invalid):
            sighting_report(actor=me, **told | wrong)
    assert not DisputeSighting.objects.exists()
    seen = sighting_report(actor=me, **told)
    event = Event.objects.get(subject_type="property.disputesighting")
    assert event.name == {"normal": "sighting.reported", "urgent": "sighting.reported_urgent"}[urgency]
    assert "101" not in str(event.payload) and me.name not in str(event.payload)
    # what was seen is read by community staff and the reporter, not by the team's lead nor anybody else
    readers = [*(city.user(role) for role in ROLES), city.outsider("community_staff"), *stewards.place.owners[:2]]
    found = {person.username for person in readers if DisputeSighting.objects.visible_to(person).exists()}
    assert found == {"community_staff", me.username}
    # and answered by community staff alone
    others = [person for person in readers if person.username != "community_staff"]
    for step in ("take", "dismiss"):
        refused(seen, step, others)
    refused(seen, "open_case", others, description="x")
    due = seen.answer_due_at
    assert fire_past(sighting_key(seen), due) and due - event.occurred_at == LIMITS[urgency]
    seen.refresh_from_db()
    assert (seen.state, seen.unanswered_since) == ("handed_over", due)
    assert Event.objects.filter(name="sighting.unanswered", subject_id=seen.pk).count() == 1
    staff = city.user("community_staff")
    taken = act(seen, "take", actor=staff)
    assert (taken.state, taken.answered_by) == ("taken", staff)
    if urgency == "normal":
        with pytest.raises(Invalid):
            act(taken, "dismiss", actor=staff)
        assert act(taken, "dismiss", actor=staff, reason="双方已和解").state == "dismissed"
        return
    with pytest.raises(Invalid):
        act(taken, "open_case", actor=staff, description=" ")
    done = act(taken, "open_case", actor=staff, description="装修噪声超时段")
    assert (done.state, done.case.source, done.case.description) == ("became_case", "steward", "装修噪声超时段")
    with pytest.raises(Conflict):
        act(done, "open_case", actor=staff, description="再来一次")
    assert Case.objects.count() == 1


def test_a_dispute_seen_by_a_team_of_a_larger_area_names_the_building_so_that_somebody_answers(stewards, city):
    street = StewardTeam.objects.create(code="street", name="街道红色管家", area=city.area("street"))
    StewardMember.objects.create(team=street, person=stewards.volunteer, kind="volunteer", valid_from="2020-01-05")
    told = {"actor": stewards.volunteer, "team": street, "kind": "noise", "words": "争吵", "urgency": "urgent"}
    with pytest.raises(Invalid) as refusal:
        sighting_report(**told)
    assert refusal.value.field == "building" and not DisputeSighting.objects.exists()
    sighting_report(**told, building=stewards.place.buildings[0])
    assert DisputeSighting.objects.visible_to(city.user("community_staff")).exists()
    assert stewards.place.buildings[0] in SightingForm(teams=[street]).fields["building"].queryset


def test_an_answer_in_time_stops_the_reminder(stewards, city):
    seen = sighting_report(actor=stewards.volunteer, team=stewards.team, kind="pets", words="遛狗未牵绳")
    act(seen, "dismiss", actor=city.user("community_staff"), reason="已劝导")
    assert not fire_past(sighting_key(seen), seen.answer_due_at)
