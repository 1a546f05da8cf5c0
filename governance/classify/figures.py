"""How good guesses are: accuracy, F1, confusion, calibration, and the share that could be decided alone.

Everything here takes arrays of equal length: what is true, what was guessed, and how sure the guess was (0-1). For
figures that hold for other texts the guesses must come from a model that has not seen the text (out of fold, or
another file).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PRECISIONS = (0.95, 0.98)
# One-sided 95 %: the normal quantile of the cautious bound.
QUANTILE = 1.6448536269514722


@dataclass(frozen=True)
class Alone:
    """What could be decided alone: the share of all texts, and the confidence a guess must reach (None: none may)."""

    share: float
    threshold: float | None


def lower_bound(right: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Return Wilson's lower bound (one-sided, 95 %) of the share ``right / of``."""
    share, square = right / of, QUANTILE * QUANTILE
    spread = QUANTILE * np.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return (share + square / (2 * of) - spread) / (1 + square / of)


def alone_at(precision: float, confidence: Sequence[float], right: Sequence[bool], *, cautious=False) -> Alone:
    """Return the largest share of texts whose guesses, the surest first, are right in at least ``precision`` of cases.

    A threshold cannot part equal confidences: they are taken or left together. ``cautious`` asks Wilson's lower bound
    of the precision instead of the plain one, so that a handful of lucky guesses opens no door.
    """
    confidence, right = np.asarray(confidence, dtype=float), np.asarray(right, dtype=bool)
    if confidence.size == 0:
        return Alone(0.0, None)
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    ends = np.append(ranked[1:] != ranked[:-1], True)
    of = np.arange(1, ranked.size + 1)
    hits = np.cumsum(right[order])
    reached = lower_bound(hits, of) if cautious else hits / of
    good = np.flatnonzero(ends & (reached >= precision))
    if good.size == 0:
        return Alone(0.0, None)
    return Alone(float(of[good[-1]] / ranked.size), float(ranked[good[-1]]))


def confusion_of(truth: Sequence[str], guessed: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Return all labels met, sorted, and the (labels, labels) counts: rows are true, columns guessed."""
    labels = sorted(set(truth) | set(guessed))
    place = {label: number for number, label in enumerate(labels)}
    cells = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(cells, ([place[one] for one in truth], [place[one] for one in guessed]), 1)
    return labels, cells


def _share(part: float, of: float) -> float:
    return float(part / of) if of else 0.0


def _label_rows(labels: list[str], cells: np.ndarray) -> list[dict]:
    rows = []
    for number, label in enumerate(labels):
        right, support, claimed = cells[number, number], cells[number].sum(), cells[:, number].sum()
        rows.append(
            {"label": label, "precision": _share(right, claimed), "recall": _share(right, support),
             "f1": _share(2 * right, support + claimed), "support": int(support)}
        )  # fmt: skip
    return rows


def _reliability(confidence: np.ndarray, right: np.ndarray) -> list[dict]:
    """Compare stated confidence with what came true, by tenths."""
    bins = np.minimum((confidence * 10).astype(int), 9)
    return [
        {"from": number / 10, "count": int(chosen.sum()), "confidence": float(confidence[chosen].mean()),
         "right": float(right[chosen].mean())}
        for number in range(10)
        if (chosen := bins == number).any()
    ]  # fmt: skip


def _curve(confidence: np.ndarray, right: np.ndarray) -> list[dict]:
    """Return what each threshold would let pass, and how precise that would be."""
    points = [*np.arange(0.3, 0.95, 0.05).round(2), 0.95, 0.97, 0.98, 0.99]
    return [
        {"threshold": float(point), "share": float(passing.mean()), "precision": _share(right[passing].sum(), count)}
        for point in points
        if (passing := confidence >= point).any() and (count := passing.sum())
    ]


def figures_of(truth: Sequence[str], guessed: Sequence[str], confidence: Sequence[float]) -> dict:
    """Return all figures as JSON values. Macro-F1 is the mean over every label that is true or was guessed."""
    sure = np.asarray(confidence, dtype=float)
    right = np.array([one == other for one, other in zip(truth, guessed, strict=True)], dtype=bool)
    labels, cells = confusion_of(truth, guessed)
    rows = _label_rows(labels, cells)
    plain = {precision: alone_at(precision, sure, right) for precision in PRECISIONS}
    return {
        "rows": len(right),
        "accuracy": float(right.mean()),
        "macro_f1": sum(row["f1"] for row in rows) / len(rows),
        "auto_share_95": plain[0.95].share,
        "auto_share_98": plain[0.98].share,
        "labels": rows,
        "confusion": cells.tolist(),
        "reliability": _reliability(sure, right),
        "curve": _curve(sure, right),
    }
