"""Fixtures every app's tests may use: a small city with units, one person per role, a category and its standards."""

import math
from dataclasses import dataclass, field
from datetime import date

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password

from cases import classifier
from cases.models import (
    CaseCategory,
    CategoryKind,
    FilingStandard,
    StageLimit,
    StandardUnit,
    Target,
    UnitAlias,
    UnitPart,
)
from cases.services import case_open, case_report
from governance import test_emptying, test_template
from governance.models import Appointment, Area, AreaKind, OrgUnit, Role, User
from governance.scoping import forget_grants

PASSWORD = "correct horse battery"
SINCE = date(2020, 1, 1)  # from when people hold their roles: before any day a test travels to


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings):
    """Uploads of a test go to a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _no_text_model():
    """As in a process that has looked and found no text model; taking one into use looks again."""
    classifier._rows.update(dict.fromkeys(Target.values, (math.inf, None)))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """A worker's database is a copy of the one that was built while the workers started."""
    test_template.use()


def pytest_configure():
    test_emptying.replace_flush()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    # Each client of a test makes the middleware anew, and whitenoise would go through all static files each time: that
    # was most of the time of a request. The product does it once.
    settings.WHITENOISE_AUTOREFRESH = True


def square(west: float, south: float, size: float = 0.01) -> dict:
    """Return a GeoJSON square with its south-west corner at (west, south), sides of ``size`` degrees."""
    east, north = west + size, south + size
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


@dataclass
class City:
    """A city with two streets: ``grid`` under the first, ``other_grid`` under the second; everything by short names.

    Areas: city, district, street, other_street, community, other_community, grid, other_grid (squares of 0.01 degrees;
    the grid's south-west corner is 112.90, 28.20, the other's 112.92, 28.20). Units: centre, municipal, urban, water,
    street, community, inactive. People: ``user(role)`` works in ``community`` or the whole city as the role needs;
    ``outsider(role)`` has the same role in the other street or another unit.
    """

    areas: dict = field(default_factory=dict)
    units: dict = field(default_factory=dict)
    people: dict = field(default_factory=dict)
    category: CaseCategory | None = None
    standard: FilingStandard | None = None  # 井盖倾斜: municipal leads, urban supervises, water assists, 2 urgent hours
    roleless: FilingStandard | None = (
        None  # leads by the role 产权单位, which only the first street resolves (to water)
    )

    point = (112.905, 28.205)
    other_point = (112.925, 28.205)
    outside_point = (100.0, 20.0)

    def __getattr__(self, name):
        for group in ("areas", "units"):
            found = self.__dict__.get(group, {})
            if name in found:
                return found[name]
        raise AttributeError(name)

    def area(self, code_or_name):
        return self.areas[code_or_name]

    def unit(self, code):
        return self.units[code]

    def user(self, role) -> User:
        return self._anew(str(role))

    def outsider(self, role) -> User:
        return self._anew(f"outside_{role}")

    def _anew(self, key: str) -> User:
        """Return a person who remembers no roles of an earlier step of the test, as in a request of its own."""
        forget_grants(self.people[key])
        return self.people[key]

    def report(self, **given):
        """A case in state reported, by a resident who did not sign in."""
        given = {"actor": User.objects.system("public"), "source": "resident", "description": "井盖歪了",
                 "longitude": self.point[0], "latitude": self.point[1]} | given  # fmt: skip
        return case_report(**given)

    def open(self, **given):
        """A case opened by a sensor: dispatched to municipal under ``standard``."""
        given = {"actor": User.objects.system("devices"), "source": "sensor", "description": "井盖倾斜告警",
                 "category": self.category, "standard": self.standard, "area": self.areas["grid"]} | given  # fmt: skip
        return case_open(**given)


AREAS = [  # name, kind, code, parent, boundary
    ("city", "city", "990100", None, square(112.80, 28.10, 0.30)),
    ("district", "district", "990102", "city", square(112.85, 28.15, 0.20)),
    ("street", "street", "990102001", "district", square(112.90, 28.20, 0.01)),
    ("other_street", "street", "990102002", "district", square(112.92, 28.20, 0.01)),
    ("community", "community", "990102001001", "street", square(112.90, 28.20, 0.01)),
    ("other_community", "community", "990102002001", "other_street", square(112.92, 28.20, 0.01)),
    ("grid", "grid", "990102001001001", "community", square(112.90, 28.20, 0.01)),
    ("other_grid", "grid", "990102002001001", "other_community", square(112.92, 28.20, 0.01)),
]
UNITS = [  # name, kind, area
    ("centre", "operations_centre", "city"),
    ("municipal", "department", "city"),
    ("urban", "department", "city"),
    ("water", "department", "city"),
    ("street_office", "street_office", "street"),
    ("committee", "community_committee", "community"),
    ("other_committee", "community_committee", "other_community"),
]
PEOPLE = [  # key, role, unit, area
    ("administrator", Role.ADMINISTRATOR, "centre", "city"),
    ("operations_centre", Role.OPERATIONS_CENTRE, "centre", "city"),
    ("registrar", Role.REGISTRAR, "centre", "city"),
    ("dispatcher", Role.DISPATCHER, "centre", "city"),
    ("handler", Role.HANDLER, "municipal", "city"),
    ("supervisor", Role.SUPERVISOR, "urban", "city"),
    ("grid_worker", Role.GRID_WORKER, "committee", "grid"),
    ("community_staff", Role.COMMUNITY_STAFF, "committee", "community"),
    ("outside_administrator", Role.ADMINISTRATOR, "other_committee", "other_street"),
    ("outside_operations_centre", Role.OPERATIONS_CENTRE, "centre", "other_street"),
    ("outside_registrar", Role.REGISTRAR, "centre", "other_street"),
    ("outside_dispatcher", Role.DISPATCHER, "centre", "other_street"),
    ("outside_handler", Role.HANDLER, "water", "other_street"),
    ("outside_supervisor", Role.SUPERVISOR, "municipal", "city"),
    ("outside_grid_worker", Role.GRID_WORKER, "other_committee", "other_grid"),
    ("outside_community_staff", Role.COMMUNITY_STAFF, "other_committee", "other_community"),
]


def build_city() -> City:
    """Make the city in the current database, with few statements: nearly every test does."""
    made = City()
    for kind in AreaKind.values:
        level = [row for row in AREAS if row[1] == kind]
        rows = [
            Area(kind=kind, code=code, name=f"{name}区", parent=made.areas.get(parent), boundary=boundary)
            for name, kind, code, parent, boundary in level
        ]
        Area.objects.bulk_create(rows)
        fresh = Area.objects.in_bulk([row.code for row in rows], field_name="code")  # with what triggers filled in
        made.areas |= {name: fresh[code] for name, _kind, code, *_rest in level}
    units = [OrgUnit(code=name, name=f"{name}单位", kind=kind, area=made.areas[area]) for name, kind, area in UNITS]
    units.append(OrgUnit(code="inactive", name="撤销单位", kind="department", area=made.areas["city"], is_active=False))
    made.units = {unit.code: unit for unit in OrgUnit.objects.bulk_create(units)}
    _people(made)
    _catalogue(made)
    return made


def _people(made: City) -> None:
    password = make_password(PASSWORD)
    staff = [User(username=key, name=f"{key}员", is_staff=True, password=password) for key, *_rest in PEOPLE]
    residents = [User(username=key, name=f"{key}民", password=password) for key in ("resident", "outside_resident")]
    made.people = {user.username: user for user in User.objects.bulk_create([*staff, *residents])}
    Appointment.objects.bulk_create(
        Appointment(user=made.people[key], unit=made.units[unit], role=role, area=made.areas[area], valid_from=SINCE)
        for key, role, unit, area in PEOPLE
    )


def _catalogue(made: City) -> None:
    scheme = {"scheme": "test", "scheme_version": "1", "kind": CategoryKind.COMPONENT}
    parent = CaseCategory.objects.create(code="01", name="公用设施", **scheme)
    made.category = CaseCategory.objects.create(code="0101", name="井盖", parent=parent, on_the_spot=True, **scheme)
    limit = {"category": made.category, "limit_amount": 2, "limit_unit": "urgent_hour"}
    made.standard, made.roleless = FilingStandard.objects.bulk_create(
        [
            FilingStandard(condition_code="tilted", condition="井盖倾斜", **limit),
            FilingStandard(condition_code="broken", condition="井盖破损", **limit),
        ]
    )
    parts = [("lead", "municipal"), ("assisting", "water"), ("supervising", "urban")]
    StandardUnit.objects.bulk_create(
        [
            *(
                StandardUnit(standard=made.standard, part=part, unit=made.units[unit], position=place)
                for place, (part, unit) in enumerate(parts)
            ),
            StandardUnit(standard=made.roleless, part=UnitPart.LEAD, role_name="产权单位"),
        ]
    )
    UnitAlias.objects.create(role_name="产权单位", area=made.areas["street"], unit=made.units["water"])
    limits = [("verification", 24, "urgent_hour"), ("acceptance", 2, "work_hour"), ("dispatch", 2, "work_hour"),
              ("inspection", 2, "work_hour"), ("closing", 1, "work_day")]  # fmt: skip
    StageLimit.objects.bulk_create(
        StageLimit(stage=stage, limit_amount=amount, limit_unit=unit) for stage, amount, unit in limits
    )


@pytest.fixture
def city(db) -> City:
    """The small city, for tests that run in a transaction of their own."""
    return build_city()
