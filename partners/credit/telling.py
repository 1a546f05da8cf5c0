"""A file in plain words: what each line counts, how it was computed, and the facts it was computed from."""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from partners.credit.facts import source_label
from partners.credit.reckoning import MEANS
from partners.models import CreditComputation, CreditLine
from partners.models.credit import LOWERING


@dataclass(frozen=True)
class ToldFact:
    """A fact of a line; ``url``: its page in the administration, "" where it has none; ``note``: id of the note."""

    what: str
    when: str
    figure: str
    source: str
    url: str
    note: int | None


@dataclass(frozen=True)
class ToldLine:
    """A line: its key, label, how it was computed in one sentence, what it counts, its facts."""

    line: str
    label: str
    how: str
    value: Decimal
    lowers: bool
    facts: list[ToldFact]


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def how_told(line: CreditLine) -> str:
    """Return how a line came to what it counts, such as ``24 × 0.1 = 2.40, at most 30``."""
    figure = {"figure": _plain(line.figure), "weight": _plain(line.weight), "value": f"{line.value}",
              "cap": _plain(line.cap), "count": len(line.facts)}  # fmt: skip
    if not line.facts:
        return _("nothing in this year")
    if line.line in MEANS:
        text = _("mean of %(count)d results: %(figure)s × %(weight)s → %(value)s (at most %(cap)s)")
    elif line.line in LOWERING:
        text = _("%(figure)s × %(weight)s → %(value)s (at most −%(cap)s); only facts you were told of")
    else:
        text = _("%(figure)s × %(weight)s → %(value)s (at most %(cap)s)")
    return text % figure


def _url(label: str, pk) -> str:
    try:
        return reverse(f"admin:{label.replace('.', '_')}_change", args=[pk]) if label and pk else ""
    except NoReverseMatch:
        return ""


def _fact(fact: dict) -> ToldFact:
    note = fact.get("note")
    url = _url("partners.creditnote", note) if note else _url(fact["evidence_type"], fact["evidence_id"])
    source = source_label(fact["source"]) if fact["source"] else _("recorded by a person")
    return ToldFact(fact["what"], fact["when"], fact["figure"], source, url, note)


def lines_told(computation: CreditComputation) -> list[ToldLine]:
    """Return the lines of a computation, explained; reads ``lines`` as loaded."""
    return [
        ToldLine(row.line, row.get_line_display(), how_told(row), row.value, row.line in LOWERING,
                 [_fact(fact) for fact in row.facts])
        for row in computation.lines.all()
    ]  # fmt: skip


def sum_told(computation: CreditComputation) -> str:
    """Return how the score came about: the base, the lines, the bounds."""
    formula = computation.formula
    return _("base %(base)s and all lines: %(raw)s; between %(floor)s and %(ceiling)s: %(score)s") % {
        "base": _plain(formula.base), "raw": f"{computation.raw}", "floor": _plain(formula.floor),
        "ceiling": _plain(formula.ceiling), "score": f"{computation.score}",
    }  # fmt: skip
