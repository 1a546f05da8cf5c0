"""Device types in scenes: what the operations centre counts of them, and how they travel with their scene."""

import pytest

from cases.models import Scene, SceneCategory, SceneUnit
from cases.tests.api import client_of
from devices.models import Device, DeviceProfile
from devices.tests.fleet import build_fleet, message
from governance.models import OrgUnit
from governance.practice import package as practice

pytestmark = pytest.mark.django_db
API = "/api/v1/overview/"


@pytest.fixture
def fleet(city):
    """The fleet, with its covers in the scene 防汛排涝."""
    fleet = build_fleet(city)
    scene = Scene.objects.create(code="flood", name="防汛排涝", area=city.city)
    SceneCategory.objects.create(scene=scene, category=city.category)
    SceneUnit.objects.create(scene=scene, unit=city.water)
    DeviceProfile.objects.filter(pk=fleet.cover_profile.pk).update(scene=scene)
    return fleet


def figures_for(user) -> dict[str, dict]:
    [scene] = client_of(user).get(API).json()["scenes"]
    return {figure["key"]: figure for figure in scene["figures"] if figure["key"] in ("devices", "alarms")}


def test_devices_and_alarms_are_counted_beside_the_cases_as_each_person_may_see_them(fleet):
    # given an alarm of a cover, one of a bin that is in no scene, and a cover out of use
    fleet.ingest(message(0, status="tilted", metrics={"tilt": 20}), message(0, device="TB-001", status="full"))
    Device.objects.create(
        code="MC-800", name="旧井盖", profile=fleet.cover_profile, area=fleet.city.grid, longitude=112.905,
        latitude=28.205, unit=fleet.city.municipal, state="retired",
    )  # fmt: skip
    for user, devices, alarms in (
        (fleet.city.user("operations_centre"), 2, 1),
        (fleet.city.outsider("operations_centre"), 1, 0),
    ):
        found = figures_for(user)
        assert {key: figure["count"] for key, figure in found.items()} == {"devices": devices, "alarms": alarms}
        # then each figure leads to what it counts, for people and for programs
        client = client_of(user)
        for figure in found.values():
            assert len(client.get(figure["cases"]).json()["results"]) == figure["count"], figure
            assert client.get(figure["page"]).context["cl"].result_count == figure["count"], figure
    assert OrgUnit.objects.get(code="water").name == "water单位"


def test_an_alarms_case_names_the_type_of_its_device_for_rules(fleet):
    fleet.ingest(message(0, status="tilted", metrics={"tilt": 20}))
    case = fleet.city.category.cases.get()
    assert case.origin["profile"] == "manhole_cover" and case.origin["device"] == "MC-001"


def test_scenes_travel_with_the_practice_and_device_types_with_them(fleet):
    city = fleet.city
    package = practice.written(actor=city.user("administrator"), only=["scenes", "device_profiles"])
    assert package["parts"]["scenes"][0]["children"]["categories"] == [{"category": ["test", "1", "0101"]}]
    rows = {row["key"][0]: row["fields"]["scene"] for row in package["parts"]["device_profiles"]}
    assert rows == {"manhole_cover": ["flood"], "trash_bin": None}
    DeviceProfile.objects.update(scene=None)
    Scene.objects.all().delete()
    practice.apply(package, actor=city.user("administrator"))
    arrived = Scene.objects.get(code="flood")
    assert (arrived.area, [row.category for row in arrived.categories.all()]) == (city.city, [city.category])
    assert not arrived.units.exists(), "units are this place's own"
    assert DeviceProfile.objects.get(code="manhole_cover", state="draft").scene == arrived
