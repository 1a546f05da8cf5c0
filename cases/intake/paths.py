"""The paths of a mapping: JMESPath expressions (jmespath.org), read, judged before they are saved, and told."""

import re
from functools import lru_cache

import jmespath
from django.utils.translation import gettext as _
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

_PLAIN = re.compile(r"[^\W\d][\w-]*(\.[^\W\d][\w-]*)*")
# Parts of an expression of which only the first reads the message itself; the others read what that one found.
_OF_THE_FIRST = {
    "subexpression", "index_expression", "projection", "value_projection", "filter_projection", "flatten", "pipe",
}  # fmt: skip
_MESSAGE = ({"type": "current", "children": []}, {"type": "identity", "children": []})


@lru_cache(maxsize=2000)
def expression(path: str):
    """Return the compiled expression; the parts of a plain path are quoted, so that they may be of any letters.

    Raises JMESPathError."""
    if _PLAIN.fullmatch(path):
        path = ".".join(f'"{part}"' for part in path.split("."))
    return jmespath.compile(path)


def fault_of(path: str) -> str:
    """Return what is wrong with a path, in words for who writes mappings; "" where nothing is."""
    try:
        parsed = expression(path).parsed
    except JMESPathError as error:
        place = getattr(error, "lex_position", None)
        if place is None:
            return _("This path cannot be read.")
        return _("This path cannot be read from its character %(place)s on.") % {"place": place + 1}
    return next(filter(None, map(_call_fault, _calls(parsed))), "")


def _calls(node: dict):
    """Yield the calls of functions in an expression."""
    if node["type"] == "function_expression":
        yield node
    for part in node["children"]:
        yield from _calls(part)


def _call_fault(call: dict) -> str:
    """Return what is wrong with a call: no such function, or too few or many values. The library tells only when a
    message comes."""
    name, given = call["value"], len(call["children"])
    known = Functions.FUNCTION_TABLE.get(name)
    if known is None:
        told = {"name": name, "names": ", ".join(sorted(Functions.FUNCTION_TABLE))}
        return _("There is no function “%(name)s”. Functions: %(names)s.") % told
    wanted = known["signature"]
    many = any(part.get("variadic") for part in wanted)
    if given < len(wanted) or (given > len(wanted) and not many):
        told = {"name": name, "wanted": len(wanted), "given": given}
        return _("The function “%(name)s” takes %(wanted)s values, not %(given)s.") % told
    return ""


def read_keys(path: str) -> list[str]:
    """Return which keys of a message (headers of a file) a path reads, in their order: 诉求标题 and 诉求内容 of
    ``join('：', ["诉求标题", "诉求内容"])``. Raises JMESPathError."""
    return list(dict.fromkeys(_keys(expression(path).parsed)))


def _keys(node: dict) -> list[str]:
    if node["type"] == "field":
        return [node["value"]]
    parts = node["children"]
    if node["type"] in _OF_THE_FIRST:
        first, *others = parts
        parts = others[:1] if first in _MESSAGE else [first]  # ``@.诉求内容`` is the message's own too
    return [key for part in parts for key in _keys(part)]
