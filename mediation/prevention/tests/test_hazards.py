"""The life of a hazard: reported, assessed, watched, excluded, converted; who may, who reads what, who is told."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, transaction

from cases.tests.api import client_of
from cases.tests.patrols import a_beat, a_round
from governance.clock import SHANGHAI
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Event, Notice, Role
from governance.notices.planning import tell_past
from governance.scoping import forget_grants
from governance.timers import fire_due
from governance.workflow import act, available, steps_of
from mediation.models import Dispute, Hazard
from mediation.prevention.figures import hazard_figures
from mediation.prevention.handover import hazard_from_outside
from mediation.prevention.reporting import hazard_report
from mediation.prevention.tests.village import KEEPERS, STEPS, WORDS, hazard, in_state, step, usual
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db


def test_a_hazard_becomes_a_dispute(county):
    # given a grid worker who saw two families quarrel, with nothing but words and a position
    found = hazard(
        county, area=None, longitude=county.city.point[0], latitude=county.city.point[1], parties="何家与马家"
    )
    # then its place and type are found, and it is to be assessed within a day
    assert (found.area, found.state, found.source) == (county.area("grid"), "reported", "phone")
    assert found.type is not None and found.type_guessed and found.assess_by == NOW + timedelta(hours=24)
    # when the mediator looks and registers a dispute
    found = step(county, found, "assess", finding="为一棵树，树长在界线上")
    assert (found.type.code, found.type_guessed, found.assessed_by) == ("houses_homesteads", False, county.mediator)
    found = step(county, found, "convert")
    # then the dispute knows where it came from and what was reported; note and names stay with the hazard
    dispute = Dispute.objects.get(pk=found.dispute_id)
    assert (dispute.state, dispute.source, dispute.tier, dispute.people) == ("registered", "initiative", "general", 4)
    assert (dispute.origin_type, dispute.origin_id) == ("mediation.hazard", found.pk)
    assert dispute.facts == WORDS
    # and nobody's words or names stand in the history
    told = str(list(Event.objects.values_list("payload", flat=True)))
    assert not any(word in told for word in ("何家", "宅基地边界", "界线", "动手"))
    with pytest.raises(Conflict):
        step(county, found, "watch")


def test_a_watch_ends_on_its_morning_and_is_decided_anew(county):
    found = in_state(county, "watched")
    until = found.watch_until
    found = step(county, found, "look")
    assert (found.looks, found.state) == (1, "watched")
    with time_machine.travel(NOW + timedelta(days=13), tick=False):
        assert fire_due() == 0
    with time_machine.travel(NOW + timedelta(days=14), tick=False):
        fire_due()
        found.refresh_from_db()
        assert found.state == "assessed" and found.watch_until == until
        assert Event.objects.get(name="hazard.watch_ended").actor.is_system
        # when it is watched anew, excluded, and taken up once more
        found = step(county, found, "watch")
        found = step(county, found, "exclude")
        with pytest.raises(Invalid):
            step(county, found, "reconsider", reason=" ")
        assert step(county, found, "reconsider").state == "assessed"
    # then the old watch has nothing more to end
    with time_machine.travel(NOW + timedelta(days=40), tick=False):
        fire_due()
        assert Event.objects.filter(name="hazard.watch_ended").count() == 1


def test_who_does_not_assess_in_time_has_the_township_look(county):
    found = hazard(county)
    township = county.user(Role.TOWNSHIP_MEDIATOR)
    assert not Hazard.objects.visible_to(township).exists()
    assert list(Hazard.objects.listed_to(township)) == [found]
    with pytest.raises(NotPermitted):
        step(county, found, "assess", by=township)
    with time_machine.travel(NOW + timedelta(hours=25), tick=False):
        fire_due()
        found.refresh_from_db()
        assert found.late_since == NOW + timedelta(hours=24) and found.late
        assert list(Hazard.objects.kept_by(county.user(Role.TOWNSHIP_MEDIATOR))) == [found]
        found = step(county, found, "assess", by=county.user(Role.TOWNSHIP_MEDIATOR))
        # what the township registers is complex: that is what it handles
        found = step(county, found, "convert", by=county.user(Role.TOWNSHIP_MEDIATOR))
        assert found.dispute.tier == "complex"


@pytest.mark.parametrize("given", [{"urgency": "urgent"}, {"violence": True}, {"people": 5}])
def test_the_township_reads_what_is_grave(county, given):
    found = hazard(county, **given)
    assert list(Hazard.objects.read_by(county.user(Role.TOWNSHIP_MEDIATOR))) == [found]
    assert not Hazard.objects.read_by(county.outsider(Role.TOWNSHIP_MEDIATOR)).exists()
    pressing = "people" not in given
    assert found.assess_by == NOW + timedelta(hours=1 if pressing else 24)
    assert Event.objects.filter(name="hazard.reported_urgent").exists() == pressing


def test_every_step_is_open_to_the_mediators_of_the_place_alone(county):
    people = sorted(county.people)
    for name, state in STEPS.items():
        for key in people:
            found = in_state(county, state)
            actor = county.people[key]
            forget_grants(actor)
            before = Hazard.objects.filter(pk=found.pk).values().get(), Event.objects.count(), Dispute.objects.count()
            if key in KEEPERS:
                assert name in [one.name for one in available(Hazard.objects.with_rows().get(pk=found.pk), actor)]
                act(found, name, actor=actor, **usual(county, name))
                assert Event.objects.count() > before[1]
                continue
            with pytest.raises(NotPermitted):
                act(found, name, actor=actor, **usual(county, name))
            after = Hazard.objects.filter(pk=found.pk).values().get(), Event.objects.count(), Dispute.objects.count()
            assert after == before, (name, key)
            own = ["reword"] if key == "grid_worker" and state == "reported" else []
            assert [one.name for one in available(Hazard.objects.with_rows().get(pk=found.pk), actor)] == own


def test_the_steps_of_the_clock_are_nobodys(county):
    quiet = {name for name, one in steps_of(Hazard).items() if one.quiet}
    assert quiet == {"end_watch", "remind"}
    for name, state in (("end_watch", "watched"), ("remind", "reported")):
        found = in_state(county, state)
        with pytest.raises(NotPermitted):
            act(found, name, actor=county.mediator, **({"at": NOW} if name == "remind" else {}))


def test_steps_come_only_in_their_order(county):
    allowed = {
        "reported": {"assess", "move", "reword"},
        "assessed": {"reassess", "watch", "exclude", "convert", "move", "reword"},
        "watched": {"reassess", "watch", "look", "exclude", "convert", "move", "reword"}, "excluded": {"reconsider"},
        "converted": set(),
    }  # fmt: skip
    for state, names in allowed.items():
        for name in STEPS.keys() - names:
            found = in_state(county, state)
            before = Hazard.objects.filter(pk=found.pk).values().get(), Dispute.objects.count()
            with pytest.raises(Conflict):
                step(county, found, name)
            assert (Hazard.objects.filter(pk=found.pk).values().get(), Dispute.objects.count()) == before


def test_who_reports_what_from_where(county):
    grid, community = county.area("grid"), county.area("community")
    may = {"grid_worker", "community_staff", "village_mediator", "colleague", "township_mediator"}
    for key in sorted(county.people):
        actor = county.people[key]
        forget_grants(actor)
        if key in may:
            assert hazard_report(actor=actor, words=WORDS, area=grid).reporter == actor
            continue
        before = Hazard.objects.count()
        with pytest.raises(NotPermitted):
            hazard_report(actor=actor, words=WORDS, area=grid)
        assert Hazard.objects.count() == before
    # a grid worker states what was seen; the mediator also what reached the committee
    with pytest.raises(Invalid) as refused:
        hazard(county, source="hotline")
    assert refused.value.field == "source"
    assert hazard(county, actor=county.mediator, area=community, source="hotline").source == "hotline"
    with pytest.raises(NotPermitted):
        hazard(county, area=community)


@pytest.mark.parametrize(("given", "field"), [
    ({"words": " "}, "words"), ({"words": "吵\0架"}, "words"), ({"words": "吵" * 2001}, "words"),
    ({"people": 0}, "people"), ({"people": 10**9}, "people"), ({"parties": "何" * 201}, "parties"),
    ({"seen_at": NOW + timedelta(hours=1)}, "seen_at"), ({"seen_at": NOW - timedelta(days=91)}, "seen_at"),
    ({"urgency": "soon"}, "urgency"), ({"longitude": 112.9}, "latitude"), ({"area": None}, "area"),
    ({"longitude": 999.0, "latitude": 1.0}, "longitude"),
    ({"coordinate_system": "mars", "longitude": 1.0, "latitude": 1.0}, "coordinate_system"),
])  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_kept(county, given, field):
    before = Event.objects.count()
    with pytest.raises(Invalid) as refused:
        hazard(county, **given)
    assert refused.value.field == field
    assert (Hazard.objects.count(), Event.objects.count()) == (0, before)


def test_the_place_is_a_community_or_a_grid(county):
    with pytest.raises(Invalid) as refused:
        hazard(county, actor=county.user(Role.TOWNSHIP_MEDIATOR), area=county.area("street"))
    assert refused.value.field == "area"


def test_a_watch_has_an_end(county):
    found = in_state(county, "assessed")
    for days in (0, -1, 181):
        with pytest.raises(Invalid) as refused:
            step(county, found, "watch", watch_until=NOW.date() + timedelta(days=days))
        assert refused.value.field == "watch_until"
    assert step(county, found, "watch", watch_until=NOW.date() + timedelta(days=180)).state == "watched"


def test_a_hazard_is_found_on_a_round(county):
    beat = a_beat(county.city)
    patrol = a_round(beat)
    worker = county.user(Role.GRID_WORKER)
    with pytest.raises(Conflict):
        hazard(county, area=None, patrol=patrol, point=beat.points[0])
    act(patrol, "start", actor=worker)
    found = hazard(county, area=None, patrol=patrol, point=beat.points[0])
    assert (found.source, found.patrol, found.place, found.area) == ("patrol", patrol, "菜场门口", county.area("grid"))
    assert (found.longitude, found.latitude) == (112.902, 28.202)
    # another's round is not this person's to report on
    for stranger in (county.outsider(Role.GRID_WORKER), county.mediator):
        with pytest.raises(NotPermitted):
            hazard(county, actor=stranger, area=None, patrol=patrol)
    other = a_beat(county.city, code="R-2")
    with pytest.raises(Invalid):
        hazard(county, area=None, patrol=patrol, point=other.points[0])
    assert Event.objects.get(name="hazard.reported").payload["patrol"] == patrol.number


def test_the_grid_worker_sees_the_own_reports_only(county):
    mine, other = hazard(county), hazard(county, actor=county.mediator, area=county.area("grid"))
    worker = county.user(Role.GRID_WORKER)
    assert list(Hazard.objects.visible_to(worker)) == [mine]
    assert not Hazard.objects.read_by(worker).exists() and not Hazard.objects.listed_to(worker).exists()
    assert set(Hazard.objects.read_by(county.mediator)) == {mine, other}
    for role in (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE, Role.COUNTY_CENTRE, Role.COMMUNITY_STAFF):
        assert not Hazard.objects.visible_to(county.user(role)).exists(), role
        assert not Hazard.objects.listed_to(county.user(role)).exists(), role


def test_lists_and_objects_agree_on_who_sees(county):
    rows = [hazard(county), hazard(county, violence=True),
            hazard(county, actor=county.mediator, area=county.area("community"))]  # fmt: skip
    for key in county.people:
        person = county.people[key]
        forget_grants(person)
        seen = set(Hazard.objects.visible_to(person))
        assert seen == {row for row in rows if Hazard.objects.all().is_visible(row, person)}, key


NEXT_QUARTER = datetime(2026, 7, 1, 9, 0, tzinfo=SHANGHAI)


def test_small_cells_are_not_told_to_who_only_counts(county, clock):
    for _number in range(5):
        hazard(county)
    in_state(county, "watched")
    clock.move_to(NEXT_QUARTER)
    counted = hazard_figures(county.user(Role.COUNTY_CENTRE), county.area("district"))
    # the sources tell that there are six: five beside the one that is kept back would tell it
    assert {row["key"]: row["hazards"] for row in counted["states"]} == {"reported": None, "watched": None}
    assert [row["hazards"] for row in counted["sources"]] == [6]
    whole = hazard_figures(county.mediator, county.area("community"))
    assert {row["key"]: row["hazards"] for row in whole["states"]} == {"reported": 5, "watched": 1}


def test_who_only_counts_cannot_subtract_one_day_from_another(county, clock):
    # given hazards of a quarter that is not over
    rows = [hazard(county) for _number in range(12)]
    centre, district = county.user(Role.COUNTY_CENTRE), county.area("district")
    told = hazard_figures(centre, district)
    # then who only counts is told nothing of it, and who keeps them all of it
    assert told == {"area": district.code, "until": date(2026, 3, 31), "states": [], "sources": [], "types": []}
    whole = hazard_figures(county.mediator, county.area("community"))
    assert whole["until"] is None and [row["hazards"] for row in whole["states"]] == [12]
    # when the quarter is over, then they are told as they stood at its end, whatever is done and comes in afterwards
    clock.move_to(NEXT_QUARTER)
    told = hazard_figures(centre, district)
    assert told["until"] == date(2026, 6, 30) and [row["hazards"] for row in told["states"]] == [12]
    step(county, rows[0], "assess")
    hazard(county)
    assert hazard_figures(centre, district) == told
    assert len(hazard_figures(county.mediator, county.area("community"))["states"]) == 2


def test_who_only_counts_cannot_subtract_one_area_from_another(county, clock):
    # given a township with many hazards, and another with one, which the sum of both minus the first would tell
    for _number in range(9):
        hazard(county)
    hazard(county, area=county.area("other_community"), actor=county.user("outside_village_mediator"))
    clock.move_to(NEXT_QUARTER)
    asks = {"county_centre": "district", "operations_centre": "city", "administrator": "city",
            "township_mediator": "street"}  # fmt: skip
    within = ["district", "street", "other_street", "community", "other_community", "grid"]
    # then each counts the own area as a whole, and no area within it
    for role, own in asks.items():
        person = county.user(role)
        assert hazard_figures(person, county.area(own))["area"] == county.area(own).code
        for name in set(within) - {own}:
            with pytest.raises(NotPermitted) as refused:
                hazard_figures(person, county.area(name))
            assert refused.value.field == "area", (role, name)
    # and a second appointment within the first opens none of them
    person = county.user("county_centre")
    Appointment.objects.create(user=person, unit=county.unit("medcentre"), role=Role.OPERATIONS_CENTRE,
                               area=county.area("street"), valid_from=date(2020, 1, 1))  # fmt: skip
    forget_grants(person)
    with pytest.raises(NotPermitted):
        hazard_figures(person, county.area("street"))
    told = hazard_figures(person, county.area("district"))["sources"]
    assert [row["hazards"] for row in told] == [10]


@pytest.mark.parametrize("role", ["county_centre", "operations_centre", "administrator", "township_mediator"])
def test_whether_there_is_a_hazard_at_all_is_not_told_by_a_refusal(county, role):
    # given who counts a wider area, and a grid without any hazard
    person = county.user(role)
    with pytest.raises(NotPermitted) as without:
        hazard_figures(person, county.area("grid"))
    # when the first is reported there, then the answer is the same
    hazard(county, area=county.area("grid"))
    with pytest.raises(NotPermitted) as with_one:
        hazard_figures(person, county.area("grid"))
    assert str(without.value) == str(with_one.value)


def test_notices_tell_a_number_and_a_place_but_no_words(county):
    call_command("loaddata", settings.BASE_DIR / "fixtures" / "0010_hazard_notices.json", verbosity=0)
    found = hazard(county, violence=True, parties="何家与马家")
    tell_past(NOW - timedelta(hours=1), unread_since=NOW - timedelta(hours=1))
    assert Notice.objects.filter(person=county.mediator).exists()
    assert Notice.objects.filter(person=county.user(Role.TOWNSHIP_MEDIATOR)).exists()
    step(county, step(county, found, "assess"), "exclude")
    own = Notice.objects.filter(person=county.user(Role.GRID_WORKER)).latest("id")
    assert found.number in own.title and "已排除" in own.title
    told = "".join(f"{row.title}{row.body}" for row in Notice.objects.all())
    assert not any(word in told for word in ("何家", "宅基地边界", "动手", "和好"))


def test_what_another_part_hands_over_is_taken_once(county):
    origin = county.dispute()
    staff = county.user(Role.COMMUNITY_STAFF)
    given = {"actor": staff, "area": county.area("grid"), "words": "楼上楼下吵架", "origin": origin}
    found = hazard_from_outside(**given, urgency="urgent")
    assert (found.source, found.urgency, found.reporter, found.state) == ("steward", "urgent", staff, "reported")
    assert hazard_from_outside(**given) == found and Hazard.objects.count() == 1


def test_rules_hold_in_the_database(county):
    found = in_state(county, "assessed")
    for change in ({"dispute": county.dispute()}, {"type": None}, {"longitude": 1.0}, {"source": "patrol"},
                   {"origin_type": "x.y"}, {"latitude": 99.0, "longitude": 1.0}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Hazard.objects.filter(pk=found.pk).update(**change)


def test_what_was_taken_for_pressing_because_of_violence_is_offered_as_pressing(county):
    # given a hazard with signs of violence, for which nobody pressed "urgent"
    found = hazard(county, violence=True)
    assert found.urgency == "normal" and Event.objects.filter(name="hazard.reported_urgent").exists()
    chosen = 'value="urgent" selected'
    # when it is assessed, then pressing is what is offered, at the desk and on the phone; others stay as reported
    desk, other = client_of(county.mediator), hazard(county)
    for page in ("/admin/mediation/hazard/%s/transition/assess/", "/m/hazards/%s/assess/"):
        assert chosen in desk.get(page % found.pk).content.decode()
        assert chosen not in desk.get(page % other.pk).content.decode()
    # and what the mediator said otherwise stands when it is put right
    found = step(county, found, "assess", violence=True, urgency="normal")
    assert chosen not in desk.get(f"/m/hazards/{found.pk}/reassess/").content.decode()
