"""What evidence and origins are called. The apps that bring them register their words here."""

from collections.abc import Callable

from cases.models import Case, CaseEvidence

_kinds: dict[str, tuple[str, Callable[[dict], str]]] = {}
_origins: dict[str, str] = {}


def register_kind(kind: str, label, tell: Callable[[dict], str]) -> None:
    """Name a kind of evidence; ``tell`` turns its data into what a person reads."""
    _kinds[kind] = (label, tell)


def register_origin(key: str, label) -> None:
    """Name a key of ``Case.origin`` that means something to people."""
    _origins[key] = label


def told(evidence: CaseEvidence) -> dict:
    """Return what a person reads of a piece of evidence: label, text, happened_at."""
    label, tell = _kinds.get(evidence.kind, (evidence.kind, lambda data: ""))
    return {"label": label, "text": tell(evidence.data), "happened_at": evidence.happened_at}


def origin_of(case: Case) -> list[tuple[str, str]]:
    """Return what opened a case as (label, value), leaving out keys that mean nothing to people."""
    return [(_origins[key], _plain(value)) for key, value in case.origin.items() if key in _origins]


def _plain(value):
    """Return a value as people read it: the parts of one that has several, side by side."""
    return " ".join(str(part) for part in value.values() if part) if isinstance(value, dict) else value
