"""Spreadsheets of evaluation forms: versions, their items and their grades."""

from functools import partial

from governance.exchange.importers import importer
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import ByKey
from partners.models import EvaluationForm, EvaluationGrade, EvaluationItem

FORM = partial(ByKey, EvaluationForm)

importer(
    model_importer(
        EvaluationForm, by=("code",), fields=("code", "title", "valid_from", "residents", "staff", "third", "is_active")
    )
)
importer(
    model_importer(
        EvaluationItem, by=("form", "party", "position"),
        fields=("form", "party", "position", "text", "scale", "weight"), foreign={"form": FORM},
        part_of=("form", "items"), model="partners.evaluationform",
    )
)  # fmt: skip
importer(
    model_importer(
        EvaluationGrade, by=("form", "from_score"), fields=("form", "from_score", "name", "share"),
        foreign={"form": FORM}, part_of=("form", "grades"), model="partners.evaluationform",
    )
)  # fmt: skip
