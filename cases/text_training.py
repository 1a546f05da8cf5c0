"""Training the text classifier: from a labelled file, or from this city's own cases. Needs scikit-learn.

Imported by commands and benchmarks only, so that servers do not load scikit-learn.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.dispatch.by_text import WRITTEN_BY_MACHINES
from cases.dispatch.fields import FieldTable
from cases.models import Case, CaseState, Target, TextModel, TrainingExample
from cases.text_models import check_precision, text_model_store
from governance.classify import artefact
from governance.classify.figures import figures_of
from governance.classify.training import LEAST_ROWS, train
from governance.errors import Invalid
from governance.exchange.files import Line, Source, read_lines
from governance.exchange.importers import Column
from governance.models import User

COLUMNS = (
    Column("text", gettext_lazy("text"), required=True),
    Column("label", gettext_lazy("right label"), required=True),
)
MOST_ROWS = 200_000
MOST_CASES = 20_000  # own closed cases, the newest: enough to learn from, and some minutes of training [J]
MOST_LABEL = 60
MOST_NAMED = 20  # bad lines named in an error


@dataclass(frozen=True)
class Rows:
    """Labelled texts; ``left_out``: labels with too few texts, and how many each had."""

    texts: list[str]
    labels: list[str]
    source: str
    left_out: dict[str, int]


def rows_of_file(path: Path) -> Rows:
    """Return the rows of a CSV or TSV file, gzipped or not, or an Excel file, with columns ``text`` and ``label``.

    Raises Invalid for a file that cannot be read, and naming every bad line (up to 20) with what is wrong.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}", field="file", code="unreadable_file") from error
    lines = read_lines(Source(path.name, content), COLUMNS, most=MOST_ROWS)
    wrong = [(line.number, why) for line in lines if (why := _wrong(line))]
    if wrong:
        named = [_("line %(line)s: %(why)s") % {"line": number, "why": why} for number, why in wrong[:MOST_NAMED]]
        more = ["…"] if len(wrong) > MOST_NAMED else []
        raise Invalid("\n".join([path.name, *named, *more]), field="file", code="bad_rows")
    return Rows([line.row["text"] for line in lines], [line.row["label"] for line in lines], path.name, {})


def _wrong(line: Line) -> str:
    if line.wrong:
        return line.wrong
    if not line.row.get("text"):
        return _("the text is missing")
    label = line.row.get("label", "")
    if not label:
        return _("the label is missing")
    return _("the label is longer than %(most)s characters") % {"most": MOST_LABEL} if len(label) > MOST_LABEL else ""


def own_rows(target: str) -> Rows:
    """Return texts and labels from training examples and the newest closed cases; examples have the last word.

    Labels with under ``LEAST_ROWS`` texts are left out, and what machines wrote. The label of a closed case is its
    category's code, or the role text under which its lead unit was found (``cases.dispatch.fields``).
    """
    taught = dict(TrainingExample.objects.filter(target=target).values_list("case_id", "label"))
    cases = Case.objects.filter(state=CaseState.CLOSED).exclude(source__in=WRITTEN_BY_MACHINES)
    cases = cases.select_related("category", "area", "lead_unit").defer("area__boundary")
    closed = list(cases.order_by("-id")[:MOST_CASES])
    shown = {case.pk for case in closed}
    rest = Case.objects.filter(pk__in=taught.keys() - shown).select_related("area").defer("area__boundary")
    label_of = _category_label if target == Target.CATEGORY else FieldTable(closed).field
    pairs = [(case.description, taught.get(case.pk) or label_of(case)) for case in closed]
    pairs += [(case.description, taught[case.pk]) for case in rest]
    return _enough((text, label) for text, label in pairs if label and text.strip())


def _category_label(case: Case) -> str:
    return case.category.code if case.category and case.category.is_active else ""


def _enough(pairs: Iterable[tuple[str, str]]) -> Rows:
    pairs = list(pairs)
    per_label = Counter(label for _text, label in pairs)
    few = {label: count for label, count in sorted(per_label.items()) if count < LEAST_ROWS}
    kept = [(text, label) for text, label in pairs if label not in few]
    return Rows([text for text, _label in kept], [label for _text, label in kept], _("own cases"), few)


def text_model_train(*, actor: User, target: str, rows: Rows, precision: float = 0.95) -> TextModel:
    """Train on ``rows`` and keep the model as the next version. Raises Invalid, NotPermitted; some minutes."""
    check_precision(precision)
    trained = train(rows.texts, rows.labels)
    return text_model_store(
        actor=actor, target=target, source=rows.source, labels=trained.model.labels, figures=trained.figures,
        confidence=trained.confidence, right=trained.right, artefact=artefact.written(trained.model),
        precision=precision,
    )  # fmt: skip


def evaluated(row: TextModel, rows: Rows) -> dict:
    """Return the figures of a stored model on labelled rows it should not have been trained on."""
    model = artefact.read(bytes(row.artefact))
    shares = model.probabilities(rows.texts)
    guessed = [model.labels[place] for place in shares.argmax(axis=1)]
    return figures_of(rows.labels, guessed, shares.max(axis=1))
