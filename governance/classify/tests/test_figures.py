"""Figures and thresholds against slow, obvious computations."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.classify.figures import QUANTILE, alone_at, figures_of

GUESSES = st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.5001, 0.8, 0.9, 1.0]), st.booleans()), max_size=40)


def wilson(right: int, of: int) -> float:
    share, square = right / of, QUANTILE**2
    spread = QUANTILE * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return (share + square / (2 * of) - spread) / (1 + square / of)


def oracle(precision, guesses, cautious):
    """Try every threshold there is."""
    best = (0.0, None)
    for threshold in {confidence for confidence, _right in guesses}:
        passing = [right for confidence, right in guesses if confidence >= threshold]
        reached = wilson(sum(passing), len(passing)) if cautious else sum(passing) / len(passing)
        if reached >= precision and len(passing) / len(guesses) > best[0]:
            best = (len(passing) / len(guesses), threshold)
    return best


@settings(max_examples=200, deadline=None)
@given(GUESSES, st.sampled_from([0.5, 0.8, 0.95, 0.98, 1.0]), st.booleans())
def test_the_threshold_is_the_best_of_all_there_are(guesses, precision, cautious):
    found = alone_at(precision, [one for one, _right in guesses], [right for _one, right in guesses], cautious=cautious)
    assert (found.share, found.threshold) == oracle(precision, guesses, cautious)


def test_a_few_lucky_guesses_open_no_door_when_cautious():
    # given five guesses, all right
    assert alone_at(0.95, [0.9] * 5, [True] * 5).share == 1
    assert alone_at(0.95, [0.9] * 5, [True] * 5, cautious=True).threshold is None


def test_figures_of_a_table_worked_by_hand():
    truth = ["水", "水", "水", "路", "路", "校"]
    guessed = ["水", "水", "路", "路", "水", "路"]
    figures = figures_of(truth, guessed, [0.99, 0.9, 0.6, 0.8, 0.5, 0.4])
    rows = {row["label"]: row for row in figures["labels"]}
    assert figures["accuracy"] == pytest.approx(3 / 6)
    assert rows["水"]["precision"] == pytest.approx(2 / 3) and rows["水"]["recall"] == pytest.approx(2 / 3)
    assert rows["路"]["precision"] == pytest.approx(1 / 3) and rows["路"]["recall"] == pytest.approx(1 / 2)
    assert rows["校"]["f1"] == 0 and rows["校"]["support"] == 1
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 0.4 + 0) / 3)
    # the three surest are 水 水 路: all right
    assert figures["auto_share_95"] == pytest.approx(3 / 6)
    assert np.array(figures["confusion"]).sum() == 6
    assert sum(row["count"] for row in figures["reliability"]) == 6
