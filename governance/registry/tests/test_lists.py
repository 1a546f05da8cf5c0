"""Lists of the registry: who opens them, what they hold, statements that do not grow, filters, the queue."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.models import Building, Dwelling, Estate, Ownership, Residency, User
from governance.registry.services import ownership_enter, residency_claim
from governance.registry.tests.doors import API, api, browser, list_of, page_of
from governance.workflow import act

LISTS = ["estates", "buildings", "dwellings", "residencies", "ownerships"]
STAFF = ["administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
         "community_staff"]  # fmt: skip
SEES_PEOPLE = {"administrator", "grid_worker", "community_staff"}


def more(registry, number: int) -> None:
    """One more of everything, with a claim and an owner of each new dwelling."""
    place = {"building": registry.building, "area": registry.city.grid}
    Estate.objects.create(code=f"e{number}", name=f"小区{number}", area=registry.city.community)
    Building.objects.create(estate=registry.estate, number=f"1{number}", area=registry.city.grid)
    dwelling = Dwelling.objects.create(
        code=f"gy-3-2-6{number:02}", entrance=registry.home.entrance, number=f"6{number:02}", **place
    )
    user = User.objects.create_user(f"r{number}", name=f"居民{number}")
    residency_claim(actor=user, dwelling=dwelling, kind="tenant")
    for name in ("甲", "乙"):
        ownership_enter(actor=registry.user("community_staff"), dwelling=dwelling, owner_name=f"{name}{number}",
                        share_denominator=2, reason="房产证")  # fmt: skip


@pytest.mark.parametrize("role", STAFF)
def test_who_opens_which_list(registry, role):
    for name in LISTS:
        people = name in ("residencies", "ownerships")
        expected = 200 if not people or role in SEES_PEOPLE else 403
        assert api(registry.user(role)).get(f"{API}{name}/").status_code == expected, name
    for user in (registry.user("resident"), None):
        assert all(api(user).get(f"{API}{name}/").status_code == (403 if user else 401) for name in LISTS)


@pytest.mark.parametrize("role", STAFF)
def test_lists_hold_what_lies_in_the_area_and_nothing_else(registry, role):
    registry.claim(dwelling=registry.away)
    registry.claim()
    everywhere = role in STAFF[:6]
    for name, key, here, there in [("estates", "code", "gy", "ly"), ("buildings", "estate", "gy", "ly"),
                                   ("dwellings", "code", "gy-3-2-501", "ly-1-101"),
                                   ("residencies", "dwelling", "gy-3-2-501", "ly-1-101")]:  # fmt: skip
        response = api(registry.user(role)).get(f"{API}{name}/")
        if response.status_code == 403:
            continue
        found = {row[key] for row in response.json()["results"]}
        # the estate lies in the community, above the grid worker's grid
        assert (here in found) == (role != "grid_worker" or name != "estates"), (name, found)
        assert (there in found) == everywhere, name


@pytest.mark.parametrize("role", ["administrator", "grid_worker", "community_staff"])
def test_the_api_needs_the_same_few_statements_for_any_number_of_rows(registry, role):
    def ask():
        counts = {}
        for name in LISTS:
            client = api(registry.user(role))
            with CaptureQueriesContext(connection) as caught:
                assert client.get(f"{API}{name}/").status_code == 200
            counts[name] = len(caught)
        return counts

    more(registry, 1)
    few = ask()
    for number in range(2, 6):
        more(registry, number)
    assert ask() == few
    assert max(few.values()) <= 6, few


@pytest.mark.parametrize("name", ["estate", "building", "dwelling", "residency", "ownership"])
@pytest.mark.parametrize("role", ["administrator", "grid_worker"])
def test_the_admin_needs_the_same_statements_for_any_number_of_rows(registry, name, role):
    client = browser(registry.user(role))

    def ask():
        with CaptureQueriesContext(connection) as caught:
            page = client.get(list_of(name), {"state": "all"} if name in ("residency", "ownership") else {})
            assert page.status_code == 200
        return len(caught), len(page.context["cl"].result_list)

    more(registry, 1)
    ask()
    few, rows = ask()
    for number in range(2, 6):
        more(registry, number)
    again, more_rows = ask()
    assert again == few <= 12
    assert more_rows > rows or (name, role) == ("estate", "grid_worker")


def test_the_own_list_needs_the_same_statements_for_any_number_of_rows(registry):
    resident = registry.user("resident")

    def ask():
        client = api(resident)
        with CaptureQueriesContext(connection) as caught:
            response = client.get(f"{API}me/dwellings/")
        return len(caught), len(response.json())

    registry.claim()
    registry.claim(Ownership)
    few = ask()
    for dwelling in (registry.flat, registry.away):
        registry.claim(dwelling=dwelling)
        registry.claim(Ownership, dwelling=dwelling)
    assert (few[0], ask()) == (few[0], (few[0], 6)) and few[0] <= 6


FILTERS = [
    ("estates", {"text": "桂"}, {"gy"}),
    ("estates", {"active": "false"}, set()),
    ("buildings", {"estate": "gy", "text": "3"}, {"gy"}),
    ("buildings", {"area": "990102002"}, {"ly"}),
    ("dwellings", {"estate": "ly"}, {"ly-1-101"}),
    ("dwellings", {"building": "3"}, {"gy-3-2-501", "gy-3-2-502"}),
    ("dwellings", {"use": "parking"}, set()),
    ("dwellings", {"text": "502"}, {"gy-3-2-502"}),
    ("dwellings", {"area": "990102002"}, {"ly-1-101"}),
    ("residencies", {"state": "verified"}, set()),
    ("residencies", {"state": ["claimed", "verified"], "kind": "owner"}, {"gy-3-2-501"}),
    ("residencies", {"dwelling": "gy-3-2-502"}, set()),
    ("residencies", {"estate": "gy", "area": "990102001"}, {"gy-3-2-501"}),
]


@pytest.mark.parametrize(("name", "asked", "expected"), FILTERS)
def test_filters_narrow_the_lists(registry, name, asked, expected):
    registry.claim()
    rows = api(registry.user("administrator")).get(f"{API}{name}/", asked).json()["results"]
    key = {"residencies": "dwelling", "buildings": "estate"}.get(name, "code")
    assert {row[key] for row in rows} == expected


@pytest.mark.parametrize(
    ("name", "asked"),
    [("dwellings", {"estate": "x"}), ("dwellings", {"use": "castle"}), ("residencies", {"state": "x"}),
     ("ownerships", {"voter": "perhaps"}), ("estates", {"area": "1"}), ("estates", {"page_size": "0"})],
)  # fmt: skip
def test_a_filter_that_cannot_be_meant_is_named(registry, name, asked):
    response = api(registry.user("administrator")).get(f"{API}{name}/", asked)
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, next(iter(asked)))


def test_pages_follow_each_other(registry):
    for number in range(1, 4):
        more(registry, number)
    client, url, seen = api(registry.user("administrator")), f"{API}dwellings/?page_size=2", []
    while url:
        page = client.get(url).json()
        seen += [row["code"] for row in page["results"]]
        url = page["next"]
    assert len(seen) == len(set(seen)) == Dwelling.objects.count()


def test_the_queue_shows_claims_until_something_else_is_asked_for(registry):
    done = act(registry.claim(), "verify", actor=registry.user("community_staff"))
    waits = registry.claim(dwelling=registry.flat)
    client = browser(registry.user("community_staff"))

    def shown(**asked):
        return {row.pk for row in client.get(list_of("residency"), asked).context["cl"].result_list}

    assert shown() == {waits.pk}
    assert shown(state="verified") == {done.pk}
    assert shown(state="all") == {done.pk, waits.pk}
    assert shown(state="nonsense") == set()


def test_claims_wait_on_the_first_page_of_those_who_decide(registry):
    tie = registry.claim()
    registry.claim(Ownership)
    own = registry.claim(dwelling=registry.flat, actor=registry.user("community_staff"))
    page = browser(registry.user("community_staff")).get("/admin/")
    lists = {found.key: found for found in page.context["work_lists"]}
    # the own claim is somebody else's to decide
    assert [row.url for row in lists["residency-claims"].rows] == [page_of(tie)] and page_of(own) not in str(lists)
    assert lists["ownership-claims"].count == 1
    for role in ("grid_worker", "registrar"):
        lists = browser(registry.user(role)).get("/admin/").context["work_lists"]
        assert not any(found.key.endswith("-claims") for found in lists)
    outside = browser(registry.city.outsider("community_staff")).get("/admin/").context["work_lists"]
    assert {found.key: found.count for found in outside if found.key.endswith("-claims")} == {
        "residency-claims": 0, "ownership-claims": 0,
    }  # fmt: skip


def test_an_estate_is_entered_with_its_buildings_and_a_building_with_its_entrances(registry):
    staff, city = registry.user("community_staff"), registry.city
    client = browser(staff)
    parts = {f"buildings-{name}": value for name, value in {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0}.items()}
    parts |= {"buildings-0-number": "1", "buildings-0-is_active": "on"}
    body = {"code": "ny", "name": "南苑", "area": city.community.pk, "address": "", "is_active": "on",
            "system": "gcj02", "longitude": "112.905", "latitude": "28.205"}  # fmt: skip
    add = list_of("estate") + "add/"
    assert client.post(add, body | parts).status_code == 302
    estate = Estate.objects.get(code="ny")
    assert 112.89 < estate.longitude < 112.903 and estate.buildings.get().area == city.community
    # and somewhere else it is refused, with nothing stored
    refused = client.post(add, body | parts | {"code": "oy", "area": city.other_community.pk})
    assert refused.status_code == 403 and not Estate.objects.filter(code="oy").exists()
    too_large = client.post(add, body | parts | {"code": "oy", "area": city.street.pk})
    assert too_large.status_code == 200 and not Estate.objects.filter(code="oy").exists()
    # and the building gets its grid and entrances on its own page, which links to its dwellings
    building = estate.buildings.get()
    page = list_of("building") + f"{building.pk}/change/"
    assert "building__id__exact" in client.get(page).content.decode()
    body = {"number": "1", "name": "", "area": city.grid.pk, "floors": "6", "is_active": "on",
            "entrances-TOTAL_FORMS": 1, "entrances-INITIAL_FORMS": 0, "entrances-0-number": "1"}  # fmt: skip
    assert client.post(page, body).status_code == 302
    building.refresh_from_db()
    assert building.area == city.grid and building.entrances.get().number == "1"
    flat = {"building": building.pk, "entrance_number": "1", "number": "101", "floor": "1",
            "floor_area": "60.5", "use": "residential", "code": "", "is_active": "on"}  # fmt: skip
    assert client.post(list_of("dwelling") + "add/", flat).status_code == 302
    assert Dwelling.objects.get(code="ny-1-1-101").area == city.grid
    for change in ({"number": "102", "entrance_number": "7"}, {"floor": "2"}, {"number": "102", "floor_area": "0"}):
        assert client.post(list_of("dwelling") + "add/", flat | change).status_code == 200, change
    assert Dwelling.objects.filter(building=building).count() == 1
    address = list_of("dwelling") + f"{Dwelling.objects.get(code='ny-1-1-101').pk}/change/"
    assert client.post(address, flat | {"floor_area": "61"}).status_code == 302
    assert str(Dwelling.objects.get(code="ny-1-1-101").floor_area) == "61.00"


@pytest.mark.parametrize("name", ["estate", "building", "dwelling"])
def test_places_elsewhere_do_not_exist(registry, name):
    row = {"estate": Estate, "building": Building, "dwelling": Dwelling}[name].objects.order_by("id").first()
    address = list_of(name) + f"{row.pk}/change/"
    outside = browser(registry.city.outsider("community_staff"))
    assert outside.get(address).status_code == 404
    assert outside.post(address, {"name": "x", "number": "9"}).status_code == 404
    worker = browser(registry.user("grid_worker"))
    assert worker.get(address).status_code == (404 if name == "estate" else 200)
    assert worker.post(address, {"name": "x", "number": "9"}).status_code in (403, 404)
    assert Residency.objects.count() == 0
