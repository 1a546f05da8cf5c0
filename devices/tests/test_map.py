"""The map of devices: who is on it, in which colour, and that it is counted where there are too many."""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.hotspots.cells import cell_at, larger, name_of
from devices import map as device_map
from devices.map import MOST_CELLS, look_of, map_of
from devices.models import Alarm, Device
from devices.tests.test_admin import client_of
from devices.tests.test_api_alarms import STAFF
from governance.admin.base import REFRESH_HEADER

pytestmark = pytest.mark.django_db
PAGE, API = "/admin/devices/device/map/", "/api/v1/devices/map/"
ALL = "112.8,28.1,113.1,28.4"


def now_message(device="MC-001", **said) -> dict:
    return {"device": device, "at": timezone.now().isoformat()} | said


@pytest.fixture
def told(fleet):
    """A tilted cover, a bin with a low battery, and a cover elsewhere that is well."""
    now = timezone.now()
    fleet.ingest(now_message(status="tilted"), now_message("TB-001", metrics={"battery": 15}), received_at=now)
    return fleet


def many(fleet, count: int, step: float = 0.0001) -> None:
    """Add covers in the first street."""
    Device.objects.bulk_create(
        Device(
            code=f"X-{number}", name="井盖", profile=fleet.cover_profile, area=fleet.city.grid,
            unit=fleet.city.municipal, longitude=112.9 + step * (number % 100), latitude=28.2 + step * (number // 100),
        )
        for number in range(count)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "alarms", "look"),
    [
        ("in_service", [], "normal"),
        ("in_service", [("tilted", "high", ""), ("battery_low", "low", "")], "high"),
        ("in_service", [("tilted", "high", "shelved"), ("battery_low", "low", "")], "low"),
        ("in_service", [("offline", "medium", "")], "away"),
        ("in_service", [("offline", "medium", "suppressed")], "away"),
        ("in_service", [("offline", "medium", ""), ("full", "medium", "")], "medium"),
        ("maintenance", [("tilted", "high", "out_of_service")], "away"),
        ("registered", [], "away"),
    ],
)
def test_how_a_device_looks(state, alarms, look):
    assert look_of(state, alarms) == look


def test_points_tell_how_devices_are_and_lead_to_them(told):
    response = client_of(told.city.user("dispatcher")).get(PAGE)
    marks = {mark["text"].split()[0]: mark for mark in response.context["shown"]["marks"]}
    assert {code: mark["tone"] for code, mark in marks.items()} == {
        "MC-001": "red", "TB-001": "blue", "MC-900": "green",
    }  # fmt: skip
    assert "井盖倾斜" in marks["MC-001"]["text"] and marks["MC-001"]["at"] == list(told.city.point)
    assert marks["MC-001"]["url"] == f"/admin/devices/device/{told.cover.pk}/change/"
    assert response.context["shown"]["looks"] == {"high": 1, "medium": 0, "low": 1, "away": 0, "normal": 1}
    # and a page that is open gets the same as JSON
    fresh = client_of(told.city.user("dispatcher")).get(PAGE, headers={REFRESH_HEADER: "1"}).json()
    assert fresh == response.context["shown"]


CHOICES = [
    ({"profile": "trash_bin"}, {"TB-001"}), ({"area": "990102002"}, {"MC-900"}), ({"alarm": "no"}, {"MC-900"}),
    ({"alarm": "yes"}, {"MC-001", "TB-001"}), ({"state": "disabled"}, set()),
    ({"bbox": "112.92,28.2,112.93,28.21"}, {"MC-900"}),
]  # fmt: skip
WRONG = [
    ({"profile": "nix"}, "profile"), ({"area": "1"}, "area"), ({"alarm": "?"}, "alarm"),
    ({"state": "retired"}, "state"), ({"bbox": "1,2,3"}, "bbox"), ({"bbox": "3,2,1,4"}, "bbox"),
    ({"bbox": "nan,0,1,1"}, "bbox"),
]  # fmt: skip


def test_choices_narrow_the_map_and_wrong_ones_are_named(told):
    client = client_of(told.city.user("dispatcher"))
    for query, codes in CHOICES:
        marks = client.get(PAGE, query).context["shown"]["marks"]
        assert {mark["text"].split()[0] for mark in marks} == codes, query
    for query, field in WRONG:
        response = client.get(PAGE, query)
        assert response.status_code == 400 and field in response.context["form"].errors, query
        told_so = client.get(PAGE, query, headers={REFRESH_HEADER: "1"})
        assert told_so.status_code == 400 and field in told_so.json()["errors"], query


def test_the_api_needs_a_rectangle_and_gives_geojson(told):
    client = client_of(told.city.user("dispatcher"))
    for bbox in (None, "", "a,b,c,d", "10,0,5,5", "0,0,1,inf", "-200,0,1,1"):
        answer = client.get(API, {} if bbox is None else {"bbox": bbox})
        assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == "bbox", bbox
    assert client.get(API, {"bbox": ALL, "profile": "nix"}).json()["errors"][0]["attr"] == "profile"
    answer = client.get(API, {"bbox": ALL, "alarm": "true"}).json()
    assert (answer["type"], answer["counted"], answer["total"]) == ("FeatureCollection", False, 2)
    first = next(row for row in answer["features"] if row["properties"]["code"] == "MC-001")
    assert first == {
        "type": "Feature", "geometry": {"type": "Point", "coordinates": list(told.city.point)},
        "properties": {"look": "high", "code": "MC-001", "name": told.cover.name, "profile": "manhole_cover",
                       "alarms": ["井盖倾斜"]},
    }  # fmt: skip
    assert client.get(API, {"bbox": "100,10,101,11"}).json()["features"] == []


def test_each_role_sees_its_own(told):
    def codes(user) -> set[str]:
        answer, page = client_of(user).get(API, {"bbox": ALL}), client_of(user).get(PAGE)
        if answer.status_code != 200:
            assert (answer.status_code, page.status_code) == (403, 302)
            return set()
        found = {row["properties"]["code"] for row in answer.json()["features"]}
        assert found == {mark["text"].split()[0] for mark in page.context["shown"]["marks"]}
        return found

    for role in [*STAFF, "resident"]:
        user = told.city.user(role)
        assert codes(user) == set(Device.objects.visible_to(user).values_list("code", flat=True)), role
        assert ("MC-001" in codes(told.city.outsider(role))) == (role == "supervisor"), role


def test_too_many_are_counted_by_hexagons(told, monkeypatch):
    # given more devices than may be shown apart
    monkeypatch.setattr(device_map, "MOST_POINTS", 50)
    many(told, 120)
    rows = Device.objects.visible_to(told.city.user("dispatcher"))
    found = map_of(rows, most=50)
    # then each is counted in the hexagon it stands in, and the worst gives the colour
    wanted = Counter(cell_at(*point, 9) for point in rows.values_list("longitude", "latitude"))
    assert found.places == [] and {cell.cell: cell.count for cell in found.cells} == wanted
    here = next(cell for cell in found.cells if cell.cell == cell_at(*told.city.point, 9))
    assert here.look == "high" and found.looks == {"normal": 121, "high": 1, "low": 1}
    # and no answer is larger than a map can show
    monkeypatch.setattr(device_map, "MOST_CELLS", 2)
    coarse = map_of(rows, most=50)
    assert len(coarse.cells) <= 2 < MOST_CELLS and coarse.looks == found.looks
    size = coarse.cells[0].cell >> 52 & 15
    assert {cell.cell for cell in coarse.cells} == {larger(cell, size) for cell in wanted}
    assert name_of(coarse.cells[0].cell)


def test_statements_do_not_grow(told):
    client = client_of(told.city.user("dispatcher"))

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(API, {"bbox": ALL}).status_code == 200
        return len(found)

    before = statements()
    many(told, 60)
    Alarm.objects.update(severity="medium")
    assert statements() == before


def test_the_list_finds_who_is_offline_or_runs_out_of_battery(told):
    # given a bin with a low battery and a cover that is silent
    now = timezone.now()
    Alarm.objects.create(
        device=told.far, alarm_type="offline", severity="medium", area=told.far.area, device_at=now, received_at=now,
        raised_at=now, last_at=now,
    )  # fmt: skip
    client = client_of(told.city.user("dispatcher"))

    def listed(**query) -> set[str]:
        response = client.get("/admin/devices/device/", query)
        return set(response.context["cl"].queryset.values_list("code", flat=True))

    def told_of(**query) -> set[str]:
        return {row["code"] for row in client.get("/api/v1/devices/", query).json()["results"]}

    assert listed(need="offline") == told_of(offline="true") == {"MC-900"}
    assert listed(need="battery") == told_of(battery_low="true") == {"TB-001"}
    assert told_of(offline="false") == {"MC-001", "TB-001"} and told_of(battery_low="false") == {"MC-001", "MC-900"}
    assert listed(need="unheard") == {"MC-900"} and listed(need="nix") == set()
    assert listed(unit=told.city.municipal.pk) == {"MC-001", "TB-001", "MC-900"} and listed(unit="0") == set()
