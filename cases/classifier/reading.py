"""Asking the text model in use. A process keeps it loaded and looks for a newer one every few seconds."""

import time
from dataclasses import dataclass

from cases.dispatch.by_text import reads_text
from cases.models import TextModel
from governance.classify import artefact
from governance.classify.model import TextClassifier

LOOK_SECONDS = 30


@dataclass(frozen=True)
class Proposal:
    """What a text says: the likeliest label and the next, 0-1 sure; ``passes`` the threshold of the stated precision;
    ``acts_alone``: the hub may dispatch by it."""

    label: str
    confidence: float
    runner_up: str
    runner_up_confidence: float
    passes: bool
    acts_alone: bool
    model_version: str


@dataclass(frozen=True)
class _Loaded:
    key: int
    version: str
    threshold: float | None
    acts_alone: bool
    classifier: TextClassifier


_loaded: dict[str, _Loaded | None] = {}
_looked_at: dict[str, float] = {}


def forget() -> None:
    """Look again for the models in use at the next text."""
    _looked_at.clear()


def _in_use(target: str) -> _Loaded | None:
    now = time.monotonic()
    if target in _looked_at and now - _looked_at[target] < LOOK_SECONDS:
        return _loaded.get(target)
    found = TextModel.objects.filter(target=target, is_active=True)
    row = found.values("pk", "version", "threshold", "acts_alone").first()
    held = _loaded.get(target)
    if row is None:
        _loaded[target] = None
    elif held is None or (held.key, held.acts_alone) != (row["pk"], row["acts_alone"]):
        content = found.values_list("artefact", flat=True).get(pk=row["pk"])
        classifier = artefact.read(bytes(content))
        version = f"{target} {row['version']}"
        _loaded[target] = _Loaded(row["pk"], version, row["threshold"], row["acts_alone"], classifier)
    _looked_at[target] = now
    return _loaded[target]


@reads_text
def propose(text: str, *, target: str) -> Proposal | None:
    """Return what the model in use for ``target`` (category, field) says of a text; None without one.

    Reads only; no statement while the model is loaded and was looked for lately.
    """
    model = _in_use(target)
    if model is None:
        return None
    guess = model.classifier.guess(text)
    passes = model.threshold is not None and guess.confidence >= model.threshold
    return Proposal(
        guess.label, guess.confidence, guess.runner_up, guess.runner_up_confidence, passes,
        passes and model.acts_alone, model.version,
    )  # fmt: skip
