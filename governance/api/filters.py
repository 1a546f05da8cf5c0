"""Filters every list may use. A value that cannot be meant is a validation error naming the filter.

Codes (of areas, units, categories) are looked up in one statement for all filters of a request together.
"""

from datetime import UTC

import django_filters as filters
from django import forms
from django.db.models import CharField, F, Q, Value
from django.utils.translation import gettext_lazy as _
from django_filters.fields import IsoDateTimeField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from governance.models import Area, AreaKind, OrgUnit, UnitKind


class CodeField(forms.CharField):
    """The code of a row of ``model``, cleaned to the column ``gives`` of that row; ``CodesForm`` looks it up."""

    def __init__(self, *args, model, gives="code", **options):
        self.model, self.gives = model, gives
        super().__init__(*args, max_length=40, **options)

    def looked_up(self, name: str, code: str):
        """Return the query for (name of the filter, what the row gives)."""
        rows = self.model._default_manager.order_by().filter(code=code)
        return rows.values_list(Value(name, CharField()), F(self.gives))


class CodesForm(forms.Form):
    """Form of filters: replaces codes by what their rows give, and refuses codes that no row has."""

    def clean(self):
        cleaned = super().clean()
        asked = {
            name: cleaned[name]
            for name, field in self.fields.items()
            if isinstance(field, CodeField) and cleaned.get(name)
        }
        if not asked:
            return cleaned
        first, *others = (self.fields[name].looked_up(name, code) for name, code in asked.items())
        found = dict(first.union(*others))
        for name, code in asked.items():
            if name in found:
                cleaned[name] = found[name]
            else:
                unknown = _("There is no “%(code)s”.")
                self.add_error(name, forms.ValidationError(unknown, code="does_not_exist", params={"code": code}))
        return cleaned


class CodeFilter(filters.CharFilter):
    """Filters by the code of a row of ``model``."""

    field_class = CodeField


class AreaFilter(CodeFilter):
    """``area=<code>``: rows in the area and all under it. ``field_name`` leads to the ``path`` of the row's area."""

    def __init__(self, field_name="area__path", **options):
        options.setdefault("label", _("Code of an area: it and all areas under it."))
        super().__init__(field_name, lookup_expr="startswith", model=Area, gives="path", **options)


class YesNoField(forms.Field):
    """``true`` or ``false`` (also 1, 0)."""

    MEANINGS = {"true": True, "1": True, "false": False, "0": False}

    def to_python(self, value):
        if value in self.empty_values:
            return None
        if value.lower() not in self.MEANINGS:
            raise forms.ValidationError(_("Say true or false."), code="invalid")
        return self.MEANINGS[value.lower()]


@extend_schema_field(OpenApiTypes.BOOL)
class YesNoFilter(filters.Filter):
    """A filter that is on, off or absent; other words are refused (Django's own takes them for absent)."""

    field_class = YesNoField


class MomentFormField(IsoDateTimeField):
    """A moment in UTC: the database takes no displacement of sixteen hours and more, and UTC has no year 0."""

    def to_python(self, value):
        moment = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentFilter(filters.IsoDateTimeFilter):
    """A date and time, with whatever displacement."""

    field_class = MomentFormField


class CodedFilterSet(filters.FilterSet):
    """Base of filter sets with codes."""

    class Meta:
        form = CodesForm
        fields = []


class AreaFilters(CodedFilterSet):
    kind = filters.ChoiceFilter(choices=AreaKind.choices)
    area = AreaFilter("path")
    text = filters.CharFilter(method="holding_text", label=_("Part of the name or code."))

    class Meta(CodedFilterSet.Meta):
        model = Area

    def holding_text(self, queryset, name, value):
        return queryset.filter(Q(name__icontains=value) | Q(code__startswith=value))


class UnitFilters(CodedFilterSet):
    kind = filters.ChoiceFilter(choices=UnitKind.choices)
    area = AreaFilter()
    text = filters.CharFilter(method="holding_text", label=_("Part of the name or code."))

    class Meta(CodedFilterSet.Meta):
        model = OrgUnit

    def holding_text(self, queryset, name, value):
        return queryset.filter(Q(name__icontains=value) | Q(short_name__icontains=value) | Q(code__startswith=value))
