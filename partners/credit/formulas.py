"""Formulas: found by area and day, put in force, never edited from then on (the database says so too)."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.configuration import guards
from governance.errors import Conflict, Invalid, NotPermitted
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.credit.querysets import SETS
from partners.credit.workflow import FormulaState
from partners.models import CreditFormula, CreditLevel

LABEL = "partners.creditformula"


def formula_on(area, day: date) -> CreditFormula | None:
    """Return the formula in force in a community on a day: its own, else that of the nearest area above."""
    return CreditFormula.objects.in_force(day).for_area(area).with_rows().first()


def formula_needed(area, day: date) -> CreditFormula:
    """Return the formula as ``formula_on``. Raises Conflict (``no_formula``)."""
    found = formula_on(area, day)
    if found is None:
        raise Conflict(_("No formula for credit files is in force here on %(day)s.") % {"day": day}, code="no_formula")
    return found


def level_for(formula: CreditFormula, score) -> CreditLevel:
    """Return the level of a score: the highest that begins at or below it."""
    levels = sorted(formula.levels.all(), key=lambda level: level.least, reverse=True)
    return next(level for level in levels if level.least <= score)


@carries_out(LABEL, "put_in_force")
def formula_put_in_force(formula: CreditFormula, *, actor, version=None, reason="", occurred_at: datetime | None = None,
                         photos=()) -> CreditFormula:  # fmt: skip
    """Put a draft in force; the one of this area that is in force is replaced the day before.

    Raises NotPermitted, Conflict (``whole``: no lines, or scores without a level; ``overlap``), Invalid
    (``valid_from``: in the past while another one held then).
    """
    today = timezone.localdate(occurred_at or timezone.now())
    with atomically():
        fresh = CreditFormula.objects.lock(formula.pk)
        if grant_for(SETS, fresh, actor) is None:  # who may not is told that, not what is wrong with it
            raise NotPermitted(_("You may not put this formula in force."))
        _whole_check(fresh)
        _replace_before(fresh, actor, today, occurred_at)
        try:
            return perform(fresh, "put_in_force", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                           payload={"code": fresh.code, "valid_from": f"{fresh.valid_from}"})[0]  # fmt: skip
        except IntegrityError as error:
            text = _("Another formula of this area is in force in this time.")
            raise Conflict(text, code="overlap") from error


def _whole_check(formula: CreditFormula) -> None:
    if not formula.weights.exists():
        raise Conflict(_("The formula has no lines yet."), code="whole")
    if not formula.levels.filter(least__lte=formula.floor).exists():
        raise Conflict(_("The lowest score has no level yet."), code="whole")


def _replace_before(formula: CreditFormula, actor, today: date, occurred_at) -> None:
    """End the formula that is in force; the new one begins today or later unless none was ever."""
    others = CreditFormula.objects.filter(area=formula.area_id).exclude(state=FormulaState.DRAFT)
    if formula.valid_from < today and others.exists():
        raise Invalid(_("A new formula begins today or later."), field="valid_from", code="past")
    before = others.filter(state=FormulaState.IN_FORCE).first()
    if before is None or formula.state != FormulaState.DRAFT:
        return
    if before.valid_from >= formula.valid_from:
        raise Conflict(_("Another formula of this area begins later or on the same day."), code="overlap")
    perform(before, "replace", actor=actor, occurred_at=occurred_at, valid_to=formula.valid_from - timedelta(days=1))


def formula_guard(formula: CreditFormula, stored: CreditFormula | None, actor) -> None:
    """Drafts are edited, nothing else."""
    if stored is not None and stored.state != FormulaState.DRAFT:
        raise Conflict(_("A formula in force is never edited: make a new one that begins later."), code="in_force")


def formula_rows_guard(stored: CreditFormula, actor) -> None:
    """The same for lines and levels."""
    formula_guard(stored, stored, actor)


guards(LABEL, formula_guard, rows=formula_rows_guard)
