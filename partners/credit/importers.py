"""Spreadsheets of credit formulas: drafts, their lines and their levels."""

from functools import partial

from django.utils.translation import gettext_lazy

from governance.exchange.importers import importer
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area
from partners.models import CreditFormula, CreditLevel, CreditWeight

FORMULA = partial(ByKey, CreditFormula)
PART = {"permission": "partners.add_creditformula", "model": CreditFormula._meta.label_lower,
        "foreign": {"formula": FORMULA}}  # fmt: skip

importer(
    model_importer(
        CreditFormula,
        by=("code",),
        fields=("code", "name", "area", "base", "floor", "ceiling", "notice_hours", "appeal_days", "review_days",
                "valid_from", "source"),
        foreign={"area": partial(ByKey, Area)},
    )
)  # fmt: skip
importer(
    model_importer(
        CreditWeight, by=("formula", "line"), fields=("formula", "line", "weight", "cap"),
        part_of=("formula", "weights"), label=gettext_lazy("lines of credit formulas"), **PART,
    )
)  # fmt: skip
importer(
    model_importer(
        CreditLevel, by=("formula", "code"), fields=("formula", "code", "name", "least", "meaning"),
        part_of=("formula", "levels"), label=gettext_lazy("credit levels"), **PART,
    )
)  # fmt: skip
