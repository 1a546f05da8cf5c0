"""A slip in a hazard is put right before it is decided: the assessment, violence seen later, the community."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Notice, Role
from governance.notices.planning import tell_past
from governance.testing import snapshot
from governance.timers import fire_due
from governance.workflow import act
from mediation.models import Hazard
from mediation.prevention.tests.test_doors import API, client
from mediation.prevention.tests.village import WORDS, hazard, in_state, step
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
OTHER = "outside_village_mediator"


@pytest.fixture
def notices(county):
    """The rules of notices; returns who was told of what since."""
    call_command("loaddata", settings.BASE_DIR / "fixtures" / "0010_hazard_notices.json", verbosity=0)

    def told(*events: str) -> set[tuple[str, str]]:
        tell_past(NOW - timedelta(hours=1), unread_since=NOW - timedelta(hours=1))
        rows = Notice.objects.filter(event__name__in=events)
        return set(rows.values_list("person__username", "event__name"))

    return told


def test_a_slip_in_the_assessment_is_put_right_also_during_a_watch(county):
    # given a hazard of which type, persons and violence were ticked wrongly, watched meanwhile
    found = hazard(county)
    given = {"type": county.type("houses_homesteads"), "people": 40, "violence": True, "urgency": "urgent"}
    found = step(county, act(found, "assess", actor=county.mediator, finding="看错了", **given), "watch")
    until, township = found.watch_until, county.user(Role.TOWNSHIP_MEDIATOR)
    assert list(Hazard.objects.read_by(township)) == [found]
    # when it is put right at another desk
    colleague = county.people["colleague"]
    given = {"type": county.type(), "people": 4, "violence": False, "urgency": "normal", "finding": "只是口角"}
    with pytest.raises(Invalid) as refused:
        act(found, "reassess", actor=colleague, reason=" ", **given)
    assert refused.value.field == "reason"
    found = act(found, "reassess", actor=colleague, reason="点错了", **given)
    # then all of it stands, the watch goes on, and history tells who put it right
    assert (found.type.code, found.people, found.violence, found.urgency, found.finding) == (
        "neighbours", 4, False, "normal", "只是口角",
    )  # fmt: skip
    assert (found.state, found.watch_until, found.assessed_by) == ("watched", until, county.mediator)
    event = Event.objects.get(name="hazard.reassessed")
    assert event.actor == colleague and event.remark.text == "点错了" and "口角" not in str(event.payload)
    assert not Hazard.objects.read_by(county.user(Role.TOWNSHIP_MEDIATOR)).exists()
    with time_machine.travel(NOW + timedelta(days=14), tick=False):
        fire_due()
        found.refresh_from_db()
        assert found.state == "assessed"
    # and what it becomes is registered by what was put right
    dispute = step(county, found, "convert").dispute
    assert (dispute.violence, dispute.urgency, dispute.people) == (False, "normal", 4)


@pytest.mark.parametrize(("given", "field"), [({"people": 0}, "people"), ({"urgency": "soon"}, "urgency"),
                                              ({"finding": "吵" * 2001}, "finding")])  # fmt: skip
def test_what_is_wrong_in_it_is_named_and_nothing_is_kept(county, given, field):
    found = in_state(county, "assessed")
    before = snapshot(found)
    with pytest.raises(Invalid) as refused:
        step(county, found, "reassess", **given)
    assert refused.value.field == field and snapshot(found) == before


def test_two_who_put_it_right_at_once_are_told(county):
    found = in_state(county, "assessed")
    step(county, found, "reassess", version=found.version)
    with pytest.raises(Conflict):
        step(county, found, "reassess", version=found.version, by=county.people["colleague"])


def test_what_was_excluded_is_put_right_once_it_is_considered_again(county):
    found = in_state(county, "excluded")
    with pytest.raises(Conflict):
        step(county, found, "reassess")
    assert step(county, step(county, found, "reconsider"), "reassess").people == 3


@pytest.mark.parametrize("name", ["look", "reassess"])
def test_violence_seen_during_a_watch_brings_the_township_in(county, notices, name):
    # given a hazard under watch that is the village's alone
    found = in_state(county, "watched")
    assert not Hazard.objects.read_by(county.user(Role.TOWNSHIP_MEDIATOR)).exists()
    step(county, found, "look")
    # when they come to blows
    found = step(county, found, name, violence=True, reason="今天动手打人了")
    # then the township reads it and is told, once, and the dispute it becomes knows of it
    assert found.violence and list(Hazard.objects.read_by(county.user(Role.TOWNSHIP_MEDIATOR))) == [found]
    step(county, found, "look")
    found.refresh_from_db()
    assert found.violence, "a later look takes nothing back"
    assert notices("hazard.looked", "hazard.reassessed") == {("township_mediator", f"hazard.{name}ed")}
    with pytest.raises(Invalid) as refused:
        step(county, found, "convert", domestic_violence=None)
    assert refused.value.field == "domestic_violence"
    assert step(county, found, "convert").dispute.violence


def test_violence_is_said_with_a_look_at_every_door(county):
    pages = {"admin": "/admin/mediation/hazard/{}/transition/look/", "phone": "/m/hazards/{}/look/",
             "api": API + "/hazards/{}/transitions/look/"}  # fmt: skip
    desk = client(county, "village_mediator")
    for door, page in pages.items():
        found = in_state(county, "watched")
        url = page.format(found.pk)
        if door != "api":
            assert 'name="violence"' in desk.get(url).content.decode()
        value = True if door == "api" else "on"
        answer = desk.post(url, {"reason": "动手了", "violence": value},
                           format="json" if door == "api" else "multipart")  # fmt: skip
        assert answer.status_code == (200 if door == "api" else 302), door
        found.refresh_from_db()
        assert found.violence and found.looks == 1
        if door != "api":  # it is said already
            assert 'name="violence"' not in desk.get(url).content.decode()


def test_the_form_of_putting_it_right_begins_with_what_stands(county):
    found = step(county, hazard(county), "assess", finding="界线上有一棵树", violence=True)
    for page in (f"/admin/mediation/hazard/{found.pk}/transition/reassess/", f"/m/hazards/{found.pk}/reassess/"):
        told = client(county, "village_mediator").get(page).content.decode()
        assert "界线上有一棵树" in told and 'value="houses_homesteads" selected' in told and "checked" in told


@pytest.mark.parametrize("state", ["reported", "assessed", "watched"])
def test_a_hazard_of_another_community_is_handed_there(county, notices, state):
    # given a hazard whose position was off
    found = in_state(county, state, area=None, longitude=112.905, latitude=28.205)
    limit, other = found.assess_by, county.area("other_community")
    # when its keeper hands it to where it is
    found = step(county, found, "move", reason="在河对岸")
    # then it is kept there, under the same limit, and the wrong position is gone
    assert (found.area, found.longitude, found.state, found.assess_by) == (other, None, state, limit)
    assert list(Hazard.objects.kept_by(county.user(OTHER))) == [found]
    assert not Hazard.objects.kept_by(county.user("village_mediator")).exists()
    assert notices("hazard.moved") == {(OTHER, "hazard.moved")}
    assert Event.objects.get(name="hazard.moved").payload["area_before"] == "990102001001001"
    # and who keeps it now carries it on, who reported it follows it still
    step(county, found, "move", by=county.user(OTHER), area=county.area("community"))
    assert Hazard.objects.visible_to(county.user(Role.GRID_WORKER)).count() == 1


def test_the_mediator_leaves_the_page_of_what_was_handed_on(county):
    body = {"area": "990102002001", "reason": "不在本村"}
    for page, leads in (("/admin/mediation/hazard/{}/transition/move/", "/admin/mediation/hazard/"),
                        ("/m/hazards/{}/move/", "/m/")):  # fmt: skip
        url, desk = page.format(hazard(county).pk), client(county, "village_mediator")
        assert 'value="990102002001"' in desk.get(url).content.decode()
        answer = desk.post(url, body, format="multipart")
        assert (answer.status_code, answer["Location"]) == (302, leads)
        assert desk.get(url).status_code == 404 and WORDS not in desk.get(leads).content.decode()


def test_a_hazard_goes_to_communities_of_the_county_and_grids_of_the_township_only(county):
    found = hazard(county)
    for name in ("grid", "other_grid", "street", "district"):
        before = snapshot(found)
        with pytest.raises(Invalid) as refused:
            step(county, found, "move", area=county.area(name))
        assert refused.value.field == "area" and snapshot(found) == before, name
    # to who may not, nothing is told of where it is
    with pytest.raises(NotPermitted):
        step(county, found, "move", by=county.user(OTHER), area=county.area("grid"))
    answer = client(county, "village_mediator").post(
        f"{API}/hazards/{found.pk}/transitions/move/", {"area": "990102001", "reason": "x"}, format="json"
    )
    assert answer.status_code == 400 and "area" in str(answer.json()["errors"])
    # a position stays where it lies in the grid it is handed to
    found = hazard(county, actor=county.mediator, area=None, longitude=112.905, latitude=28.205)
    found = step(county, found, "move", area=county.area("community"))
    assert (found.area.code, found.longitude) == ("990102001001", 112.905)


def test_what_is_decided_stays_where_it_is(county):
    for state in ("excluded", "converted"):
        with pytest.raises(Conflict):
            step(county, in_state(county, state), "move")
