"""What somebody may ask live figures for: by what, which days, where, with which formula. One form for page and API."""

from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import ScoreFormula
from cases.scoring import dimensions
from cases.scoring.dimensions import Dimension, dimension_named
from cases.scoring.figures import Days, Ground, live_ground
from governance.errors import Invalid
from governance.models import Area, Role
from governance.scoping import grants_of


class FormulaField(forms.ChoiceField):
    """A formula by ``key`` (the newest version in force) or ``key/version``; empty for none."""

    def clean(self, value):
        if value in self.empty_values:
            return None
        key, _slash, version = str(value).partition("/")
        rows = ScoreFormula.objects.in_force(timezone.localdate()).filter(key=key)
        if version:
            known = version.isascii() and version.isdecimal() and len(version) < 5
            rows = ScoreFormula.objects.filter(key=key, version=int(version)) if known else rows.none()
        formula = rows.prefetch_related("weights", "exclusions").first()
        if formula is None:
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": value})
        return formula


class DayField(forms.DateField):
    """A day such as 2026-11-23."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    input_formats = ["%Y-%m-%d"]


class QuestionForm(forms.Form):
    """Days default to this month up to today, ``by`` to units."""

    by = forms.ChoiceField(label=_("compared by"), choices=dimensions.choices, required=False)
    first = DayField(label=_("from"), required=False)
    last = DayField(label=_("to"), required=False)
    area = forms.ModelChoiceField(
        Area.objects.none(), label=_("area"), required=False, to_field_name="code", empty_label=_("Everywhere")
    )
    formula = FormulaField(label=_("score formula"), required=False)

    def __init__(self, data, *, user):
        self.user = user
        super().__init__(data)
        self.fields["area"].queryset = areas_of(user)
        self.fields["formula"].choices = [
            ("", _("Without a score")),
            *((row.key, row.name) for row in ScoreFormula.objects.in_force(timezone.localdate())),
        ]

    def clean(self):
        cleaned = super().clean()
        today = timezone.localdate()
        last = cleaned.get("last") or max(today, cleaned.get("first") or today)
        first = cleaned.get("first") or last.replace(day=1)
        if not self.errors:
            try:
                cleaned["days"] = Days(first, last)
            except Invalid as error:
                raise ValidationError({error.field: ValidationError(error.detail, error.code)}) from error
        return cleaned

    def question(self) -> "Question":
        """Return the question of a valid form."""
        given = self.cleaned_data
        by = dimension_named(given["by"] or "unit")
        return Question(self.user, by, given["days"], given["area"], given["formula"])


def areas_of(user):
    """Return the areas somebody may ask for: those they work in, and all under them."""
    within = Q(pk__in=[])
    for grant in grants_of(user):
        if grant.role != Role.RESIDENT:
            within |= Q(path__startswith=grant.area_path)
    return Area.objects.visible_to(user).filter(within, is_active=True).defer("boundary").order_by("path")


@dataclass(frozen=True)
class Question:
    """A question about live figures, judged."""

    user: object
    by: Dimension
    days: Days
    area: Area | None = None
    formula: ScoreFormula | None = None

    def ground(self) -> Ground:
        """Return the facts it is about."""
        return live_ground(self.user, area=self.area, formula=self.formula)

    def params(self) -> dict[str, str]:
        """Return it as parameters of an address."""
        given = {"by": self.by.key, "first": self.days.first.isoformat(), "last": self.days.last.isoformat()}
        if self.area is not None:
            given["area"] = self.area.code
        if self.formula is not None:
            given["formula"] = f"{self.formula.key}/{self.formula.version}"
        return given


def usual_days(today: date) -> list[tuple[str, Days]]:
    """Return what people look at most: this and the last month and quarter, this year."""
    month, quarter = today.replace(day=1), today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    last_month = month - timedelta(days=1)
    last_quarter = quarter - timedelta(days=1)
    begin = last_quarter.replace(month=(last_quarter.month - 1) // 3 * 3 + 1, day=1)
    return [
        (_("This month"), Days(month, today)),
        (_("Last month"), Days(last_month.replace(day=1), last_month)),
        (_("This quarter"), Days(quarter, today)),
        (_("Last quarter"), Days(begin, last_quarter)),
        (_("This year"), Days(today.replace(month=1, day=1), today)),
    ]
