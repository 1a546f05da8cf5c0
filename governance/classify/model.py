"""What was learnt from labelled texts: probabilities of each label for a text.

Two scorers, both linear: one over weighted terms, one over the presence of terms weighed by their naive-Bayes
log-count ratio (Wang & Manning 2012, "Baselines and Bigrams"). A small linear step turns their scores into
probabilities (calibration by softmax). Evaluated with numpy alone: no process needs scikit-learn to read a model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from governance.classify.terms import RATIO_VIEWS, VIEWS, counted

_SHARES = np.array([view.weight for view in VIEWS]) / sum(view.weight for view in VIEWS)


def weighted(rows: np.ndarray, columns: np.ndarray, counts: np.ndarray, *, keys: np.ndarray, rarity: np.ndarray,
             texts: int) -> np.ndarray:  # fmt: skip
    """Return the weight of each counted term: (1 + ln count) · rarity, of unit length per text and view, times the
    root of the view's share.

    ``rows``, ``columns``, ``counts``: entries of a texts × terms matrix; ``keys``, ``rarity``: of each column.
    """
    values = (1 + np.log(counts)) * rarity[columns]
    view = (keys[columns] >> np.uint64(32)).astype(np.int64)
    group = rows * len(VIEWS) + view
    length = np.sqrt(np.bincount(group, values * values, minlength=texts * len(VIEWS)))
    return (values / length[group] * np.sqrt(_SHARES)[view]).astype(np.float32)


def ratio_terms(keys: np.ndarray) -> int:
    """Return how many of the ascending ``keys`` belong to the views that feed the ratios: the first so many."""
    return int(np.searchsorted(keys, np.uint64(RATIO_VIEWS << 32)))


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return probabilities from (texts, labels) scores."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Guess:
    """The most probable label and the next, with their probabilities."""

    label: str
    confidence: float
    runner_up: str
    runner_up_confidence: float


@dataclass(frozen=True)
class TextClassifier:
    """A trained model. T terms, of which the first R feed the ratios; L labels.

    ``keys`` (T,) uint64 ascending; ``rarity`` (T,) float32; ``coefficients`` (T, L), ``intercepts`` (L,).
    ``ratios`` (R, L): log-count ratios; ``ratio_coefficients`` (R, L): those times what was learnt,
    ``ratio_intercepts`` (L,). All of these float32. ``mixing`` (2L, L), ``offsets`` (L,): probabilities =
    softmax(scores · mixing + offsets).
    """

    labels: tuple[str, ...]
    keys: np.ndarray
    rarity: np.ndarray
    coefficients: np.ndarray
    intercepts: np.ndarray
    ratios: np.ndarray
    ratio_coefficients: np.ndarray
    ratio_intercepts: np.ndarray
    mixing: np.ndarray
    offsets: np.ndarray

    def scores(self, text: str) -> np.ndarray:
        """Return the (2L,) scores of a text; one without known terms gets the intercepts."""
        found, counts = counted(text)
        columns = np.searchsorted(self.keys, found)
        columns[columns == len(self.keys)] = 0
        known = self.keys[columns] == found
        columns, counts = columns[known], counts[known]
        weights = weighted(
            np.zeros(len(columns), dtype=np.int64), columns, counts, keys=self.keys, rarity=self.rarity, texts=1
        )
        by_weight = weights @ self.coefficients[columns] + self.intercepts
        return np.concatenate([by_weight, self._by_ratio(columns[columns < len(self.ratios)])])

    def _by_ratio(self, columns: np.ndarray) -> np.ndarray:
        length = np.sqrt((self.ratios[columns] ** 2).sum(axis=0))
        sums = self.ratio_coefficients[columns].sum(axis=0)
        return np.divide(sums, length, out=np.zeros_like(sums), where=length > 0) + self.ratio_intercepts

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return (texts, L) calibrated probabilities."""
        scores = np.array([self.scores(text) for text in texts], dtype=np.float64).reshape(
            len(texts), 2 * len(self.labels)
        )
        return softmax(scores @ self.mixing + self.offsets)

    def guess(self, text: str) -> Guess:
        """Return the two most probable labels of one text."""
        shares = self.probabilities([text])[0]
        second, first = np.argsort(shares, kind="stable")[-2:]
        return Guess(self.labels[first], float(shares[first]), self.labels[second], float(shares[second]))
