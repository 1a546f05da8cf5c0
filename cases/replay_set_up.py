"""What a replay of past requests needs in the database: made once, by an administrator, found again at each run."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import CaseCategory, CategoryKind, FilingStandard, IntakeSource, StandardUnit, UnitPart
from cases.replay_mapping import CONDITION_CODE, Mapping
from governance.configuration import configuration_rows_save, configuration_save
from governance.errors import Invalid
from governance.models import Appointment, Area, AreaKind, OrgUnit, Role, UnitKind, User

# Who files, dispatches and looks, all in the unit ``<source>-office``; a handler acts in each unit besides.
OFFICE = {"registrar": Role.REGISTRAR, "dispatcher": Role.DISPATCHER, "inspector": Role.GRID_WORKER}


@dataclass(frozen=True)
class Ground:
    """The rows a replay works with. ``standards`` by category code, ``handlers`` and ``units`` by unit code."""

    source: IntakeSource
    area: Area
    standards: dict[str, FilingStandard]
    units: dict[str, OrgUnit]
    handlers: dict[str, User]
    people: dict[str, User]


def user_name(mapping: Mapping, part: str) -> str:
    """Return the user name of an account that acts in the replay of a source."""
    return f"replay.{mapping.source}.{part}"


def office_code(mapping: Mapping) -> str:
    return f"{mapping.source}-office"


def ground_of(mapping: Mapping) -> Ground:
    """Find what ``replay_set_up`` made for a mapping; six statements. Raises Invalid naming what is missing."""
    source = IntakeSource.objects.select_related("area").filter(code=mapping.source, area__code=mapping.area).first()
    if source is None:
        raise _missing(f"{mapping.source} → {mapping.area}")
    units = OrgUnit.objects.in_bulk(mapping.unit_names, field_name="code")
    standards = {
        row.category.code: row
        for row in FilingStandard.objects.filter(
            category__scheme=mapping.scheme,
            category__scheme_version=mapping.scheme_version,
            condition_code=CONDITION_CODE,
        ).select_related("category")
    }
    parts = [*OFFICE, *mapping.unit_names]
    users = User.objects.in_bulk([user_name(mapping, part) for part in parts], field_name="username")
    needed = {kind.category for kind in mapping.types.values()}
    for there, wanted in ((units, mapping.unit_names), (standards, needed)):
        if lacking := sorted(set(wanted) - set(there)):
            raise _missing("、".join(lacking))
    if lacking := [part for part in parts if user_name(mapping, part) not in users]:
        raise _missing("、".join(lacking))
    people = {part: users[user_name(mapping, part)] for part in parts}
    return Ground(
        source=source,
        area=source.area,
        standards=standards,
        units=units,
        handlers={code: people[code] for code in mapping.unit_names},
        people={part: people[part] for part in OFFICE},
    )


def _missing(what: str) -> Invalid:
    return Invalid(
        _("The replay has not been set up: %(what)s is missing. Run it once with --set-up and an administrator's name.")
        % {"what": what},
        field="mapping",
        code="not_set_up",
    )


@transaction.atomic
def replay_set_up(mapping: Mapping, *, actor: User) -> Ground:
    """Make the area (a district without a boundary), units, categories, standards, source and accounts of a mapping.

    What is there already stays as it is. The categories are not in use: nobody reports under them today. The accounts
    have no password, no phone and no way into the admin: nobody signs in with them. Raises NotPermitted unless
    ``actor`` administers the whole city, Invalid for impossible values.
    """
    area = _made(Area, {"code": mapping.area}, actor, kind=AreaKind.DISTRICT, name=mapping.area_name, parent=_city())
    office = _made(
        OrgUnit, {"code": office_code(mapping)}, actor, name=mapping.source_name, kind=UnitKind.OTHER, area=area
    )
    units = {
        code: _made(OrgUnit, {"code": code}, actor, name=name, kind=UnitKind.DEPARTMENT, area=area)
        for code, name in mapping.unit_names.items()
    }
    _make_catalogue(mapping, units, actor)
    _made(
        IntakeSource, {"code": mapping.source}, actor, name=mapping.source_name, kind=mapping.kind, unit=office,
        area=area,
    )  # fmt: skip
    for part, role in OFFICE.items():
        _make_account(mapping, part, role, office, area, actor)
    for code, unit in units.items():
        _make_account(mapping, code, Role.HANDLER, unit, area, actor)
    return ground_of(mapping)


def _city() -> Area:
    cities = list(Area.objects.filter(parent=None, is_active=True)[:2])
    if len(cities) != 1:
        raise Invalid(_("There must be exactly one city to put the area under."), field="area", code="no_city")
    return cities[0]


def _made(model, key: dict, actor: User, **values):
    """Return the row of that key, made through ``configuration_save`` where there is none."""
    found = model.objects.filter(**key).first()
    if found is None:
        found = model(**key, **values)
        configuration_save(found, actor=actor, changed=[*key, *values])
        found.refresh_from_db()  # with what triggers filled in
    return found


def _make_catalogue(mapping: Mapping, units: dict[str, OrgUnit], actor: User) -> None:
    scheme = {"scheme": mapping.scheme, "scheme_version": mapping.scheme_version}
    classes = {
        code: _made(CaseCategory, {**scheme, "code": code}, actor, name=name, kind=CategoryKind.EVENT, is_active=False)
        for code, name in mapping.classes.items()
    }
    for kind in mapping.types.values():
        category = _made(
            CaseCategory, {**scheme, "code": kind.category}, actor, name=kind.name, kind=CategoryKind.EVENT,
            parent=classes[kind.parent], is_active=False,
        )  # fmt: skip
        standard = _made(
            FilingStandard, {"category": category, "condition_code": CONDITION_CODE}, actor, condition=kind.condition,
            limit_amount=kind.limit.amount, limit_unit=str(kind.limit.unit),
        )  # fmt: skip
        if not standard.units.exists():
            _add_units(standard, [StandardUnit(standard=standard, part=UnitPart.LEAD, unit=units[kind.unit])], actor)


def _add_units(standard: FilingStandard, rows: Iterable[StandardUnit], actor: User) -> None:
    configuration_rows_save(standard, actor=actor, name="units", saved=rows, removed=[])


def _make_account(mapping: Mapping, part: str, role: str, unit: OrgUnit, area: Area, actor: User) -> None:
    found = User.objects.filter(username=user_name(mapping, part)).first()
    if found is None:
        found = User(username=user_name(mapping, part), name=f"{mapping.source_name} · {Role(role).label} {unit.name}")
        found.name = found.name[: User._meta.get_field("name").max_length]
        found.set_unusable_password()
        configuration_save(found, actor=actor, changed=["username", "name"])
    _made(Appointment, {"user": found, "unit": unit, "role": role, "area": area}, actor)
