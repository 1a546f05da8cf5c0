"""What a source's messages mean: which part of them is which of our fields.

A mapping is JSON, edited in the admin and kept with the source::

    {"time_zone": "Asia/Shanghai",
     "fields": {
        "external_id": {"path": "data.id"},
        "description": {"path": "join('：', [data.title, data.text])"},
        "standard":    {"path": "data.kind", "values": {"A01": "C0101/tilted", "*": ""}},
        "coordinate_system": {"default": "gcj02"},
        "occurred_at": {"path": "data.time", "format": "%Y/%m/%d %H:%M"}}}

``path`` is a JMESPath expression (jmespath.org); a plain path may use any letters (``数据.编号``). ``values`` turns
their words into ours, ``*`` standing for all others; a word it does not hold is an error. ``default`` is what holds
where the path finds nothing. ``format`` says how they write times: as for strptime, or ``iso`` (also when empty),
``epoch`` or ``epoch_ms``; times without a zone are in ``time_zone``. Without ``external_id`` a message is known by its
content.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from jmespath.exceptions import JMESPathError

from cases.intake.paths import expression, fault_of, read_keys
from governance.clock import SHANGHAI
from governance.errors import Invalid

FIELDS = {
    "external_id": gettext_lazy("number there"),
    "description": gettext_lazy("description"),
    "standard": gettext_lazy("filing standard"),
    "category": gettext_lazy("category"),
    "area": gettext_lazy("area"),
    "address": gettext_lazy("address"),
    "longitude": gettext_lazy("longitude"),
    "latitude": gettext_lazy("latitude"),
    "coordinate_system": gettext_lazy("coordinate system"),
    "occurred_at": gettext_lazy("happened at"),
    "reporter_name": gettext_lazy("reporter's name"),
    "reporter_phone": gettext_lazy("reporter's phone"),
}
MOMENTS = ("occurred_at",)
OTHERS = "*"
ISO, EPOCH, EPOCH_MS = "iso", "epoch", "epoch_ms"
PARTS = {"path": str, "default": str, "format": str, "values": dict}


@dataclass(frozen=True)
class Rule:
    """How one of our fields is found in a message."""

    path: str = ""
    default: str = ""
    format: str = ""
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """A mapping, checked."""

    fields: dict[str, Rule]
    time_zone: ZoneInfo


def rules_of(mapping: dict, known: Mapping[str, str] = FIELDS) -> Rules:
    """Return a mapping's rules; ``known`` are our fields by name, those of a case where nothing is said.

    Raises Invalid (field ``mapping``) that names the wrong part (``fields.area.path``).
    """
    if not isinstance(mapping, dict) or set(mapping) - {"fields", "time_zone"}:
        raise _wrong("", _("An object with “fields” and “time_zone” is needed."))
    given = mapping.get("fields", {})
    if not isinstance(given, dict):
        raise _wrong("fields", _("An object is needed."))
    for name in given:
        if name not in known:
            told = _("There is no such field. Fields: %(names)s.") % {"names": ", ".join(known)}
            raise _wrong(f"fields.{name}", told)
    return Rules({name: _rule(name, parts) for name, parts in given.items()}, _zone(mapping.get("time_zone")))


def _rule(name: str, told) -> Rule:
    where = f"fields.{name}"
    if not isinstance(told, dict):
        raise _wrong(where, _("An object is needed."))
    for part, value in told.items():
        if not isinstance(value, PARTS.get(part, ())):
            raise _wrong(f"{where}.{part}", _("Known are path, default, format (texts) and values (an object)."))
    for theirs, ours in told.get("values", {}).items():
        if not isinstance(ours, str):
            raise _wrong(f"{where}.values.{theirs}", _("A text is needed here."))
    if not told.get("path") and not told.get("default"):
        raise _wrong(where, _("A path or a default is needed."))
    if told.get("path") and (fault := fault_of(told["path"])):
        raise _wrong(f"{where}.path", fault)
    return Rule(**told)


def _zone(name) -> ZoneInfo:
    if not name:
        return SHANGHAI
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError) as error:
        raise _wrong("time_zone", _("There is no time zone “%(name)s”.") % {"name": name}) from error


def _wrong(where: str, detail: str) -> Invalid:
    return Invalid(f"{where}: {detail}" if where else detail, field="mapping", code="invalid_mapping")


@dataclass
class Reading:
    """What a message says, as texts by field of ours, and what could not be read."""

    values: dict[str, str] = field(default_factory=dict)
    errors: list[dict] = field(default_factory=list)

    def refuse(self, name: str, code: str, detail: str) -> None:
        self.errors.append({"field": name, "code": code, "detail": detail})


def read(rules: Rules, message, moments: Collection[str] = MOMENTS) -> Reading:
    """Find our fields in a message; pure. What is wrong is told by field, the other fields are read nevertheless.

    ``moments``: the fields that are times.
    """
    reading = Reading()
    if not isinstance(message, dict):
        reading.refuse("message", "not_an_object", _("A message is a JSON object."))
        return reading
    for name, rule in rules.fields.items():
        try:
            text = _told(rule, message)
            if name in moments and text:
                text = moment(text, rule.format, rules.time_zone).isoformat()
        except Invalid as error:
            reading.refuse(name, error.code, str(error.detail))
        else:
            if text:
                reading.values[name] = text
    return reading


def _told(rule: Rule, message: dict) -> str:
    text = _found(rule.path, message) if rule.path else ""
    if not text:
        return rule.default
    if not rule.values:
        return text
    ours = rule.values.get(text, rule.values.get(OTHERS))
    if ours is None:
        raise Invalid(_("The mapping does not know “%(value)s”.") % {"value": text[:100]}, code="unknown_value")
    return ours


def _found(path: str, message: dict) -> str:
    """Return what a path finds as text, "" for nothing. Raises Invalid for anything but one value."""
    try:
        value = expression(path).search(message)
    except JMESPathError as error:  # of another kind than the function wants: what a path itself has wrong is refused
        told = {"keys": "、".join(read_keys(path)) or path}  # when the mapping is saved (``paths.fault_of``)
        raise Invalid(_("The mapping reads %(keys)s here: one of them is missing, or no text.") % told,
                      code="path") from error  # fmt: skip
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int | float):
        raise Invalid(_("The path “%(path)s” finds more than one value.") % {"path": path}, code="not_one_value")
    return str(value).strip()


def moment(text: str, form: str, zone: ZoneInfo) -> datetime:
    """Read a time as a source writes it. Raises Invalid."""
    try:
        if form in (EPOCH, EPOCH_MS):
            return datetime.fromtimestamp(float(text) / (1000 if form == EPOCH_MS else 1), UTC)
        found = datetime.fromisoformat(text) if form in ("", ISO) else datetime.strptime(text, form)
    except (ValueError, OverflowError, OSError) as error:
        told = {"value": text[:100], "format": form or ISO}
        raise Invalid(_("“%(value)s” is no time of the form %(format)s.") % told, code="invalid") from error
    return found if found.tzinfo else found.replace(tzinfo=zone)
