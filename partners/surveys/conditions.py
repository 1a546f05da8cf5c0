"""Conditions and jumps as they are stored: JSON, read into what ``branching`` asks.

``{"match": "all" | "any", "atoms": [{"question": "q1", "op": "is", "value": "a"}]}``; a jump is
``{"to": "q7" | "end", "when": condition | null}``.
"""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from governance.errors import Invalid
from partners.surveys.branching import OPERATORS, Atom, Condition, Jump

MOST_ATOMS, MOST_JUMPS = 6, 6


def condition_of(stored: Mapping | None) -> Condition | None:
    """Return a stored condition."""
    if not stored:
        return None
    atoms = tuple(Atom(one["question"], one["op"], one.get("value", "")) for one in stored["atoms"])
    return Condition(stored["match"], atoms) if atoms else None


def jumps_of(stored: list) -> tuple[Jump, ...]:
    """Return stored jumps."""
    return tuple(Jump(one["to"], condition_of(one.get("when"))) for one in stored)


def condition_read(value: object) -> dict | None:
    """Return a condition somebody sent as it is stored. Raises Invalid for what has another shape."""
    if value is None or value == {}:
        return None
    if not isinstance(value, Mapping) or value.get("match") not in ("all", "any"):
        raise _misshapen("show_if")
    atoms = value.get("atoms")
    if not isinstance(atoms, list) or len(atoms) > MOST_ATOMS:
        raise _misshapen("show_if")
    return {"match": value["match"], "atoms": [_atom(one) for one in atoms]} if atoms else None


def _atom(value: object) -> dict:
    if not isinstance(value, Mapping) or value.get("op") not in OPERATORS:
        raise _misshapen("show_if")
    return {"question": _key(value.get("question")), "op": value["op"], "value": _key(value.get("value", ""))}


def jumps_read(value: object) -> list:
    """Return jumps somebody sent as they are stored. Raises Invalid for what has another shape."""
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MOST_JUMPS:
        raise _misshapen("jumps")
    if not all(isinstance(one, Mapping) for one in value):
        raise _misshapen("jumps")
    return [{"to": _key(one.get("to")), "when": condition_read(one.get("when"))} for one in value]


def _key(value: object) -> str:
    if not isinstance(value, str) or len(value) > 20 or "\0" in value:
        raise _misshapen("show_if")
    return value


def _misshapen(field: str) -> Invalid:
    return Invalid(_("This is no condition."), field=field, code="invalid")
