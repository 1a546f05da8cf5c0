"""How the cost of a period is shared: among subsidy, public income and households, then among the dwellings.

Pure: ``Decimal`` yuan of two places in and out, exact fractions and whole fen in between. Nothing is ever lost or
made by rounding: each share is rounded down to the fen, and the fen that are left go to the largest remainders, one
each (Hamilton's method; equal remainders in the order given). So the parts always add up to what was shared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

SUBSIDY, INCOME, HOUSEHOLD = "subsidy", "public_income", "household"


class CannotSplit(ValueError):
    """The cost cannot be shared like this; ``code`` says why (``too_much_fixed``, ``nobody``)."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Term:
    """What one source bears: a ``fixed`` amount in yuan, or a ``weight`` of what the fixed amounts leave."""

    source: str
    weight: Fraction = Fraction(0)
    fixed: Decimal | None = None


@dataclass(frozen=True)
class Shared:
    """A cost shared out, in yuan: ``parts`` by source, ``charges`` by dwelling (they add up to the household part)."""

    parts: dict[str, Decimal]
    charges: dict[int, Decimal]


def fen_of(amount: Decimal) -> int:
    """Return an amount in whole fen. Raises ValueError when it is not exact to the fen."""
    fen = amount * 100
    if fen != fen.to_integral_value():
        raise ValueError(f"{amount} is not exact to the fen")
    return int(fen)


def yuan_of(fen: int) -> Decimal:
    """Return whole fen as yuan with two places."""
    return Decimal(fen).scaleb(-2).quantize(Decimal("0.01"))


def by_weight(fen: int, weights: Sequence[Fraction]) -> list[int]:
    """Share ``fen`` (0 or more) by ``weights`` (each 0 or more) with the largest remainders; the parts add up to it.

    Raises CannotSplit when there is something to share and no weight above 0.
    """
    if fen < 0 or any(weight < 0 for weight in weights):
        raise ValueError("neither amounts nor weights can be below 0")
    whole = sum(weights, Fraction(0))
    if not whole:
        if fen:
            raise CannotSplit("nobody")
        return [0] * len(weights)
    # Over one common denominator everything is a whole number: no fraction is made for each of thousands of dwellings.
    scale = _common([weight.denominator for weight in weights])
    units = [weight.numerator * (scale // weight.denominator) for weight in weights]
    total = sum(units)
    parts = [fen * unit // total for unit in units]
    remainders = [fen * unit % total for unit in units]
    order = sorted(range(len(units)), key=lambda place: (-remainders[place], place))
    for place in order[: fen - sum(parts)]:
        parts[place] += 1
    return parts


def _common(denominators: Sequence[int]) -> int:
    scale = 1
    for one in set(denominators):
        scale = Fraction(scale, one).numerator * one
    return scale


def among_sources(total: Decimal, terms: Sequence[Term]) -> dict[str, Decimal]:
    """Share a cost among sources: fixed amounts first, what they leave by weight.

    Raises CannotSplit when the fixed amounts exceed the cost, or nobody bears what they leave.
    """
    rest = fen_of(total) - sum(fen_of(term.fixed) for term in terms if term.fixed is not None)
    if rest < 0:
        raise CannotSplit("too_much_fixed")
    weights = [term.weight if term.fixed is None else Fraction(0) for term in terms]
    shares = by_weight(rest, weights)
    return {
        term.source: yuan_of(share) if term.fixed is None else yuan_of(fen_of(term.fixed))
        for term, share in zip(terms, shares, strict=True)
    }


def among_dwellings(amount: Decimal, weights: Mapping[int, Fraction]) -> dict[int, Decimal]:
    """Share the household part among dwellings by their weights, in the order of the mapping."""
    parts = by_weight(fen_of(amount), list(weights.values()))
    return {key: yuan_of(part) for key, part in zip(weights, parts, strict=True)}


def share_out(total: Decimal, terms: Sequence[Term], weights: Mapping[int, Fraction]) -> Shared:
    """Share the whole cost of a period. Raises CannotSplit."""
    parts = among_sources(total, terms)
    return Shared(parts, among_dwellings(parts.get(HOUSEHOLD, Decimal("0.00")), weights))
