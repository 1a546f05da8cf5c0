"""What the text classifier proposes for a text: a pure read, for the dispatch hub and the review queue.

Each process keeps the model in use in memory and asks every ``LOOK_SECONDS`` by one small statement whether another one
has taken its place; the process that takes one into use sees it at once.
"""

import time
from dataclasses import dataclass

from cases.dispatch.by_text import reads_text
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

    @property
    def model_version(self) -> str:
        """The version as proposals keep it."""
        return str(self.version)


LOOK_SECONDS = 30
# (key of the row, model) by target.
_loaded: dict[str, tuple[int, TextClassifier]] = {}
# (when looked at, row in use) by target.
_rows: dict[str, tuple[float, tuple | None]] = {}


def look_again() -> None:
    """Ask for the models in use at the next text: one was taken into use or retired."""
    _rows.clear()


def _row_in_use(target: str) -> tuple | None:
    at, row = _rows.get(target, (None, None))
    now = time.monotonic()
    if at is None or now - at > LOOK_SECONDS:
        found = TextModel.objects.filter(target=target, is_active=True)
        row = found.values_list("pk", "version", "threshold", "acts_alone").first()
        _rows[target] = (now, row)
    return row


@reads_text
def propose(text: str, *, target: str = Target.FIELD) -> Proposal | None:
    """Return the proposal for ``text``, or None where no model is in use or the text is empty.

    At most one statement; one more, of some megabytes, the first time after another model was taken into use. Raises
    Invalid for a stored model that another version of the product wrote.
    """
    if not text.strip():
        return None
    row = _row_in_use(target)
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
