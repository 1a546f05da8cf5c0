"""Learning, judging, and models as bytes."""

import io

import numpy as np
import pytest

from governance.classify import artefact, training
from governance.classify.model import softmax
from governance.classify.terms import HEAD, TAIL, normalised
from governance.classify.tests.texts import rows
from governance.errors import Invalid


@pytest.fixture(scope="module")
def trained():
    return training.train(*rows(15))


def test_a_model_sorts_texts_it_has_not_seen(trained):
    texts, labels = rows(10, seed=99)
    guesses = [trained.model.guess(text) for text in texts]
    assert np.mean([guess.label == label for guess, label in zip(guesses, labels, strict=True)]) > 0.85
    assert all(0 <= guess.runner_up_confidence <= guess.confidence <= 1 for guess in guesses)
    assert all(guess.label != guess.runner_up for guess in guesses)
    assert trained.figures["rows"] == 45 and trained.figures["macro_f1"] > 0.8


def test_numpy_alone_gives_the_scores_of_scikit_learn():
    # given both scorers as scikit-learn fitted them
    texts, labels = rows(12)
    names = sorted(set(labels))
    codes = np.searchsorted(names, labels)
    corpus = training.corpus_of(texts)
    fitted = training._fit(corpus, np.arange(len(codes)), codes, len(names))
    theirs = fitted.scores(corpus.counts)
    mixing, offsets = training._calibration(theirs, codes)
    # when the model is written, read back and asked without scikit-learn
    model = artefact.read(artefact.written(training._model(names, fitted, mixing, offsets)))
    ours = np.array([model.scores(text) for text in texts])
    # then it says the same, but for the roundness of stored numbers
    assert ours == pytest.approx(theirs, abs=5e-3)
    assert model.probabilities(texts) == pytest.approx(softmax(theirs @ mixing + offsets), abs=5e-3)


def test_two_labels_do_as_well():
    texts, labels = rows(12)
    two = [(text, label) for text, label in zip(texts, labels, strict=True) if label != "学校教育"]
    model = training.train(*zip(*two, strict=True)).model
    assert model.guess("自来水停水").label == "供水排水" and model.guess("红绿灯坏了").label == "道路交通"
    assert model.probabilities(["自来水停水"]).sum() == pytest.approx(1)


@pytest.mark.parametrize("text", ["", "   ", "🙂", "\ud800", "x" * 20_000, "\n\t，。"])
def test_any_text_gets_probabilities(trained, text):
    shares = trained.model.probabilities([text])
    assert shares.sum() == pytest.approx(1) and np.isfinite(shares).all()


def test_no_text_can_be_read_back(trained):
    content = artefact.written(trained.model)
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        texts = [
            str(value) for name in stored.files if stored[name].dtype.kind == "U" for value in stored[name].ravel()
        ]
    assert not any("自来水" in text for text in texts)
    assert normalised("电话13800001234") == "电话0"


def test_a_long_text_is_read_at_both_ends():
    assert len(normalised("水" * 9000)) == HEAD + TAIL + 1


@pytest.mark.parametrize(
    "content",
    [b"", b"not a model", b"PK\x03\x04 torn", b"\x80\x04\x95pickle."],
    ids=["empty", "text", "torn", "pickle"],
)
def test_other_bytes_are_refused(content):
    with pytest.raises(Invalid) as caught:
        artefact.read(content)
    assert caught.value.field == "artefact"


def test_arrays_that_do_not_fit_and_pickled_ones_are_refused(trained):
    with np.load(io.BytesIO(artefact.written(trained.model)), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    wrong = [
        arrays | {"coefficients": arrays["coefficients"][:-1]},
        arrays | {"keys": arrays["keys"][::-1]},
        arrays | {"mixing": arrays["mixing"].astype(np.float32)},
        arrays | {"format": np.array(99)},
        arrays | {"labels": np.array([{"a": 1}], dtype=object)},
    ]
    for given in wrong:
        file = io.BytesIO()
        np.savez(file, **given)
        with pytest.raises(Invalid):
            artefact.read(file.getvalue())


def test_too_few_labels_or_texts_are_named():
    texts, labels = rows(12)
    with pytest.raises(Invalid) as caught:
        training.train(texts[:12], labels[:12])
    assert caught.value.code == "too_few_labels"
    with pytest.raises(Invalid) as caught:
        training.train([*texts, "垃圾"], [*labels, "环境"])
    assert caught.value.code == "too_few_rows" and "环境 (1)" in str(caught.value.detail)
