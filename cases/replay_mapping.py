"""What the columns of a file of past requests mean here: a small TOML file (``fixtures/replay/la311.toml`` is one).

::

    [source]                      # the named source that the cases come in through
    code = "la311"
    name = "历史工单"
    kind = "hotline"              # a Case.source
    time_zone = "America/Los_Angeles"    # of times that state none
    coordinates = "wgs84"         # or gcj02, bd09, cgcs2000

    [area]                        # where the cases lie; made without a boundary
    code = "990198"
    name = "历史回放区"

    [scheme]                      # of the categories below
    name = "历史回放"
    version = "1"

    [classes]
    R01 = "市容环境"

    [types."Bulky Items"]         # by the column ``type``
    class = "R01"
    category = "R0101"
    name = "大件废弃物"
    condition = "大件废弃物堆放在路边"   # filing condition, and the case's text
    limit = "5工作日"
    unit = "la311-bos"            # leads by the filing standard

    [units]                       # by ``owner/assigned_to``, or else by ``owner``: who leads; with the names to make
    BOS = {code = "la311-bos", name = "环卫局"}
    "BOS/NC" = {code = "la311-nc", name = "环卫局中北队"}

    [statuses]                    # closed, cancelled, rejected, handling or dispatched
    Closed = "closed"

    [steps]                       # when happened what the file does not know; without it, all at the closing
    start = 0.2                   # share of the time from opening to closing, at most half
    submit = 60                   # minutes before the closing, at most half of the time
    inspect = 20

A case whose owner's unit is not the one of the standard is dispatched to it by a dispatcher.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from cases.models import CaseSource
from governance.clock import Span, parse_limit
from governance.coordinates import SYSTEMS
from governance.errors import Invalid

ENDS = ("closed", "cancelled", "rejected", "handling", "dispatched")
CONDITION_CODE = "1"
HALF = 0.5


@dataclass(frozen=True)
class IncidentType:
    """One kind of request: its category, and the filing standard made for it."""

    parent: str
    category: str
    name: str
    condition: str
    limit: Span
    unit: str


@dataclass(frozen=True)
class Steps:
    """When happened what a file does not know: ``start`` as a share of the whole, the rest as time before closing."""

    start: float | None = None
    submit: timedelta = timedelta()
    inspect: timedelta = timedelta()

    def between(self, opened_at: datetime, closed_at: datetime) -> tuple[datetime, datetime, datetime]:
        """Return the moments of start, submit and inspect, in this order, none outside the two given."""
        whole = closed_at - opened_at
        before = {name: min(getattr(self, name), whole * share) for name, share in (("submit", HALF), ("inspect", 0.1))}
        start = closed_at - before["submit"] if self.start is None else opened_at + whole * self.start
        return start, closed_at - before["submit"], closed_at - min(before.values())


@dataclass(frozen=True)
class Mapping:
    """A file of past requests in our words. ``units`` gives the code of the unit by what the file calls it."""

    source: str
    source_name: str
    kind: str
    time_zone: ZoneInfo
    coordinates: str
    area: str
    area_name: str
    scheme: str
    scheme_version: str
    classes: dict[str, str]
    types: dict[str, IncidentType]
    units: dict[str, str]
    unit_names: dict[str, str]
    statuses: dict[str, str]
    steps: Steps = Steps()

    def unit_of(self, owner: str, assigned_to: str) -> str | None:
        """Return the code of the unit that led, or None where the mapping names none."""
        return self.units.get(f"{owner}/{assigned_to}") or self.units.get(owner)


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises Invalid naming what is missing or wrong in it (``types.Bulky Items.limit``)."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}", field="mapping", code="unreadable") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"{path}: {error}", field="mapping", code="unreadable") from error
    units = {name: _texts(value, f"units.{name}", "code", "name") for name, value in _table(given, "units").items()}
    codes = {name: unit["code"] for name, unit in units.items()}
    source = _texts(given.get("source"), "source", "code", "name", "kind", "time_zone", "coordinates")
    area = _texts(given.get("area"), "area", "code", "name")
    scheme = _texts(given.get("scheme"), "scheme", "name", "version")
    return Mapping(
        source=source["code"],
        source_name=source["name"],
        kind=_one_of(source["kind"], CaseSource.values, "source.kind"),
        time_zone=_zone(source["time_zone"]),
        coordinates=_one_of(source["coordinates"], SYSTEMS, "source.coordinates"),
        area=area["code"],
        area_name=area["name"],
        scheme=scheme["name"],
        scheme_version=scheme["version"],
        classes=_table(given, "classes"),
        types=_types(given, set(codes.values())),
        units=codes,
        unit_names={unit["code"]: unit["name"] for unit in units.values()},
        statuses={name: _one_of(value, ENDS, f"statuses.{name}") for name, value in _table(given, "statuses").items()},
        steps=_steps(given.get("steps", {})),
    )


def _wrong(what: str, detail: str) -> Invalid:
    return Invalid(f"{what}: {detail}", field=f"mapping.{what}", code="invalid")


def _table(given: dict, name: str) -> dict:
    found = given.get(name)
    if not isinstance(found, dict) or not found:
        raise _wrong(name, _("This part is missing."))
    return found


def _texts(given, where: str, *names: str) -> dict[str, str]:
    for name in names:
        if not isinstance(given, dict) or not isinstance(given.get(name), str) or not given[name]:
            raise _wrong(f"{where}.{name}", _("A text is needed here."))
    return given


def _one_of(value, choices, where: str) -> str:
    if value not in choices:
        raise _wrong(where, _("“%(value)s” is none of: %(labels)s.") % {"value": value, "labels": "、".join(choices)})
    return value


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise _wrong("source.time_zone", _("There is no time zone “%(name)s”.") % {"name": name}) from error


def _types(given: dict, units: set[str]) -> dict[str, IncidentType]:
    classes, found = _table(given, "classes"), {}
    for name, value in _table(given, "types").items():
        where = f"types.{name}"
        told = _texts(value, where, "class", "category", "name", "condition", "limit", "unit")
        try:
            limit = parse_limit(told["limit"]).span
        except ValueError as error:
            text = _("“%(limit)s” is no limit such as 2紧急工作时, 4小时 or 3个工作日.")
            raise _wrong(f"{where}.limit", text % {"limit": told["limit"]}) from error
        found[name] = IncidentType(
            parent=_one_of(told["class"], list(classes), f"{where}.class"),
            category=told["category"],
            name=told["name"],
            condition=told["condition"],
            limit=limit,
            unit=_one_of(told["unit"], sorted(units), f"{where}.unit"),
        )
    return found


def _steps(given) -> Steps:
    """Return when the steps lie that a file does not know."""
    values = {name: given.get(name, 0) for name in ("start", "submit", "inspect")} if isinstance(given, dict) else {}
    if not values or not all(isinstance(value, int | float) for value in values.values()):
        raise _wrong("steps", _("Numbers are needed: start, submit and inspect."))
    if not (0 <= values["start"] <= HALF and 0 <= values["inspect"] <= values["submit"]):
        raise _wrong("steps", _("start is a share up to 0.5, submit and inspect are minutes before the closing."))
    minutes = {name: timedelta(minutes=values[name]) for name in ("submit", "inspect")}
    return Steps(values["start"] if "start" in given else None, **minutes)
