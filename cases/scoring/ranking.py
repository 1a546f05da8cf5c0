"""From figures to scores and ranks: the weighted mean of a formula, "sample too small" instead of a number."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from cases.models import ScoreFormula, ScoreWeight
from cases.scoring.figures import Figures

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Term:
    """What one indicator gives to a score. ``points`` is empty where its sample is too small."""

    weight: ScoreWeight
    points: Decimal | None


@dataclass(frozen=True)
class Scored:
    """A score with its terms; ``score`` is empty where a term is."""

    score: Decimal | None
    terms: tuple[Term, ...]


def score_of(formula: ScoreFormula, figures: Figures) -> Scored:
    """Return ``scale`` × the weighted mean of the indicators (1 − value where inverse), rounded half up to 0.01.

    ``formula``: with its weights loaded. Every weighted indicator needs ``minimum_sample`` rows.
    """
    weights = list(formula.weights.all())
    total = sum(Fraction(one.weight) for one in weights)
    terms, sum_of_points = [], Fraction(0)
    for one in weights:
        figure = figures[one.indicator]
        if figure.denominator < formula.minimum_sample:
            terms.append(Term(one, None))
            continue
        value = 1 - figure.share if one.inverse else figure.share
        points = Fraction(formula.scale) * Fraction(one.weight) * value / total
        sum_of_points += points
        terms.append(Term(one, _rounded(points)))
    enough = bool(terms) and all(term.points is not None for term in terms)
    return Scored(_rounded(sum_of_points) if enough else None, tuple(terms))


def _rounded(exact: Fraction) -> Decimal:
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(CENT, ROUND_HALF_UP)


def ranks(scores: Mapping) -> dict:
    """Return the rank by key, 1 for the highest score; equal scores share one, keys without a score have none."""
    with_score = sorted((score for key, score in scores.items() if score is not None and key is not None), reverse=True)
    return {
        key: with_score.index(score) + 1 if score is not None and key is not None else None
        for key, score in scores.items()
    }


@dataclass(frozen=True)
class Place:
    """Where a key stands."""

    key: int | None
    name: str
    rank: int | None
    score: Decimal | None


def places_of(formula: ScoreFormula | None, found: Mapping[int | None, Figures], names: Mapping) -> list[Place]:
    """Return the keys by rank; those without one (or all, without a formula) by name, nameless last."""
    scores = {key: score_of(formula, figures).score if formula else None for key, figures in found.items()}
    by_key = ranks(scores)
    places = [Place(key, names.get(key, ""), by_key[key], scores[key]) for key in found]
    return sorted(places, key=lambda one: (one.rank is None, one.rank, one.key is None, one.name))
