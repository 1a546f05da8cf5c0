"""The text classifier on labelled messages, and its peer. Import it after ``django.setup``."""

import time
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from cases.text_training import rows_of_file
from governance.classify import artefact
from governance.classify.training import train

FOLDS, PREDICTIONS = 5, 2000
OURS = ("accuracy", "macro_f1", "auto_share_95", "auto_share_98")


def peer(texts: list[str], labels: list[str]) -> dict:
    """Return accuracy and macro-F1 of scikit-learn's usual pipeline on the same folds."""
    plain = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2), LinearSVC()
    )
    guessed = cross_val_predict(plain, texts, labels, cv=StratifiedKFold(FOLDS, shuffle=True, random_state=0))
    return {"accuracy": accuracy_score(labels, guessed), "macro_f1": f1_score(labels, guessed, average="macro")}


def measure(file: Path) -> dict:
    """Train in folds, store and read back, guess; times in seconds."""
    rows = rows_of_file(file)
    begun = time.perf_counter()
    trained = train(rows.texts, rows.labels, folds=FOLDS)
    seconds = time.perf_counter() - begun
    content = artefact.written(trained.model)
    model = artefact.read(content)
    times = []
    for text in rows.texts[:PREDICTIONS]:
        begun = time.perf_counter()
        model.guess(text)
        times.append(time.perf_counter() - begun)
    times.sort()
    return {
        "rows": len(rows.texts), "ours": {name: trained.figures[name] for name in OURS},
        "peer": peer(rows.texts, rows.labels), "training_seconds": seconds, "megabytes": len(content) / 1e6,
        "prediction_p50": times[len(times) // 2], "prediction_p99": times[int(len(times) * 0.99)],
    }  # fmt: skip
