"""The life of a resolution: what it takes, its deadlines, and who may do which step by which door."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conftest import PEOPLE as CITY_PEOPLE
from governance.errors import Conflict, Invalid, NotPermitted, Refused, UnknownTransition
from governance.models import Event, Timer, User
from governance.scoping import grant_for
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.timers import fire_due
from governance.workflow import act, steps_of
from property.models import Resolution, ResolutionState, RuleSet
from property.tests.neighbourhood import PEOPLE as PLACE_PEOPLE
from property.tests.neighbourhood import company_serves
from property.voting.resolutions import resolution_change, resolution_propose
from property.voting.tally import counted_alike
from property.voting.tests.votes import (
    DAY,
    a_rule,
    announced,
    counted,
    deliberating,
    effective,
    fresh,
    proposed,
    publicised,
    read_papers,
    voting,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF"


def test_the_steps_are_complete():
    assert_steps_are_complete(Resolution)


def test_from_the_proposal_to_its_effect(neighbourhood):
    organiser = neighbourhood.city.user("organiser")
    # given a vote announced twenty days ago, opened by the clock, with eight papers and its time over
    resolution = voting(neighbourhood, closed=True, rule=a_rule(publicity_days=0))
    assert (resolution.state, resolution.closed_at) == (ResolutionState.VOTING, resolution.voting_until)
    read_papers(neighbourhood, resolution, "+++++--*")
    # when it is counted: 5 of 8 heads and 400 of 640 m² are more than half
    resolution = act(resolution, "count", actor=organiser)
    assert (resolution.state, resolution.outcome) == ("passed", "passed")
    assert resolution.tally["heads"]["for"] == 5 and resolution.tally["areas"]["for"] == "400.00"
    assert counted_alike(resolution)
    # and publicised, it takes effect by itself
    act(resolution, "publicise", actor=organiser)
    fire_due()
    resolution = fresh(resolution)
    assert (resolution.state, resolution.effective_from) == ("effective", resolution.publicity_until)
    names = list(Event.objects.filter(subject_type="property.resolution").order_by("id").values_list("name", flat=True))
    assert names == [
        "resolution.proposed", "resolution.deliberated", "roll.drawn", "resolution.announced", "roll.frozen",
        "resolution.opened", "resolution.closed", "resolution.counted", "resolution.passed", "resolution.publicised",
        "resolution.took_effect",
    ]  # fmt: skip
    # until it is revoked
    assert act(resolution, "revoke", actor=organiser, reason="业主大会另有决定").state == "revoked"


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [("++++----", "rejected"), ("++++---+", "passed"), ("+++++   ", "no_quorum"), ("++++++  ", "passed"),
     ("/+++++  ", "no_quorum")],
)  # fmt: skip
def test_what_the_count_says_is_the_next_state(neighbourhood, votes, outcome):
    resolution = counted(neighbourhood, votes=votes)
    assert (resolution.state, resolution.outcome, resolution.tally["outcome"]) == (outcome,) * 3


def test_what_was_not_passed_is_publicised_and_never_takes_effect(neighbourhood):
    resolution = publicised(neighbourhood, votes="--------")
    with time_machine.travel(timezone.now() + 60 * DAY, tick=False):
        fire_due()
    assert fresh(resolution).state == "publicised"
    assert not Timer.objects.filter(kind="resolution.publicity_ends").exists()


def test_a_proposal_names_place_and_rule_that_go_together(neighbourhood):
    city, rule = neighbourhood.city, a_rule(allows_online=False, allows_secret=False)
    other = neighbourhood.buildings[1].entrances.get()
    wrong = {
        "estate": {"estate": None},
        "takes_online": {},
        "secrecy": {"secrecy": "secret", "takes_online": False},
        "entrance": {"building": neighbourhood.buildings[0], "entrance": other, "takes_online": False},
        "title": {"title": " ", "takes_online": False},
        "text": {"text": "", "takes_online": False},
        None: {"takes_paper": False, "takes_online": False},
    }
    for field, given in wrong.items():
        with pytest.raises(Invalid) as refusal:
            proposed(neighbourhood, rule=rule, **given)
        assert refusal.value.field == field
    for late in ({"valid_to": timezone.localdate() - DAY, "valid_from": timezone.localdate() - 9 * DAY},
                 {"is_active": False}, {"valid_from": timezone.localdate() + DAY},
                 {"area": city.area("other_community")}):  # fmt: skip
        with pytest.raises(Invalid) as refusal:
            proposed(neighbourhood, rule=a_rule(code=f"x{len(RuleSet.objects.all())}", **late))
        assert refusal.value.field == "rule_set"
    assert not Resolution.objects.exists() and not Event.objects.filter(name="resolution.proposed").exists()


def test_it_is_changed_until_announced_and_another_rule_takes_the_roll_away(neighbourhood):
    resolution, secretary = deliberating(neighbourhood), neighbourhood.city.user("party_secretary")
    changed = resolution_change(resolution, actor=secretary, title="东门道闸", version=resolution.version)
    assert changed.title == "东门道闸" and changed.roll is not None
    with pytest.raises(Conflict):
        resolution_change(resolution, actor=secretary, title="又改", version=resolution.version)
    special = a_rule(code="special", share_numerator=3, share_denominator=4, share_inclusive=True)
    assert resolution_change(changed, actor=secretary, rule_set=special).roll is None
    with pytest.raises(TypeError):
        resolution_change(changed, actor=secretary, state="passed")
    for who in ("property_manager", "outside_organiser", "resident"):
        with pytest.raises(NotPermitted):
            resolution_change(changed, actor=neighbourhood.city.people[who], title="外人")


def test_fifteen_days_of_notice(neighbourhood):
    resolution, organiser = deliberating(neighbourhood), neighbourhood.city.user("organiser")
    now, before = timezone.now(), snapshot(resolution)
    for begins, ends, field in ((now + 15 * DAY - timedelta(minutes=1), now + 20 * DAY, "voting_from"),
                                (now + 16 * DAY, now + 16 * DAY, "voting_until")):  # fmt: skip
        with pytest.raises(Invalid) as refusal:
            act(resolution, "announce", actor=organiser, voting_from=begins, voting_until=ends)
        assert refusal.value.field == field
    assert snapshot(resolution) == before and fresh(resolution).roll.frozen_at is None
    # exactly fifteen are enough
    done = act(resolution, "announce", actor=organiser, occurred_at=now, voting_from=now + 15 * DAY,
               voting_until=now + 20 * DAY)  # fmt: skip
    assert done.state == "deliberating"
    # a second announcement is refused
    with pytest.raises(Conflict):
        act(done, "announce", actor=organiser, voting_from=now + 30 * DAY, voting_until=now + 40 * DAY)
    # and the clock does the rest, also when it stood still over the beginning
    with time_machine.travel(now + 21 * DAY, tick=False):
        Timer.objects.filter(kind="resolution.vote_begins").update(cancelled_at=now)
        fire_due()
    late = fresh(resolution)
    assert (late.state, late.closed_at) == ("voting", late.voting_until)


def test_a_vote_without_quorum_is_repeated_in_the_same_place(neighbourhood):
    earlier = counted(neighbourhood, votes="++++    ")
    again = proposed(neighbourhood, rule=earlier.rule_set, repeats=earlier)
    assert again.repeats == earlier and again.state == "proposed"
    with pytest.raises(Invalid) as refusal:
        proposed(neighbourhood, rule=earlier.rule_set, repeats=earlier, estate=None,
                 area=neighbourhood.city.area("community"))  # fmt: skip
    assert refusal.value.field == "repeats"


def test_without_a_roll_nothing_is_announced(neighbourhood):
    resolution = act(proposed(neighbourhood), "deliberate", actor=neighbourhood.city.user("organiser"))
    begins = timezone.now() + 20 * DAY
    with pytest.raises(Conflict) as refusal:
        act(resolution, "announce", actor=neighbourhood.city.user("organiser"), voting_from=begins,
            voting_until=begins + DAY)  # fmt: skip
    assert refusal.value.code == "no_roll"


def test_before_its_end_a_vote_is_not_counted(neighbourhood):
    resolution = voting(neighbourhood)
    before = snapshot(resolution)
    with pytest.raises(Conflict):
        act(resolution, "count", actor=neighbourhood.city.user("organiser"))
    assert snapshot(resolution) == before


def test_the_official_result_stands_beside_the_computed_one(neighbourhood):
    resolution, member = counted(neighbourhood), neighbourhood.city.user("owners_member")
    today = timezone.localdate()
    given = {"official_outcome": "rejected", "official_on": today}
    for wrong, field in (({}, "official_number"), ({"official_outcome": "effective"}, "official_outcome"),
                         ({"official_on": today + DAY}, "official_on")):  # fmt: skip
        with pytest.raises(Invalid) as refusal:
            act(resolution, "record_official", actor=member, **given | wrong)
        assert refusal.value.field == field
    done = act(resolution, "record_official", actor=member, official_number="业委会〔2026〕3号", **given)
    assert (done.state, done.outcome, done.official_outcome) == ("passed", "passed", "rejected")
    event = Event.objects.get(name="resolution.official_recorded")
    assert event.payload["computed"] == "passed" and "业委会" not in str(event.payload)


@pytest.mark.parametrize("votes", ["+++++--*", "--------"])
def test_what_was_officially_declared_decides_whether_it_takes_effect(neighbourhood, votes):
    # given a result, passed or not by our count, that is publicised and officially declared not passed
    resolution, member = publicised(neighbourhood, votes=votes), neighbourhood.city.user("owners_member")
    given = {"official_on": timezone.localdate(), "official_number": "业委会〔2026〕3号"}
    act(resolution, "record_official", actor=member, official_outcome="rejected", **given)
    # when its publicity is over, then it is not in effect
    with time_machine.travel(resolution.publicity_until + DAY, tick=False):
        fire_due()
        assert fresh(resolution).state == "publicised"
        # and once it is declared passed, it is
        act(fresh(resolution), "record_official", actor=member, official_outcome="passed", **given)
        fire_due()
        assert fresh(resolution).state == "effective"


def test_a_vote_called_off_forgets_its_deadlines(neighbourhood):
    resolution = announced(neighbourhood)
    act(resolution, "revoke", actor=neighbourhood.city.user("party_secretary"), reason="表决事项表述不清")
    fire_due()
    assert fresh(resolution).state == "revoked"
    assert set(Timer.objects.filter(subject_id=resolution.pk).values_list("fired_at", flat=True)) == {None}


def test_a_used_rule_set_stands(neighbourhood):
    resolution = announced(neighbourhood)
    with pytest.raises(DatabaseError, match="used by a vote"), transaction.atomic():
        RuleSet.objects.filter(pk=resolution.rule_set_id).update(share_numerator=1, share_denominator=3)
    with pytest.raises(DatabaseError, match="used by a vote"), transaction.atomic():
        RuleSet.objects.filter(pk=resolution.rule_set_id)._raw_delete("default")
    RuleSet.objects.filter(pk=resolution.rule_set_id).update(is_active=False, valid_to=timezone.localdate())


# Who may do each step, in the resolution's own area; everybody else may not.
RUNNERS = {"organiser", "community_staff", "owners_member"}
LEADERS = {"organiser", "community_staff", "party_secretary"}
MAY = {
    "deliberate": RUNNERS | LEADERS,
    "announce": RUNNERS,
    "count": RUNNERS,
    "publicise": LEADERS,
    "record_official": RUNNERS | LEADERS,
    "revoke": LEADERS,
    "open": set(), "close": set(), "pass": set(), "reject": set(), "lack_quorum": set(), "take_effect": set(),
}  # fmt: skip
READY = {
    "deliberate": proposed,
    "announce": deliberating,
    "count": lambda place: voting(place, closed=True),
    "publicise": counted,
    "record_official": counted,
    "revoke": proposed,
    "open": announced,
    "close": voting,
    "pass": lambda place: voting(place, closed=True),
    "reject": lambda place: voting(place, closed=True),
    "lack_quorum": lambda place: voting(place, closed=True),
    "take_effect": publicised,
}
SENT = {
    "announce": lambda: {"voting_from": (timezone.localtime() + 20 * DAY).isoformat()[:16],
                         "voting_until": (timezone.localtime() + 30 * DAY).isoformat()[:16]},
    "record_official": lambda: {"official_outcome": "passed", "official_on": str(timezone.localdate()),
                                "official_number": "3号"},
}  # fmt: skip
# Of those who may and those who may not, one of each kind comes to the doors: the rule itself is asked of everybody.
AT_DOORS = ["organiser", "party_secretary", "owners_member", "property_manager", "outside_organiser", "resident"]
AT_BOTH_DOORS = {"organiser", "property_manager", "outside_organiser"}
EVERYBODY = sorted({row[0] for row in (*CITY_PEOPLE, *PLACE_PEOPLE)})


def test_every_step_has_its_row():
    assert MAY.keys() == READY.keys() == steps_of(Resolution).keys()


@pytest.mark.parametrize("name", MAY)
def test_each_step_by_each_role_and_door(neighbourhood, name):
    """Refused is 403, or 404 where the person does not see the resolution; quiet steps have no door at all."""
    resolution, step = READY[name](neighbourhood), steps_of(Resolution)[name]
    for who in EVERYBODY:
        person = User.objects.get(pk=neighbourhood.city.people[who].pk)
        assert (grant_for(step.allow, resolution, person) is not None) == (who in MAY[name]), who
    sent = {"reason": "理由"} | SENT.get(name, dict)()
    for who in ["organiser"] if step.quiet else AT_DOORS:
        _knock(neighbourhood, resolution, step, who, sent)


def _knock(place, resolution, step, who, sent):
    before, allowed = snapshot(resolution), who in MAY[step.name]
    client = Client()
    client.force_login(place.city.people[who])
    doors = {
        f"/api/v1/resolutions/{resolution.pk}/transitions/{step.name}/": (200, {403, 404}),
        reverse("admin:property_resolution_transition", args=[resolution.pk, step.name]): (302, {302, 403, 404}),
    }
    if who not in AT_BOTH_DOORS:
        doors.popitem()
    for address, (done, refused) in doors.items():
        with transaction.atomic():
            status = client.post(address, sent).status_code
            if allowed:
                assert (status, snapshot(resolution) == before) == (done, False), (who, address)
            else:
                assert status in refused, (who, address)
                assert snapshot(resolution) == before, (who, address)
            transaction.set_rollback(True)


def test_each_state_takes_only_its_own_steps(neighbourhood):
    """By somebody who may do everything: what a state does not know is a conflict, and nothing changes."""
    clock, organiser = User.objects.system("timers"), neighbourhood.city.user("organiser")
    for make in (proposed, deliberating, voting, publicised):
        resolution = make(neighbourhood, rule=a_rule(code=make.__name__))
        for name, step in steps_of(Resolution).items():
            if resolution.state in step.sources:
                continue
            before = snapshot(resolution)
            actor = organiser if "organiser" in MAY[name] else clock
            given = {
                "announce": {"voting_from": timezone.now() + 30 * DAY, "voting_until": timezone.now() + 40 * DAY},
                "record_official": {"official_outcome": "passed", "official_on": timezone.localdate(),
                                    "official_number": "1"},
            }.get(name, {})  # fmt: skip
            with pytest.raises(Conflict):
                act(resolution, name, actor=actor, reason="x", **given)
            assert snapshot(resolution) == before, (resolution.state, name)
    with pytest.raises(UnknownTransition):
        act(resolution, "vanish", actor=organiser)


def test_who_sees_a_resolution(neighbourhood):
    """At work in the area; at home in the estate, once it is open to residents; nobody else."""
    company_serves(neighbourhood)
    hidden, shown = proposed(neighbourhood), deliberating(neighbourhood, rule=a_rule(code="second"))
    everybody = [*neighbourhood.city.people.values(), *(owner for owner in neighbourhood.owners if owner)]
    assert_relation_forms_agree(Resolution.objects, everybody)
    owner = neighbourhood.owners[0]
    assert list(Resolution.objects.visible_to(owner)) == [shown]
    assert not Resolution.objects.visible_to(neighbourhood.city.user("resident")).exists()
    assert set(Resolution.objects.visible_to(neighbourhood.city.user("property_manager"))) == {hidden, shown}


def test_an_upload_comes_with_the_official_result(neighbourhood):
    resolution, client = counted(neighbourhood), Client()
    client.force_login(neighbourhood.city.user("organiser"))
    address = reverse("admin:property_resolution_transition", args=[resolution.pk, "record_official"])
    form = {"official_outcome": "passed", "official_on": str(timezone.localdate()),
            "photos": SimpleUploadedFile("r.pdf", PDF, "application/pdf")}  # fmt: skip
    assert client.post(address, form).status_code == 302
    page = client.get(reverse("admin:property_resolution_change", args=[resolution.pk])).content.decode()
    assert "/files/" in page


def test_only_those_who_propose_propose(neighbourhood):
    rule = a_rule()
    for who in EVERYBODY:
        person = neighbourhood.city.people[who]
        given = {"actor": person, "title": "题", "text": "文", "estate": neighbourhood.estate, "rule_set": rule}
        if who in RUNNERS | LEADERS:
            assert resolution_propose(**given).state == "proposed"
        else:
            count = Resolution.objects.count()
            with pytest.raises(NotPermitted):
                resolution_propose(**given)
            assert Resolution.objects.count() == count


def test_effective_is_reached_and_revoked_only_with_a_reason(neighbourhood):
    resolution = effective(neighbourhood)
    before = snapshot(resolution)
    with pytest.raises(Refused):
        act(resolution, "revoke", actor=neighbourhood.city.user("organiser"))
    assert snapshot(resolution) == before
    assert resolution.state == "effective"
