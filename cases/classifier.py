"""What the text classifier proposes for a text: a pure read, for the dispatch hub and the review queue.

Each process keeps the model in use in memory and asks by one small statement whether another one has taken its place.
"""

from dataclasses import dataclass

from cases.models import Target, TextModel
from governance.classify.artefact import read
from governance.classify.model import TextClassifier


@dataclass(frozen=True)
class Proposal:
    """What the model in use says about a text.

    ``label``: a category code or a role text, by target; ``confidence`` and ``runner_up_confidence`` are calibrated
    probabilities. ``passes``: sure enough for the precision stated for the model. Only what ``passes`` from a model
    that ``acts_alone`` may be dispatched without a person.
    """

    label: str
    confidence: float
    runner_up: str
    runner_up_confidence: float
    passes: bool
    acts_alone: bool
    version: int


# (key of the row, model) by target.
_loaded: dict[str, tuple[int, TextClassifier]] = {}


def propose(text: str, *, target: str = Target.FIELD) -> Proposal | None:
    """Return the proposal for ``text``, or None where no model is in use or the text is empty.

    One statement; one more, of some megabytes, the first time after another model was taken into use. Raises Invalid
    for a stored model that another version of the product wrote.
    """
    if not text.strip():
        return None
    row = (
        TextModel.objects.filter(target=target, is_active=True)
        .values_list("pk", "version", "threshold", "acts_alone")
        .first()
    )
    if row is None:
        return None
    pk, version, threshold, acts_alone = row
    guess = model_of(target, pk).guess(text)
    passes = threshold is not None and guess.confidence >= threshold
    return Proposal(
        guess.label, guess.confidence, guess.runner_up, guess.runner_up_confidence, passes, acts_alone, version
    )


def model_of(target: str, pk: int) -> TextClassifier:
    """Return the model of a row, from memory when it is the one read last for the target."""
    kept = _loaded.get(target)
    if kept is None or kept[0] != pk:
        kept = (pk, read(bytes(TextModel.objects.values_list("artefact", flat=True).get(pk=pk))))
        _loaded[target] = kept
    return kept[1]
