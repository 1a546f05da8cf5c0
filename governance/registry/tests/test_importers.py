"""Spreadsheets of the registry: bad rows named with their field, whole or nothing, repeatable without duplicates."""

from fractions import Fraction

import pytest
from django.test.utils import override_settings

from governance.errors import Conflict
from governance.exchange.engine import RowsRefused, check, run
from governance.exchange.files import Source
from governance.exchange.importers import grant_to_import, importers
from governance.models import Building, Dwelling, Entrance, Estate, Event, Ownership, Residency, User
from governance.registry.importers import BuildingImporter, DwellingImporter, EstateImporter
from governance.registry.owner_importer import OwnershipImporter

ESTATES = "code,name,area,address,longitude,latitude,coordinate_system\n"
BUILDINGS = "estate,number,name,area,floors\n"
DWELLINGS = "estate,building,entrance,number,floor,floor_area,use,code\n"
OWNERS = "dwelling,owner_name,owner_phone,share,is_voter,valid_from\n"


def file(text: str) -> Source:
    return Source("registry.csv", text.encode())


def counts(report) -> tuple:
    return report.adds, report.changes, report.same, report.error_count


def imported(cls, text, actor):
    return run(cls(), file(text), actor=actor)


def wrong(cls, text, actor) -> list[tuple[int, str]]:
    """Lines and columns to blame; nothing is stored."""
    with pytest.raises(RowsRefused) as refused:
        imported(cls, text, actor)
    assert counts(check(cls(), file(text), actor=actor))[3] == refused.value.report.error_count
    return [(error.line, error.column) for error in refused.value.report.errors]


@pytest.fixture
def admin(registry) -> User:
    return registry.user("administrator")


def test_a_whole_estate_comes_from_four_files_and_again_without_a_second_effect(registry, admin):
    city = registry.city
    files = [
        (EstateImporter, ESTATES + f"ny,南苑,{city.community.code},南路1号,112.905,28.205,gcj02\n"),
        (BuildingImporter, BUILDINGS + f"ny,1,,{city.grid.code},6\nny,2,东楼,,\n"),
        (DwellingImporter, DWELLINGS + "ny,1,1,101,1,60.5,,\nny,1,1,102,1,61,residential,\nny,1,2,101,1.0,,商业,\n"
                                       "ny,2,,商1,-1,12,commercial,ny-shop\n"),
        (OwnershipImporter, OWNERS + "ny-1-1-101,李一,+99900000301,1/2,是,2001/5/6\nny-1-1-101,李二,,50%,,\n"
                                     "ny-1-1-102,张三,,,,2001年5月6日\n"),
    ]  # fmt: skip
    with override_settings(LANGUAGE_CODE="zh-hans"):
        first = [counts(imported(cls, text.replace("商业", "commercial"), admin)) for cls, text in files]
        again = [counts(imported(cls, text.replace("商业", "commercial"), admin)) for cls, text in files]
    # then everything is there once, where it lies
    assert first == [(1, 0, 0, 0), (2, 0, 0, 0), (4, 0, 0, 0), (3, 0, 0, 0)]
    assert again == [(0, 0, 1, 0), (0, 0, 2, 0), (0, 0, 4, 0), (0, 0, 3, 0)]
    assert Building.objects.get(estate__code="ny", number="2").area == city.community
    assert Entrance.objects.filter(building__estate__code="ny").count() == 2
    flat = Dwelling.objects.get(code="ny-1-1-101")
    assert (flat.area, flat.floor, str(flat.floor_area)) == (city.grid, 1, "60.50")
    owners = Ownership.objects.current().filter(area=city.grid).order_by("id")
    assert [(row.share, row.is_voter) for row in owners] == [
        (Fraction(1, 2), True), (Fraction(1, 2), False), (Fraction(1), True),
    ]  # fmt: skip
    assert Event.objects.filter(name="ownership.verified", subject_type="governance.ownership").count() == 3
    assert "李" not in " ".join(str(event.payload) for event in Event.objects.all())


def test_changes_are_made_and_dwellings_and_people_follow_their_building(registry, admin):
    tie = registry.claim()
    text = ESTATES + f"gy,桂园新村,{registry.city.community.code},,,,\n"
    assert counts(imported(EstateImporter, text, admin)) == (0, 1, 0, 0)
    text = BUILDINGS + f"gy,3,,{registry.city.community.code},18\n"
    assert counts(imported(BuildingImporter, text, admin)) == (0, 1, 0, 0)
    text = DWELLINGS + "gy,3,2,501,5,90.25,,\n"
    assert counts(imported(DwellingImporter, text, admin)) == (0, 1, 0, 0)
    home = Dwelling.objects.get(code="gy-3-2-501")
    assert (str(home.floor_area), home.area) == ("90.25", registry.city.community)
    assert Residency.objects.get(pk=tie.pk).area == registry.city.community
    assert Estate.objects.get(code="gy").name == "桂园新村"


def test_bad_rows_are_named_with_their_field_and_nothing_is_stored(registry, admin):
    city, places = registry.city, [Estate, Building, Dwelling, Ownership]
    before = [model.objects.count() for model in places]
    good = f"ny,南苑,{city.community.code},,,,\n"
    assert wrong(EstateImporter, ESTATES + good + f"a,甲,{city.street.code},,,,\nb,乙,1,,,,\n,丙,{city.grid.code},,,,\n"
                 f"c,丁,{city.grid.code},,112.9,,\nd,戊,{city.grid.code},,112.9,28.2,mars\n{good}", admin) == [
        (3, "area"), (4, "area"), (5, "code"), (6, "longitude"), (7, "coordinate_system"), (8, ""),
    ]  # fmt: skip
    assert wrong(BuildingImporter, BUILDINGS + f"x,1,,,\ngy,9,,{city.other_grid.code},\ngy,8,,,ten\ngy,7,,,300\n",
                 admin) == [(2, "estate"), (3, "area"), (4, "floors"), (5, "floors")]  # fmt: skip
    assert wrong(DwellingImporter, DWELLINGS + "x,3,2,1,,,,\ngy,9,2,1,,,,\ngy,3,2,1,x,,,\ngy,3,2,1,,-5,,\n"
                 "gy,3,2,1,,,castle,\ngy,3,2,601,,,,gy-3-2-502\ngy,3,2,,,,,\n", admin) == [
        (2, "estate"), (3, "building"), (4, "floor"), (5, "floor_area"), (6, "use"), (7, "code"), (8, "number"),
    ]  # fmt: skip
    home = "gy-3-2-501"
    assert wrong(OwnershipImporter, OWNERS + f"x,甲,,,,\n{home},甲,12,,,\n{home},甲,,3/2,,\n{home},甲,,x,,\n"
                 f"{home},甲,,1/2,perhaps,\n{home},甲,,1/2,,2026-13-01\n{home},甲,,1/2,,2999-01-01\n"
                 f"{home},乙,,2/3,是,\n{home},丙,,1/2,,\n{home},丁,,1/3,是,\n", admin) == [
        (2, "dwelling"), (3, "owner_phone"), (4, "share"), (5, "share"), (6, "is_voter"), (7, "valid_from"),
        (8, "valid_from"), (10, "share"), (11, "is_voter"),
    ]  # fmt: skip
    assert [model.objects.count() for model in places] == before


def test_a_share_is_corrected_and_never_beyond_the_whole(registry, admin):
    registry.owner("甲", (1, 2))
    registry.owner("乙", (1, 2))
    phone = "+99900009999"
    text = OWNERS + f"gy-3-2-501,甲,{phone},1/3,,\ngy-3-2-501,乙,{phone},2/3,是,\n"
    assert counts(imported(OwnershipImporter, text, admin)) == (0, 2, 0, 0)
    assert {row.owner_name: (row.share, row.is_voter) for row in Ownership.objects.all()} == {
        "甲": (Fraction(1, 3), False), "乙": (Fraction(2, 3), True),
    }  # fmt: skip
    assert Event.objects.filter(name="ownership.corrected").count() == 2
    assert wrong(OwnershipImporter, OWNERS + "gy-3-2-501,丙,,0.1,,\n", admin) == [(2, "share")]


def test_somebody_confirmed_while_the_file_was_read_is_not_overlooked(registry, admin):
    class Interrupted(OwnershipImporter):
        """Between reading and saving, the community confirms somebody else."""

        def save(self, planned):
            registry.owner("后来的", (2, 3))
            super().save(planned)

    with pytest.raises(Conflict):
        run(Interrupted(), file(OWNERS + "gy-3-2-501,甲,,1/2,,\n"), actor=admin)
    assert not Ownership.objects.exists()


def test_the_estate_cannot_leave_its_buildings_behind(registry, admin):
    text = ESTATES + f"gy,桂园,{registry.city.other_community.code},,,,\n"
    assert wrong(EstateImporter, text, admin) == [(2, "area")]


@pytest.mark.parametrize("cls", [EstateImporter, BuildingImporter, DwellingImporter, OwnershipImporter])
def test_imports_reach_as_far_as_the_person(registry, cls):
    city = registry.city
    rows = {
        EstateImporter: ESTATES + f"gy,改名,{city.community.code},,,,\n",
        BuildingImporter: BUILDINGS + "gy,9,,,\n",
        DwellingImporter: DWELLINGS + "gy,3,2,777,,,,\n",
        OwnershipImporter: OWNERS + "gy-3-2-501,甲,,,,\n",
    }
    # who keeps the registry elsewhere finds nothing here
    assert wrong(cls, rows[cls], city.outsider("community_staff"))[0][0] == 2
    # who keeps it here does, and so does a process
    assert counts(imported(cls, rows[cls], registry.user("community_staff")))[3] == 0
    assert counts(imported(cls, rows[cls], User.objects.system("devices"))) == (0, 0, 1, 0)
    # and other roles may not begin
    assert cls in importers().values()
    for role in ("grid_worker", "registrar", "handler", "resident"):
        assert grant_to_import(cls, registry.user(role)) is None, role
