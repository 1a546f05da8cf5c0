"""What must be there before a file is archived. Who keeps a kind of paper registers what it asks for."""

from collections.abc import Callable, Iterable

from mediation.models import Dispute

_checks: list[Callable[[Dispute], Iterable[str]]] = []


def completeness_check(function: Callable[[Dispute], Iterable[str]]) -> Callable[[Dispute], Iterable[str]]:
    """Register ``function(dispute)``: it yields a translated sentence for each thing that is missing."""
    _checks.append(function)
    return function


def missing_of(dispute: Dispute) -> list[str]:
    """Return what is missing before the file of a dispute may be archived; empty where it is complete."""
    return [str(sentence) for check in _checks for sentence in check(dispute)]
