"""Where a steward acts and sees: in the places of the own teams, and only while in them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Case, Patrol, PatrolPlan, PatrolRoute
from cases.patrol_querysets import RouteQuerySet
from cases.patrols import (
    lapse_timer,
    patrol_assign,
    patrol_check_in,
    patrol_finish,
    patrol_report,
    patrol_start,
    team_of,
)
from governance.configuration import configuration_save
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Estate, User
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete
from governance.timers import fire_past
from governance.workflow import act
from property.models import (
    CareReceiver,
    CareVisit,
    DisputeSighting,
    FollowUpItem,
    HoursEntry,
    JoinRequest,
    OutreachVisit,
    PartyOrganisation,
    ServiceList,
    ServiceRecord,
    ShiftDuty,
    StewardMember,
    StewardPlan,
    StewardShift,
    StewardTeam,
)
from property.party.tests.test_doors import signed_in
from property.serving.tests.others import a_receiver, receiver_saved
from property.serving.tests.services import build_services
from property.stewards.members import join_ask, member_end
from property.stewards.outreach import outreach_log
from property.stewards.rounds import rounds_hand_back
from property.stewards.scope import standing_of
from property.stewards.shifts import duty_take
from property.stewards.sightings import sighting_report
from property.stewards.tests.teams import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(stewards):
    """A published service list, somebody cared for, and a steward of another estate of the same community."""
    services = build_services(stewards.place)
    receiver_saved(services, a_receiver(services))
    city = stewards.city
    there = Estate.objects.create(code="GY9", name="桂园九期", area=city.area("community"))
    team = StewardTeam.objects.create(code="gy9", name="九期红色管家", estate=there, area=there.area)
    nine = User.objects.create(username="nine", name="九期管家", is_staff=True)
    Appointment.objects.create(user=nine, unit=city.units["committee"], role="steward", area=city.area("community"))
    StewardMember.objects.create(team=team, person=nine, kind="party_member", valid_from="2020-01-05")
    return services, nine


def test_both_forms_of_each_relation_agree_and_each_step_is_complete(served, stewards):
    services, nine = served
    city, team = stewards.city, stewards.team
    shift, now = stewards.shift(), timezone.now()
    duty_take(shift, actor=stewards.volunteer, at=NOON)
    outreach_log(actor=stewards.lead, team=team, topic="医保", result="explained", place="广场")
    sighting_report(actor=stewards.volunteer, team=team, kind="noise", words="楼上装修")
    join_ask(actor=stewards.place.owners[1], team=team)
    stewards.patrol(now)
    people = [city.user(name) for name in (
        "steward", "community_staff", "party_secretary", "organiser", "administrator", "grid_worker", "resident",
        "property_manager")]  # fmt: skip
    people += [city.outsider("steward"), city.outsider("community_staff"), stewards.volunteer, nine,
               *stewards.place.owners[1:3]]  # fmt: skip
    for model in (StewardTeam, StewardMember, StewardPlan, StewardShift, ShiftDuty, JoinRequest, OutreachVisit,
                  DisputeSighting, HoursEntry, CareReceiver, CareVisit, ServiceList, ServiceRecord, PartyOrganisation,
                  PatrolRoute, Patrol, FollowUpItem):  # fmt: skip
        assert_relation_forms_agree(model.objects, people)
    for model in (StewardShift, ShiftDuty, JoinRequest, DisputeSighting):
        assert_steps_are_complete(model)
    assert RouteQuerySet.VISIBLE is not Patrol.objects.all().VISIBLE


def test_a_steward_sees_and_acts_in_the_places_of_the_own_teams_today(served, stewards):
    # given a care visit, a service record and the party's structure of the estate
    services, nine = served
    lead, city = stewards.lead, stewards.city
    visit = CareVisit.objects.get()

    def seen(person) -> tuple[bool, ...]:
        models = (CareReceiver, CareVisit, ServiceList, PartyOrganisation)
        return tuple(model.objects.visible_to(person).exists() for model in models)

    # then the steward of the estate sees them; one of another estate in the same community sees the structure alone
    assert seen(lead) == (True, True, True, True)
    assert seen(nine) == (False, False, False, True)
    with pytest.raises(NotPermitted):
        act(visit, "visit", actor=nine, condition="well")
    # when the term of the steward is over, nothing is seen and nothing done
    yesterday = timezone.localdate() - timedelta(days=1)
    stewards.retire(lead, yesterday)
    assert seen(lead) == (False, False, False, False)
    with pytest.raises(NotPermitted):
        act(visit, "visit", actor=lead, condition="well")
    assert CareVisit.objects.get().state == "planned"
    # nor while the team is out of use
    stewards.retire(lead, None)
    assert seen(lead) == (True, True, True, True)
    StewardTeam.objects.update(is_active=False)
    stewards.again(lead)
    assert seen(lead) == (False, False, False, False) and not standing_of(lead).led
    # a team of a whole area serves every estate in it
    whole = StewardTeam.objects.create(code="all", name="社区红色管家", area=city.area("community"))
    StewardMember.objects.create(team=whole, person=nine, kind="party_member", valid_from="2020-01-05")
    stewards.again(nine)
    assert seen(nine) == (True, True, True, True)
    assert act(visit, "visit", actor=nine, condition="well").state == "visited"


def test_rounds_of_a_team_are_walked_by_its_stewards_found_cases_are_theirs_and_hours_count(served, stewards):
    # given a round of the team's route
    _services, nine = served
    lead, city, now = stewards.lead, stewards.city, timezone.now()
    patrol = stewards.patrol(now)
    # then the other team's steward, of the same unit, and a volunteer without the role do not walk it
    assert list(team_of(patrol.unit, "steward", patrol.area, patrol.route)) == [lead]
    for person in (nine, stewards.volunteer, city.outsider("steward")):
        assert not Patrol.objects.visible_to(person).exists() and not Patrol.objects.to_walk(person).exists()
        with pytest.raises(NotPermitted):
            patrol_start(patrol, actor=person)
    with pytest.raises(Invalid):
        patrol_assign(patrol, actor=city.user("community_staff"), worker=nine)
    # when the steward of the team walks it and finds something
    begun = max(now - timedelta(minutes=50), patrol.starts_at)
    patrol_start(patrol, actor=lead, occurred_at=begun)
    patrol_check_in(actor=lead, patrol=patrol, point=patrol.route.points.get(), longitude=city.point[0],
                    latitude=city.point[1])  # fmt: skip
    case = patrol_report(actor=lead, patrol=patrol, finding="楼道堆物", point=patrol.route.points.get())
    finished = patrol_finish(patrol, actor=lead, occurred_at=now)
    # then the case says where it comes from, and the time is counted once
    assert (case.source, case.state, Case.objects.count()) == ("steward", "reported", 1)
    line = HoursEntry.objects.get()
    assert (line.kind, line.patrol, line.member.person) == ("patrol", finished, lead)
    assert line.minutes == int((now - begun).total_seconds() // 60)
    # its cases are on the team's page for who walks, not for a member with an account alone
    page = "/m/stewards/teams/gy/"
    assert case.number in signed_in(lead).get(page).content.decode()
    assert case.number not in signed_in(stewards.volunteer).get(page).content.decode()
    # and who has left the team walks no more
    stewards.retire(lead, timezone.localdate() - timedelta(days=1))
    assert not Patrol.objects.visible_to(lead).exists()


@pytest.mark.parametrize(("check_in", "minutes"), [(True, 20), (False, 0)])
def test_a_forgotten_round_counts_to_its_last_check_in(stewards, city, check_in, minutes):
    lead, begun = stewards.lead, NOON - timedelta(minutes=30)
    patrol = stewards.patrol(NOON)
    patrol_start(patrol, actor=lead, occurred_at=begun)
    if check_in:
        patrol_check_in(actor=lead, patrol=patrol, point=patrol.route.points.get(), at=NOON - timedelta(minutes=10),
                        longitude=city.point[0], latitude=city.point[1])  # fmt: skip
    # when the clock finishes it a day after its window
    lapse_timer(patrol)
    assert fire_past(f"patrol.lapsed:{patrol.pk}", patrol.ends_at + timedelta(days=1))
    # then what is known to be walked is counted
    assert HoursEntry.objects.get().minutes == minutes


def test_rounds_and_plans_of_who_left_go_back_to_the_team(stewards, city):
    lead = stewards.lead
    patrol = stewards.patrol(NOON + timedelta(days=1))
    PatrolPlan.objects.update(worker=lead)
    patrol_assign(patrol, actor=city.user("community_staff"), worker=lead)
    assert rounds_hand_back() == 0
    member = StewardMember.objects.get(team=stewards.team, person=lead)
    # when the last day is today, the round of tomorrow is given back at once, the plan the day after
    member_end(member, actor=city.user("organiser"), last_day=NOON.date(), reason="搬家")
    assert (Patrol.objects.get().worker, PatrolPlan.objects.get().worker) == (None, lead)
    rounds_hand_back(NOON + timedelta(days=1))
    assert PatrolPlan.objects.get().worker is None


def test_teams_members_and_plans_are_kept_by_the_community(stewards, city):
    organiser, team = city.user("organiser"), stewards.team
    outside = city.outsider("organiser")
    with pytest.raises(NotPermitted):
        configuration_save(StewardMember(team=team, person=stewards.place.owners[2], kind="volunteer"), actor=outside,
                           changed=["person"])  # fmt: skip
    for row, error in [
        (StewardMember(team=team, person=city.user("organiser"), kind="resident"), Invalid),  # lives elsewhere
        (StewardMember(team=team, person=stewards.volunteer, kind="resident"), Invalid),  # is in it already
        (StewardMember(team=team, person=stewards.place.owners[2], kind="resident", is_lead=True), Invalid),
        (StewardTeam(code="x", name="x"), NotPermitted),  # nowhere
        (StewardPlan(code="x", team=team, name="x", starts="08:00", ends="09:00"), Invalid),
        (StewardPlan(code="x", team=team, name="x", weekdays=[1], starts="09:00", ends="08:00"), Invalid),
        (StewardPlan(code="x", team=stewards.place.other_team, name="x", weekdays=[1], starts="08:00", ends="09:00"),
         NotPermitted),
    ]:  # fmt: skip
        with pytest.raises(error):
            configuration_save(row, actor=organiser, changed=["name"])
    assert StewardMember.objects.count() == 3 and not StewardPlan.objects.exists()
    made = StewardMember(team=team, person=stewards.place.owners[2], kind="resident")
    configuration_save(made, actor=organiser, changed=["person"])
    made.kind = "volunteer"
    with pytest.raises(Invalid):
        configuration_save(made, actor=organiser, changed=["kind"])


def test_a_resident_asks_to_join_and_the_lead_answers(stewards, city):
    asker, lead, team = stewards.place.owners[1], stewards.lead, stewards.team
    with pytest.raises(Invalid):
        join_ask(actor=asker, team=stewards.place.other_team)
    with pytest.raises(Conflict):
        join_ask(actor=stewards.volunteer, team=team)
    request = join_ask(actor=asker, team=team, words="会修水电")
    with pytest.raises(Conflict):
        join_ask(actor=asker, team=team)
    for person in (stewards.volunteer, asker, city.outsider("steward"), city.user("grid_worker")):
        for step in ("accept", "decline"):
            with pytest.raises(NotPermitted):
                act(request, step, actor=person, reason="x")
    assert StewardMember.objects.filter(team=team).count() == 2
    accepted = act(request, "accept", actor=lead)
    assert (accepted.state, accepted.member.kind, accepted.member.person) == ("accepted", "volunteer", asker)
    again = join_ask(actor=stewards.place.owners[2], team=team)
    with pytest.raises(NotPermitted):
        act(again, "withdraw", actor=asker)
    assert act(again, "withdraw", actor=stewards.place.owners[2]).state == "withdrawn"
    declined = join_ask(actor=stewards.place.owners[2], team=team)
    with pytest.raises(Invalid):
        act(declined, "decline", actor=lead)
    assert act(declined, "decline", actor=city.user("organiser"), reason="人已够").state == "declined"


def test_who_leaves_gives_up_the_shifts_of_later_days(stewards, city):
    tomorrow = timezone.now() + timedelta(days=1)
    duty = duty_take(stewards.shift(at=timezone.localtime(tomorrow).replace(hour=12)), actor=stewards.volunteer)
    today = timezone.localdate()
    for person in (stewards.volunteer, city.outsider("steward"), city.user("grid_worker")):
        with pytest.raises(NotPermitted):
            member_end(stewards.member, actor=person, last_day=today, reason="x")
    with pytest.raises(Invalid):
        member_end(stewards.member, actor=stewards.lead, last_day=today, reason=" ")
    assert ShiftDuty.objects.get().state == "taken"
    member_end(stewards.member, actor=stewards.lead, last_day=today, reason="搬家")
    assert ShiftDuty.objects.get(pk=duty.pk).state == "given_up"
