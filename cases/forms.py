"""What the transitions of a case ask for; used by the admin and the API alike."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.dispatch import resolve_units
from cases.models import CaseCategory, FilingStandard, UnitPart
from cases.models.catalogue import LimitUnit
from governance.forms import TransitionForm, register_form
from governance.models import OrgUnit


class StandardField(forms.ModelChoiceField):
    """A filing standard, written ``<category code>/<condition code>``."""

    def __init__(self, **options):
        queryset = FilingStandard.objects.filter(is_active=True, category__is_active=True).select_related("category")
        super().__init__(queryset=queryset, **options)

    def prepare_value(self, value):
        if isinstance(value, FilingStandard):
            return f"{value.category.code}/{value.condition_code}"
        return value

    def to_python(self, value):
        if value in self.empty_values:
            return None
        category, _slash, condition = str(value).partition("/")
        found = list(self.queryset.filter(category__code=category, condition_code=condition)[:2])
        if len(found) != 1:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return found[0]


class CategoryField(forms.ModelChoiceField):
    """A category in use, by its code."""

    def __init__(self, **options):
        super().__init__(queryset=CaseCategory.objects.filter(is_active=True), to_field_name="code", **options)

    def to_python(self, value):
        if value in self.empty_values:
            return None
        found = list(self.queryset.filter(code=value)[:2])
        if len(found) != 1:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return found[0]


class AcceptForm(TransitionForm):
    """Category or filing standard; the standard brings its category with it."""

    field_order = ["standard", "category"]
    standard = StandardField(label=_("Filing standard"), required=False)
    category = CategoryField(
        label=_("Category"),
        required=False,
        help_text=_("Only when no filing standard fits; a dispatcher decides then."),
    )

    def starting_values(self):
        return super().starting_values() | {"standard": self.obj.standard, "category": self.obj.category}

    def clean(self):
        cleaned = super().clean()
        standard, category = cleaned.get("standard"), cleaned.get("category")
        if standard is None and category is None and not self.errors:
            self.add_error("standard", forms.ValidationError(_("Choose a category or a filing standard."), "required"))
        if standard is not None:
            cleaned["category"] = standard.category
        return cleaned


class CorrectForm(TransitionForm):
    """What was filed wrongly; what is left empty stays as it is."""

    field_order = ["standard", "category", "address"]
    standard = StandardField(label=_("Filing standard"), required=False)
    category = CategoryField(label=_("Category"), required=False)
    address = forms.CharField(label=_("Address"), required=False, max_length=200)

    def clean(self):
        cleaned = super().clean()
        if not any(cleaned.get(name) for name in ("standard", "category", "address")) and not self.errors:
            raise forms.ValidationError(_("Nothing was changed."), code="required")
        if cleaned.get("standard") is not None:
            cleaned["category"] = cleaned["standard"].category
        return cleaned


class DispatchForm(TransitionForm):
    """To whom, with whose help, under whose eyes, within which limit; starts with what the standard says."""

    field_order = ["lead_unit", "assisting_units", "supervising_unit", "limit_amount", "limit_unit"]
    lead_unit = forms.ModelChoiceField(
        OrgUnit.objects.filter(is_active=True), to_field_name="code", label=_("Lead unit")
    )
    assisting_units = forms.ModelMultipleChoiceField(
        OrgUnit.objects.filter(is_active=True), to_field_name="code", required=False, label=_("Assisting units")
    )
    supervising_unit = forms.ModelChoiceField(
        OrgUnit.objects.filter(is_active=True), to_field_name="code", required=False, label=_("Supervising unit")
    )
    limit_amount = forms.DecimalField(
        label=_("Limit"), min_value=Decimal("0.01"), max_value=9999, decimal_places=2, required=False
    )
    limit_unit = forms.ChoiceField(label=_("Counted in"), choices=LimitUnit, required=False)

    def starting_values(self):
        values = super().starting_values() | {"limit_amount": 1, "limit_unit": LimitUnit.WORK_DAY}
        standard = self.obj.standard
        if standard is None:
            return values
        units = resolve_units(standard, self.obj.area)
        return values | {
            "lead_unit": next(iter(units[UnitPart.LEAD]), None),
            "assisting_units": units[UnitPart.ASSISTING],
            "supervising_unit": next(iter(units[UnitPart.SUPERVISING]), None),
            "limit_amount": standard.limit_amount,
            "limit_unit": standard.limit_unit,
        }

    def clean(self):
        cleaned = super().clean()
        standard = self.obj.standard
        if cleaned.get("limit_amount") is None and "limit_amount" not in self.errors:
            if standard is None:
                self.add_error(
                    "limit_amount", forms.ValidationError(_("Without a standard, give a limit."), "required")
                )
            else:
                cleaned["limit_amount"], cleaned["limit_unit"] = standard.limit_amount, standard.limit_unit
        elif not cleaned.get("limit_unit") and "limit_unit" not in self.errors:
            self.add_error("limit_unit", forms.ValidationError(_("Say what the limit is counted in."), "required"))
        return cleaned

    def arguments(self):
        values = super().arguments()
        supervising = values.pop("supervising_unit")
        values["supervising_units"] = [supervising] if supervising else []
        return values


class SubmitForm(TransitionForm):
    """What was done, with photos taken after the work."""

    field_order = ["result", "photos"]
    result = forms.CharField(label=_("What was done"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


for _step_name, _form in {
    "accept": AcceptForm,
    "correct": CorrectForm,
    "dispatch": DispatchForm,
    "submit": SubmitForm,
}.items():
    register_form("cases.case", _step_name, _form)
