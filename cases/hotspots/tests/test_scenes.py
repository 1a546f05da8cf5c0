"""Hot spots of a scene through the page and the API: what is counted, where its figures lead, wrong questions."""

import pytest
from django.urls import reverse

from cases.hotspots.counting import count_changes
from cases.hotspots.tests.city import TODAY, many
from cases.hotspots.tests.test_doors import API, MAP, ROLES, SIGNALS, SPOT, a_signal, listed
from cases.models import CaseCategory, Scene
from cases.tests.api import client_of
from cases.tests.rules import a_scene

pytestmark = pytest.mark.django_db
DAYS = {"last": TODAY.isoformat(), "days": "7"}
ANSWERS = ["", "areas/", "types/", "trend/"]


@pytest.fixture
def busy(city):
    """Five covers at one spot and two in the other street, two stalls at the spot, three bins; all of today."""
    scheme = {"scheme": "test", "scheme_version": "1", "kind": "event"}
    streets = CaseCategory.objects.create(code="02", name="街面秩序", **scheme)
    city.stall = CaseCategory.objects.create(code="0201", name="占道", parent=streets, **scheme)
    city.bin = CaseCategory.objects.create(code="0202", name="垃圾", parent=streets, **scheme)
    many(city, *[SPOT] * 5)
    many(city, *[(112.9252, 28.2051)] * 2, area=city.other_grid)
    many(city, *[SPOT] * 2, category=city.stall)
    many(city, *[SPOT] * 3, category=city.bin)
    count_changes()
    return city


@pytest.fixture
def scenes(busy):
    """A scene of a class and a sub-class of another, one that holds in the other street only, one not in use."""
    found = {
        "mixed": a_scene(busy, "mixed", categories=[busy.category.parent, busy.stall]),
        "there": a_scene(busy, "there", categories=[busy.category.parent]),
        "old": a_scene(busy, "old", categories=[busy.category], is_active=False),
    }
    Scene.objects.filter(code="there").update(area=busy.other_street)  # as a city with several districts has it
    return found


def counts(user, **params) -> list[int]:
    """What each answer of the API counts in all."""
    told = {rest: client_of(user).get(API + rest, DAYS | params) for rest in ANSWERS}
    assert {answer.status_code for answer in told.values()} == {200}, [answer.content for answer in told.values()]
    rows = {rest: answer.json()["results"] for rest, answer in told.items()}
    assert {answer.json()["scene"] for answer in told.values()} == {params.get("scene")}
    return [
        told[""].json()["sums"]["cases"], *(sum(row["counted"]["cases"] for row in rows[rest]) for rest in ANSWERS[:3]),
        sum(row["cases"] for row in rows["trend/"]),
    ]  # fmt: skip


def test_a_scene_narrows_every_answer_of_the_api(busy, scenes):
    user = busy.user("dispatcher")
    for params, wanted in (
        ({}, 12), ({"scene": "mixed"}, 9), ({"scene": "there"}, 2), ({"scene": "mixed", "category": "02"}, 2),
        ({"scene": "mixed", "category": "0202"}, 0), ({"scene": "mixed", "area": busy.other_street.code}, 2),
        ({"scene": "there", "area": busy.city.code}, 2),
    ):  # fmt: skip
        assert counts(user, **params) == [wanted] * 5, params
    # of long windows, which are counted from weeks, too
    assert counts(user, scene="mixed", days="300")[:4] == [9] * 4
    (place,) = client_of(user).get(f"{API}repeats/", DAYS | {"scene": "mixed"}).json()["results"]
    assert (place["cases"], place["categories"]) == (7, ["0101", "0201"])
    assert client_of(user).get(f"{API}areas/", DAYS | {"scene": "there"}).json()["areas"] == [busy.other_street.code]


def test_regrouping_takes_effect_at_once(busy, scenes):
    scenes["mixed"].categories.filter(category=busy.stall).delete()
    assert counts(busy.user("dispatcher"), scene="mixed") == [7] * 5
    scenes["mixed"].categories.all().delete()
    assert counts(busy.user("dispatcher"), scene="mixed") == [0] * 5


def test_every_figure_of_the_page_leads_to_the_cases_of_the_scene(busy, scenes):
    user = busy.user("dispatcher")
    for scene, wanted in ((scenes["mixed"], 9), (scenes["there"], 2)):
        for by in ("9", "area"):
            context = client_of(user).get(MAP, DAYS | {"by": by, "scene": scene.pk}).context
            assert context["sums"]["counted"].cases == wanted
            for row in [context["sums"], *context["rows"], *context["types"]]:
                assert len(listed(user, row["url"])) == row["counted"].cases, row
            for row in context["repeats"]:
                assert len(listed(user, row["url"])) == row["place"].cases
            for shape in context["map_data"]["shapes"]:
                assert listed(user, shape["url"])


def test_a_scene_that_cannot_be_asked_for_is_named(busy, scenes):
    client = client_of(busy.user("dispatcher"))
    for given, attr in (({"scene": "nix"}, "scene"), ({"scene": "old"}, "scene"),
                        ({"scene": "there", "area": busy.street.code}, "area")):  # fmt: skip
        answer = client.get(API, DAYS | given)
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr), given
    for given, field in (({"scene": scenes["old"].pk}, "scene"), ({"scene": "x"}, "scene"),
                         ({"scene": scenes["there"].pk, "area": busy.street.pk}, "area")):  # fmt: skip
        page = client.get(MAP, DAYS | given)
        assert page.status_code == 400 and field in page.context["form"].errors, given
    # and a scene of elsewhere is nobody's whose area it does not touch
    staff = client_of(busy.user("community_staff"))
    assert staff.get(API, DAYS | {"scene": "there"}).status_code == 403
    assert staff.get(MAP, DAYS | {"scene": scenes["there"].pk}).status_code == 400


@pytest.mark.parametrize("role", ROLES)
def test_a_scene_opens_nothing_that_was_closed(busy, scenes, role):
    answer = client_of(busy.user(role)).get(API, DAYS | {"scene": "mixed"})
    plain = client_of(busy.user(role)).get(API, DAYS)
    assert answer.status_code == plain.status_code
    if answer.status_code == 200:
        seen = listed(busy.user(role), f"{reverse('admin:cases_case_changelist')}?scene={scenes['mixed'].pk}")
        assert answer.json()["sums"]["cases"] == len(seen)


def test_signals_are_listed_by_scene(busy, scenes):
    here = a_signal(busy)
    a_signal(busy, category=busy.bin)
    there, together = a_signal(busy, area="other_grid"), a_signal(busy, category=None)
    client = client_of(busy.user("dispatcher"))
    for scene, wanted in (("mixed", [there.pk, here.pk]), ("there", [there.pk])):
        listed_rows = client.get(SIGNALS, {"scene": scene}).json()["results"]
        assert [row["id"] for row in listed_rows] == wanted and together.pk not in wanted
        page = client.get(reverse("admin:cases_hotspotsignal_changelist"), {"scene": scenes[scene].pk})
        assert [row.pk for row in page.context["cl"].result_list] == wanted
        shown = client.get(MAP, DAYS | {"scene": scenes[scene].pk}).context["signals"]
        assert sorted(signal.pk for signal in shown) == sorted(wanted)
    assert client.get(SIGNALS, {"scene": "nix"}).json()["errors"][0]["attr"] == "scene"
