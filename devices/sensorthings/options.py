"""What a request of SensorThings asks for: the query options of its address, and those nested in ``$expand``."""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from devices.sensorthings.failure import BAD, Failure

USUAL, MOST = 100, 1000  # rows of a page
MOST_SKIPPED = 10_000
DEEPEST = 4
KNOWN = {"$filter", "$orderby", "$top", "$skip", "$count", "$select", "$expand", "$skiptoken", "$resultFormat"}


@dataclass
class Options:
    """The options of one collection. ``top`` None: not said. ``order``: (path, descending)."""

    filter: str = ""
    order: list[tuple[str, bool]] = field(default_factory=list)
    top: int | None = None
    skip: int = 0
    count: bool = False
    select: list[str] = field(default_factory=list)
    expand: dict[str, "Options"] = field(default_factory=dict)
    token: str = ""


def options_of(given: dict[str, str], *, depth: int = 0) -> Options:
    """Read query options. Raises Failure naming the one that cannot be read."""
    unknown = sorted(name for name in given if name.startswith("$") and name not in KNOWN)
    if unknown:
        raise refusal(unknown[0], _("There is no such option."))
    if given.get("$resultFormat"):
        raise refusal("$resultFormat", _("Only plain JSON is answered."))
    found = Options(
        filter=given.get("$filter", "").strip(),
        order=_order(given.get("$orderby", "")),
        top=_number(given, "$top", MOST) if "$top" in given else None,
        skip=_number(given, "$skip", None) if "$skip" in given else 0,
        count=_flag(given, "$count"),
        select=[name.strip() for name in given.get("$select", "").split(",") if name.strip()],
        token=given.get("$skiptoken", ""),
    )
    if found.skip > MOST_SKIPPED:
        raise refusal("$skip", _("At most 10000 rows can be skipped: follow @iot.nextLink instead."))
    for item in _split(given.get("$expand", ""), ","):
        _add(found.expand, item.strip(), depth)
    return found


def refusal(option: str, detail: str) -> Failure:
    """Return the failure of one option."""
    return Failure(BAD, "invalid_option", f"{option}: {detail}")


def _number(given: dict[str, str], name: str, most: int | None) -> int:
    text = given[name]
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise refusal(name, _("A whole number from 0 is needed."))
    return int(text) if most is None else min(int(text), most)


def _flag(given: dict[str, str], name: str) -> bool:
    text = given.get(name, "false")
    if text not in ("true", "false"):
        raise refusal(name, _("Either true or false."))
    return text == "true"


def _order(text: str) -> list[tuple[str, bool]]:
    found = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"([@\w./]+)(?:\s+(asc|desc))?", item, re.IGNORECASE)
        if match is None:
            raise refusal("$orderby", _("“%(item)s” is not a property and a direction.") % {"item": item})
        found.append((match[1], (match[2] or "").lower() == "desc"))
    return found


def _add(expand: dict[str, Options], item: str, depth: int) -> None:
    """Take up one item of ``$expand``: ``A``, ``A/B`` or ``A($top=1;$expand=B)``."""
    if depth >= DEEPEST:
        raise refusal("$expand", _("At most four levels can be expanded."))
    match = re.fullmatch(r"(\w+)(?:/(.+)|\((.*)\))?", item, re.DOTALL)
    if match is None:
        raise refusal("$expand", _("“%(item)s” cannot be read.") % {"item": item})
    name, further, inner = match.groups()
    if further:
        _add(expand.setdefault(name, Options()).expand, further, depth + 1)
        return
    given = {}
    for part in _split(inner or "", ";"):
        key, equals, value = part.strip().partition("=")
        if not equals:
            raise refusal("$expand", _("“%(item)s” cannot be read.") % {"item": part})
        given[key] = value
    expand[name] = options_of(given, depth=depth + 1)


def _split(text: str, mark: str) -> list[str]:
    """Split at a mark that stands outside of brackets and quotes."""
    parts, level, quoted = [""], 0, False
    for sign in text:
        quoted ^= sign == "'"
        if not quoted:
            level += (sign == "(") - (sign == ")")
        if sign == mark and not quoted and level == 0:
            parts.append("")
        else:
            parts[-1] += sign
    if level or quoted:
        raise refusal("$expand", _("A bracket or quote is not closed."))
    return [part for part in parts if part.strip()]
