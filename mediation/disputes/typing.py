"""The type of a dispute proposed from its words: the three likeliest, with their probabilities.

The terms are those of the dispatch classifier (``governance.classify.terms``): characters, pairs, words. Learnt from
example texts that come with the product (``examples.json``), by complement naive Bayes (Rennie et al. 2003, "Tackling
the poor assumptions of naive Bayes text classifiers"): 18 types of a dozen short texts each are too few for the
classifier that dispatch trains on thousands. The proposal is shown; a person decides.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from governance.classify.model import softmax
from governance.classify.terms import counted
from mediation.models import DisputeType

EXAMPLES = Path(__file__).with_name("examples.json")
# Only characters, pairs, words: the first views; key = view << 32 | hash.
LAST_VIEW = 3
VIEW_BITS = np.uint64(32)
SMOOTHING = 10.0  # added to each count, by leave-some-out on the examples (65 % right, 89 % among three)
SHARPNESS = 1.35  # of the softmax over mean weights: the stated probability is then about the share that is right
LIKELIEST = 3


@dataclass(frozen=True)
class Learnt:
    """``keys`` (T,) ascending; ``weights`` (T, L): how much a term speaks for each of ``labels``."""

    labels: tuple[str, ...]
    keys: np.ndarray
    weights: np.ndarray

    def probabilities(self, text: str) -> np.ndarray:
        """Return the probability of each label; all alike where no term is known."""
        keys, counts = terms_of(text)
        places = np.searchsorted(self.keys, keys)
        places[places == len(self.keys)] = 0
        known = self.keys[places] == keys
        if not known.any():
            return np.full(len(self.labels), 1 / len(self.labels))
        weighed = counts[known] @ self.weights[places[known]] / counts[known].sum()
        return softmax(SHARPNESS * weighed[None, :])[0]


def terms_of(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Return keys and damped counts of a text's terms."""
    keys, counts = counted(text)
    chosen = (keys >> VIEW_BITS) < LAST_VIEW
    return keys[chosen], np.log1p(counts[chosen].astype(np.float64))


def learn(rows: Iterable[tuple[str, str]]) -> Learnt:
    """Learn from (label, text) rows."""
    rows = list(rows)
    labels = tuple(sorted({label for label, _text in rows}))
    place = {label: number for number, label in enumerate(labels)}
    found = [(place[label], *terms_of(text)) for label, text in rows]
    keys = np.unique(np.concatenate([terms for _label, terms, _counts in found]))
    totals = np.zeros((len(keys), len(labels)))
    texts_with = np.zeros(len(keys))
    for label, terms, counts in found:
        columns = np.searchsorted(keys, terms)
        totals[columns, label] += counts
        texts_with[columns] += 1
    totals *= np.log((1 + len(rows)) / texts_with)[:, None]  # rarity: what all texts say tells nothing
    others = totals.sum(axis=1, keepdims=True) - totals + SMOOTHING
    weights = -np.log(others / others.sum(axis=0))
    weights -= weights.mean(axis=1, keepdims=True)
    return Learnt(labels, keys, weights / np.abs(weights).sum(axis=0) * len(keys))


@cache
def learnt() -> Learnt:
    """What was learnt from the examples of the product, once a process."""
    return learn((label, text) for label, texts in json.loads(EXAMPLES.read_text()).items() for text in texts)


def type_guesses(text: str) -> list[tuple[DisputeType, float]]:
    """Return the three likeliest types in use with their probabilities, the likeliest first; fewer where fewer are in
    use, none for a text without words."""
    if not text.strip():
        return []
    model = learnt()
    shares = dict(zip(model.labels, model.probabilities(text), strict=True))
    rows = [(row, float(shares.get(row.code, 0.0))) for row in DisputeType.objects.filter(is_active=True)]
    return sorted(rows, key=lambda row: (-row[1], row[0].order))[:LIKELIEST]
