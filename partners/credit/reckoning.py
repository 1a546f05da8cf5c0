"""From figures to a score, exactly. Pure: no models and no I/O.

A line's figure is the sum of its facts' figures (evaluations: their mean). It counts figure × weight, at most ``cap``
up or down, rounded once to hundredths, halves away from zero [J]. The score is the base and all lines added up, kept
within the bounds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

MEANS = ("evaluations",)
HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Weight:
    """What each unit of a line's figure counts, and the most that all together do."""

    line: str
    weight: Decimal
    cap: Decimal


@dataclass(frozen=True)
class Line:
    """A reckoned line: ``figure`` as shown (hundredths), ``value`` as it counts."""

    line: str
    figure: Decimal
    weight: Decimal
    cap: Decimal
    value: Decimal


@dataclass(frozen=True)
class Reckoned:
    """All lines, their sum with the base (``raw``) and the score within the bounds."""

    lines: tuple[Line, ...]
    raw: Decimal
    score: Decimal


def rounded(exact: Fraction) -> Decimal:
    """Return an exact number in hundredths, halves away from zero."""
    scaled = abs(exact) * 100
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    if 2 * rest >= scaled.denominator:
        whole += 1
    return Decimal(whole if exact >= 0 else -whole) * HUNDREDTH


def line_reckon(weight: Weight, figures: Sequence[Decimal]) -> Line:
    """Return what a line comes to."""
    figure = sum((Fraction(one) for one in figures), Fraction(0))
    if weight.line in MEANS and figures:
        figure /= len(figures)
    cap = Fraction(weight.cap)
    exact = max(-cap, min(cap, figure * Fraction(weight.weight)))
    return Line(weight.line, rounded(figure), weight.weight, weight.cap, rounded(exact))


def reckon(base: Decimal, bounds: tuple[Decimal, Decimal], weights: Sequence[Weight],
           figures: Mapping[str, Sequence[Decimal]]) -> Reckoned:  # fmt: skip
    """Return the score of figures by line. Lines that the formula does not name count nothing."""
    lines = tuple(line_reckon(weight, figures.get(weight.line, ())) for weight in weights)
    raw = sum((line.value for line in lines), base)
    return Reckoned(lines, raw, max(bounds[0], min(bounds[1], raw)))
