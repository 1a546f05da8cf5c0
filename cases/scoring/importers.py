"""Score formulas in by Excel or CSV: one line a weight, the formula's own columns repeated or given once."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from cases.models import ScoreFormula, ScoreWeight
from governance.configuration import configuration_rows_save
from governance.errors import Refused
from governance.exchange.importers import Column, Importer, Planned, RowError, importer
from governance.exchange.model_importer import model_importer

Formulas = model_importer(
    ScoreFormula,
    by=("key", "version"),
    fields=("key", "version", "name", "scale", "minimum_sample", "valid_from", "is_active", "source"),
)


class Weights(model_importer(ScoreWeight, by=("indicator",), fields=("indicator", "weight", "inverse", "position"))):
    """The columns of a line that are its weight's."""

    def values_of(self, row) -> dict:
        """Return what a line says of a weight. Raises RowError."""
        return {name: self._cleaned(name, row) for name in self.fields if row[name]}


@importer
class FormulaImporter(Importer):
    """A line is one indicator of a formula; formula and weights are saved while they are read."""

    key = "cases.scoreformula"
    label = Formulas.label
    permission = Formulas.permission
    whole_city = True
    most_lines = 2_000
    columns = (
        *(replace(one, required=one.name in Formulas.by) for one in Formulas.columns),
        Column("indicator", _("indicator"), required=True, help=Weights.columns[0].help),
        *Weights.columns[1:],
    )

    def prepare(self, actor):
        self.formulas, self.weights = Formulas({}), Weights({})
        for part in (self.formulas, self.weights):
            part.actor = actor
            part.prepare(actor)

    def read(self, row):
        made = self.formulas.read(row)
        formula = ScoreFormula.objects.get_by_natural_key(*made.key)
        values = self.weights.values_of(row)
        weight = formula.weights.filter(indicator=values["indicator"]).first()
        added = weight is None
        weight = weight or ScoreWeight(formula=formula)
        changed = [name for name, value in values.items() if added or getattr(weight, name) != value]
        for name in changed:
            setattr(weight, name, values[name])
        if changed:
            self._save(formula, weight)
        action = "add" if added else "change" if changed or made.action == "change" else "same"
        return Planned((*made.key, values["indicator"]), action, title=f"{formula} · {weight}")

    def _save(self, formula, weight):
        try:
            configuration_rows_save(formula, actor=self.actor, name="weights", saved=[weight], removed=[])
        except Refused as error:
            raise RowError("", str(error.detail)) from error

    def save(self, planned):
        """Rows are saved as they are read."""
