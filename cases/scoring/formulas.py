"""What may be done to a formula: anything until a period used it, after that only taking it out of use."""

from django.utils.translation import gettext as _

from cases.models import ScoreFormula
from governance.configuration import guards, lies_in
from governance.errors import Conflict

STANDING = ("key", "version", "name", "scale", "minimum_sample", "valid_from", "source")


def places_of_formula(_formula: ScoreFormula) -> list:
    """Formulas hold for the whole city."""
    return []


def guard_formula(formula: ScoreFormula, stored: ScoreFormula | None, _actor) -> None:
    """A used formula stands still."""
    if stored is None or not stored.used:
        return
    if any(getattr(stored, name) != getattr(formula, name) for name in STANDING):
        raise Conflict(_("Periods were scored with this formula. Make a new version instead."), code="used")


lies_in("cases.scoreformula", places_of_formula)
guards("cases.scoreformula", guard_formula)
