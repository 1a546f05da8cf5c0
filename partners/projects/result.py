"""The result of an evaluation: computed exactly from marks, explained line by line. Nothing here reads or writes data.

A mark of 1 to 5 counts 20 each, one of 0 to 100 as it is [J]. A person's score is the mean of their marks by the items'
weights; a party's the mean of its persons; the result the mean of the parties by their weights. A party without an
answer is left out, and the weights of the others make up the whole. All is exact (fractions); only what is shown is
rounded, half up, to two decimals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

FIVE = 20
HUNDREDTHS = 100


@dataclass(frozen=True)
class Given:
    """One mark: ``full`` says whether the scale is 0-100."""

    mark: int
    weight: int = 1
    full: bool = False

    @property
    def value(self) -> int:
        """The mark on the scale of 100."""
        return self.mark if self.full else self.mark * FIVE


@dataclass(frozen=True)
class PartyLine:
    """A party in the result: its exact score and which part of the whole it weighs; both None without an answer."""

    party: str
    weight: int
    persons: int
    score: Fraction | None
    part: Fraction | None

    @property
    def counted(self) -> Fraction:
        """What it adds to the result."""
        return Fraction(0) if self.score is None else self.score * self.part


def rounded(value: Fraction) -> Decimal:
    """Return a non-negative fraction with two decimals, half up."""
    hundredths = (value.numerator * HUNDREDTHS * 2 + value.denominator) // (value.denominator * 2)
    return Decimal(hundredths).scaleb(-2)


def person_score(marks: Sequence[Given]) -> Fraction:
    """Return the mean of a person's marks by weight."""
    return Fraction(sum(one.value * one.weight for one in marks), sum(one.weight for one in marks))


def lines_of(weights: Mapping[str, int], answers: Mapping[str, Sequence[Sequence[Given]]]) -> list[PartyLine]:
    """Return one line for each party that weighs something, in the order of ``weights``."""
    there = {party: answers.get(party) or [] for party, weight in weights.items() if weight}
    whole = sum(weights[party] for party, persons in there.items() if persons)
    lines = []
    for party, persons in there.items():
        score = sum((person_score(marks) for marks in persons), Fraction(0)) / len(persons) if persons else None
        part = Fraction(weights[party], whole) if persons else None
        lines.append(PartyLine(party, weights[party], len(persons), score, part))
    return lines


def result_of(lines: Sequence[PartyLine]) -> Fraction | None:
    """Return the exact result, or None where nobody answered."""
    if all(line.score is None for line in lines):
        return None
    return sum((line.counted for line in lines), Fraction(0))
