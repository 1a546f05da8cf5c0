"""Learning from labelled texts, and judging what was learnt by cross-validation. Needs scikit-learn.

Two scorers, one label against the rest: a ridge regression over weighted terms, and a linear support vector machine
over naive-Bayes ratios. Alone either is a little worse; they err differently. A multinomial logistic regression of
both scores gives calibrated probabilities. The scores it learns from are out of fold: those of a text seen in training
would look too sure.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from scipy import sparse
from sklearn.feature_selection import chi2
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from governance.classify.figures import figures_of
from governance.classify.model import TextClassifier, ratio_terms, softmax, weighted
from governance.classify.terms import counted
from governance.errors import Invalid

FOLDS = 5
LEAST_ROWS = 10  # of each label: two in every fold [J]
LEAST_TEXTS = 2  # so many texts must have a term
MOST_COEFFICIENTS = 6_000_000  # terms × labels; at most 36 MB as stored, with the ratios
PENALTY = 0.1  # of the ridge, by cross-validation; 0.03 to 0.3 do nearly as well
HARDNESS = 0.5  # C of the support vector machines
SMOOTHING = 1.0  # C of the calibration
ADDED = 0.5  # to every count behind a ratio, as if each term had been met half a time more


@dataclass(frozen=True)
class Corpus:
    """Counted texts: ``counts`` (texts, terms) and the key of each column."""

    counts: sparse.csr_matrix
    keys: np.ndarray


@dataclass(frozen=True)
class Trained:
    """A model learnt from all rows, with figures of rows that were out of fold, and how sure each of those was."""

    model: TextClassifier
    figures: dict
    confidence: np.ndarray
    right: np.ndarray


def check_rows(labels: Sequence[str], *, least: int = LEAST_ROWS) -> None:
    """Raise Invalid when there are under two labels, or a label has too few rows; names every such label."""
    per_label = Counter(labels)
    if len(per_label) < 2:
        raise Invalid(_("At least two labels are needed."), field="label", code="too_few_labels")
    few = {label: count for label, count in sorted(per_label.items()) if count < least}
    if few:
        named = "、".join(f"{label} ({count})" for label, count in few.items())
        raise Invalid(
            _("Each label needs at least %(least)s texts; too few: %(labels)s.") % {"least": least, "labels": named},
            field="label",
            code="too_few_rows",
        )


def corpus_of(texts: Sequence[str]) -> Corpus:
    """Count the terms of all texts."""
    found = [counted(text) for text in texts]
    lengths = [len(keys) for keys, _counts in found]
    keys, columns = np.unique(np.concatenate([keys for keys, _counts in found]), return_inverse=True)
    data = np.concatenate([counts for _keys, counts in found])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return Corpus(sparse.csr_matrix((data, columns, starts), shape=(len(texts), len(keys))), keys)


@dataclass(frozen=True)
class _Ratios:
    """The second scorer: ``ratios`` (R, L), ``learnt`` (R, L) and ``intercepts`` (L,) of the first R terms."""

    ratios: np.ndarray
    learnt: np.ndarray
    intercepts: np.ndarray

    def scores(self, counts: sparse.csr_matrix) -> np.ndarray:
        present = _present(counts[:, : len(self.ratios)])
        length = np.sqrt(present @ (self.ratios**2))
        sums = present @ (self.ratios * self.learnt)
        return np.divide(sums, length, out=np.zeros_like(sums), where=length > 0) + self.intercepts


@dataclass(frozen=True)
class _Fitted:
    """Both scorers; ``columns`` are those of the corpus that count as terms."""

    columns: np.ndarray
    keys: np.ndarray
    rarity: np.ndarray
    ridge: Ridge
    by_ratio: _Ratios

    def scores(self, counts: sparse.csr_matrix) -> np.ndarray:
        counts = counts[:, self.columns]
        by_weight = self.ridge.predict(_weighted(counts, self.keys, self.rarity))
        return np.hstack([by_weight, self.by_ratio.scores(counts)])


def _present(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones_like(counts.data), counts.indices, counts.indptr), shape=counts.shape)


def _fit_ratios(counts: sparse.csr_matrix, codes: np.ndarray, label_count: int) -> _Ratios:
    """Weigh each term by how much more often it is met with the label than without, then learn a margin."""
    present = _present(counts)
    ratios, learnt = np.zeros((present.shape[1], label_count)), np.zeros((present.shape[1], label_count))
    intercepts = np.zeros(label_count)
    for label in range(label_count):
        mine = codes == label
        with_it = np.asarray(present[mine].sum(axis=0)).ravel() + ADDED
        without = np.asarray(present[~mine].sum(axis=0)).ravel() + ADDED
        ratio = np.log(with_it / with_it.sum()) - np.log(without / without.sum())
        machine = LinearSVC(C=HARDNESS, random_state=0)
        machine.fit(normalize(present @ sparse.diags(ratio)), mine)
        ratios[:, label], learnt[:, label], intercepts[label] = ratio, machine.coef_[0], machine.intercept_[0]
    return _Ratios(ratios, learnt, intercepts)


def _weighted(counts: sparse.csr_matrix, keys: np.ndarray, rarity: np.ndarray) -> sparse.csr_matrix:
    texts = counts.shape[0]
    rows = np.repeat(np.arange(texts), np.diff(counts.indptr))
    data = weighted(rows, counts.indices, counts.data, keys=keys, rarity=rarity, texts=texts)
    return sparse.csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)


def _fit(corpus: Corpus, rows: np.ndarray, codes: np.ndarray, label_count: int) -> _Fitted:
    """Learn from the given rows only: what counts as a term, how rare it is, and its coefficients."""
    counts = corpus.counts[rows]
    texts_with = np.bincount(counts.indices, minlength=counts.shape[1])
    columns = np.flatnonzero(texts_with >= LEAST_TEXTS)
    if columns.size == 0:
        raise Invalid(_("The texts have nothing in common to learn from."), field="text", code="too_little")
    most = MOST_COEFFICIENTS // label_count
    if columns.size > most:
        telling = np.nan_to_num(chi2(counts[:, columns], codes)[0])
        columns = np.sort(columns[np.argsort(-telling, kind="stable")[:most]])
    rarity = (np.log((1 + len(rows)) / (1 + texts_with[columns])) + 1).astype(np.float32)
    keys = corpus.keys[columns]
    targets = np.where(codes[:, None] == np.arange(label_count), 1.0, -1.0)
    ridge = Ridge(alpha=PENALTY, solver="sparse_cg")
    ridge.fit(_weighted(counts[:, columns], keys, rarity), targets)
    by_ratio = _fit_ratios(counts[:, columns[: ratio_terms(keys)]], codes, label_count)
    return _Fitted(columns, keys, rarity, ridge, by_ratio)


def _out_of_fold(corpus: Corpus, codes: np.ndarray, label_count: int, folds: int) -> np.ndarray:
    """Return (texts, 2 labels) scores, each from a model that has not seen the text."""
    scores = np.zeros((len(codes), 2 * label_count))
    for seen, held_out in StratifiedKFold(folds, shuffle=True, random_state=0).split(codes, codes):
        scores[held_out] = _fit(corpus, seen, codes[seen], label_count).scores(corpus.counts[held_out])
    return scores


def _calibration(scores: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (mixing, offsets) so that softmax(scores · mixing + offsets) are probabilities."""
    regression = LogisticRegression(C=SMOOTHING, max_iter=1000).fit(scores, codes)
    mixing, offsets = regression.coef_.T, regression.intercept_
    if mixing.shape[1] == 1:  # two labels: scikit-learn states the second against the first
        mixing, offsets = np.hstack([np.zeros_like(mixing), mixing]), np.append(0.0, offsets)
    return mixing, offsets


def _cross_calibrated(scores: np.ndarray, codes: np.ndarray, label_count: int, folds: int) -> np.ndarray:
    """Return probabilities of each row by a calibration that has not seen its label."""
    shares = np.zeros((len(codes), label_count))
    for seen, held_out in StratifiedKFold(folds, shuffle=True, random_state=1).split(codes, codes):
        mixing, offsets = _calibration(scores[seen], codes[seen])
        shares[held_out] = softmax(scores[held_out] @ mixing + offsets)
    return shares


def _judged(names: list[str], codes: np.ndarray, shares: np.ndarray) -> tuple[dict, np.ndarray, np.ndarray]:
    guessed, confidence = shares.argmax(axis=1), shares.max(axis=1)
    figures = figures_of([names[code] for code in codes], [names[code] for code in guessed], confidence)
    return figures, confidence, guessed == codes


def cross_validate(texts: Sequence[str], labels: Sequence[str], *, folds: int = FOLDS) -> dict:
    """Return the figures of ``folds``-fold cross-validation. Raises Invalid as ``check_rows``, for 2 rows a fold."""
    check_rows(labels, least=2 * folds)
    names = sorted({str(label) for label in labels})
    codes = np.searchsorted(names, labels)
    scores = _out_of_fold(corpus_of(texts), codes, len(names), folds)
    return _judged(names, codes, _cross_calibrated(scores, codes, len(names), folds))[0]


def train(texts: Sequence[str], labels: Sequence[str], *, folds: int = FOLDS) -> Trained:
    """Learn from all rows, with the figures of ``folds``-fold cross-validation. Raises Invalid as ``check_rows``."""
    check_rows(labels, least=max(LEAST_ROWS, 2 * folds))
    names = sorted({str(label) for label in labels})
    codes = np.searchsorted(names, labels)
    corpus = corpus_of(texts)
    scores = _out_of_fold(corpus, codes, len(names), folds)
    figures, confidence, right = _judged(names, codes, _cross_calibrated(scores, codes, len(names), folds))
    fitted = _fit(corpus, np.arange(len(codes)), codes, len(names))
    mixing, offsets = _calibration(scores, codes)
    return Trained(_model(names, fitted, mixing, offsets), figures, confidence, right)


def _model(names: list[str], fitted: _Fitted, mixing: np.ndarray, offsets: np.ndarray) -> TextClassifier:
    by_ratio = fitted.by_ratio
    return TextClassifier(
        tuple(names),
        fitted.keys,
        fitted.rarity,
        fitted.ridge.coef_.T.astype(np.float32),
        fitted.ridge.intercept_.astype(np.float32),
        by_ratio.ratios.astype(np.float32),
        (by_ratio.ratios * by_ratio.learnt).astype(np.float32),
        by_ratio.intercepts.astype(np.float32),
        mixing,
        offsets,
    )
