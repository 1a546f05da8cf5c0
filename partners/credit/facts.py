"""Where the facts of credit files come from: each topic registers a function that tells those of a partner.

``register_facts(name, label, fn)``; ``fn(partner, first, last)`` returns ``Fact`` rows of days from ``first`` to
``last`` (both included). A fact of a lowering line never counts by itself: it becomes a ``CreditNote`` that the partner
is told of (``partners.credit.notes``), and that note counts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.utils import translation

from partners.models import Partner
from partners.models.credit import LOWERING, CreditKey


@dataclass(frozen=True)
class Fact:
    """One dated fact: ``what`` in words without names of people, ``when``, evidence (label of a model, id), ``figure``
    (points; 1 for each activity; the result of an evaluation in percent), and the ``line`` that it counts in.

    ``lowers``: it becomes a note. ``told_at``: when its own topic told the partner; for people to read only.
    """

    line: str
    what: str
    when: date
    evidence: tuple[str, int]
    figure: Decimal = Decimal(1)
    lowers: bool = False
    told_at: datetime | None = None

    def __post_init__(self):
        if self.line not in CreditKey.values or self.lowers != (self.line in LOWERING):
            raise ValueError(f"a fact of line {self.line} with lowers={self.lowers}")


Source = Callable[[Partner, date, date], Iterable[Fact]]
_sources: dict[str, tuple[str, Source]] = {}


def register_facts(name: str, label: str, fn: Source) -> None:
    """Ask ``fn(partner, first, last)`` for facts of every file; ``label`` is how people call where they come from."""
    _sources[name] = (label, fn)


def facts_of(partner: Partner, first: date, last: date) -> list[tuple[str, Fact]]:
    """Return (source, fact) pairs of all topics in a stable order."""
    with translation.override(settings.LANGUAGE_CODE):  # the words are kept
        found = [
            (name, fact)
            for name, (_label, fn) in _sources.items()
            for fact in fn(partner, first, last)
            if first <= fact.when <= last
        ]
    return sorted(found, key=lambda row: (row[1].when, row[0], row[1].line, row[1].evidence))


def source_label(name: str) -> str:
    """Return how people call a source of facts."""
    return str(_sources[name][0]) if name in _sources else name
