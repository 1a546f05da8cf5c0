"""The type of a hazard or a signal by its words, until a person says it."""

from collections.abc import Mapping

from mediation.disputes.typing import learnt, type_guesses
from mediation.models import DisputeType

# How likely a type must be before a record is counted under it: most of what the hotline hears is no dispute [J].
SURE = 0.5


def type_guessed(words: str) -> DisputeType | None:
    """Return the likeliest type of a hazard; None without words or types."""
    found = type_guesses(words)
    return found[0][0] if found else None


def type_if_sure(text: str, types: Mapping[str, DisputeType]) -> DisputeType | None:
    """Return the type of a record among ``types`` (by code) where its words leave little doubt; no statements."""
    if not text:
        return None
    model = learnt()
    shares = model.probabilities(text)
    best = int(shares.argmax())
    return types.get(model.labels[best]) if shares[best] >= SURE else None
