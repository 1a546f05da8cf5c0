"""A hazard found on a round of a whole township: where it is is asked for, without a position too."""

import uuid

import pytest

from cases.tests.patrols import a_beat, a_round
from governance.errors import Invalid
from governance.models import Appointment, OrgUnit, Role, User
from governance.workflow import act
from mediation.models import Hazard
from mediation.prevention.tests.test_doors import API, client
from mediation.prevention.tests.village import WORDS, hazard
from mediation.tests.county import SINCE

pytestmark = pytest.mark.django_db


@pytest.fixture
def township_round(county):
    """A round of the street, under way, walked by a grid worker of it."""
    beat = a_beat(county.city, area="street")
    patrol = a_round(beat)
    unit = OrgUnit.objects.get(code=beat.route.unit.code)
    county.people["walker"] = walker = User.objects.create(username="walker", name="巡查员", is_staff=True)
    Appointment.objects.create(user=walker, unit=unit, role=Role.GRID_WORKER, area=county.area("street"),
                               valid_from=SINCE)  # fmt: skip
    return act(patrol, "start", actor=walker), beat


def sent(county, patrol, **given):
    form = {"words": WORDS, "once": str(uuid.uuid4())} | given
    return client(county, "walker").post(f"/m/hazards/new/{patrol.pk}/", form, format="multipart")


def test_without_a_position_the_page_asks_in_which_community_it_is(county, township_round):
    patrol, _beat = township_round
    page = client(county, "walker").get(f"/m/hazards/new/{patrol.pk}/").content.decode()
    assert 'name="area"' in page and 'name="point"' in page
    assert 'value="990102001001"' in page and 'value="990102002001"' not in page, "areas of the round alone"
    # when nothing says where, then the field that is missing is marked
    answer = sent(county, patrol, area="")
    told = answer.content.decode()
    assert answer.status_code == 400 and told.count('class="error" id="id_area_error"') == 1
    assert not Hazard.objects.exists()
    # when the community is chosen, it is kept there, on the round
    assert sent(county, patrol, area="990102001001").status_code == 302
    found = Hazard.objects.get()
    assert (found.area, found.patrol, found.source) == (county.area("community"), patrol, "patrol")
    # another township's is not of this round
    assert sent(county, patrol, area="990102002001").status_code == 400 and Hazard.objects.count() == 1


def test_a_position_or_a_point_says_more_than_the_area_proposed(county, township_round):
    patrol, beat = township_round
    assert sent(county, patrol, longitude="112.905", latitude="28.205").status_code == 302
    assert sent(county, patrol, point=beat.points[0].pk).status_code == 302
    second, first = Hazard.objects.order_by("-pk")
    assert (first.area, first.point, first.longitude) == (county.area("grid"), None, 112.905)
    assert (second.area, second.point, second.longitude, second.place) == (
        county.area("grid"), beat.points[0], 112.902, "菜场门口",
    )  # fmt: skip
    other = a_beat(county.city, code="R-2").points[0]
    assert sent(county, patrol, point=other.pk).status_code == 400 and Hazard.objects.count() == 2


def test_a_round_of_a_community_asks_for_no_area(county):
    beat = a_beat(county.city)
    patrol = act(a_round(beat), "start", actor=county.user(Role.GRID_WORKER))
    worker = client(county, "grid_worker")
    page = worker.get(f"/m/hazards/new/{patrol.pk}/").content.decode()
    assert 'name="area"' not in page and 'name="point"' in page
    assert 'name="point"' not in worker.get("/m/hazards/new/").content.decode()


def test_the_api_takes_the_point_of_a_round(county, township_round):
    patrol, beat = township_round
    walker, body = client(county, "walker"), {"words": WORDS, "patrol": patrol.pk}
    for wrong, field in (({}, "area"), ({"point": 999_999}, "point"), ({"point": beat.points[0].pk, "patrol": None},
                                                                         "patrol")):  # fmt: skip
        answer = walker.post(f"{API}/hazards/", body | wrong, format="json")
        assert answer.status_code == 400 and f'"{field}"' in answer.content.decode(), (wrong, answer.content)
    assert not Hazard.objects.exists()
    assert walker.post(f"{API}/hazards/", body | {"point": beat.points[1].pk}, format="json").status_code == 201
    found = Hazard.objects.get()
    assert (found.point, found.area) == (beat.points[1], county.area("grid"))
    row = client(county, "village_mediator").get(f"{API}/hazards/{found.pk}/").json()
    assert row["point"] == beat.points[1].name


def test_a_point_is_one_of_a_round(county):
    point = a_beat(county.city).points[0]
    with pytest.raises(Invalid) as refused:
        hazard(county, point=point)
    assert refused.value.field == "patrol"
