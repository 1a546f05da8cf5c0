"""``number=``: the row of a number that people are told."""

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from mediation.numbers import LETTERS, key_of


class NumberField(forms.CharField):
    """A number such as D000012, cleaned to the key it says."""

    def __init__(self, *args, of, **options):
        self.of = of
        super().__init__(*args, max_length=20, **options)

    def clean(self, value):
        text = super().clean(value)
        key = key_of(self.of, text) if text else None
        if text and key is None:
            told = _("A number such as %(number)s is needed.") % {"number": f"{LETTERS[self.of]}000012"}
            raise forms.ValidationError(told, code="invalid")
        return key


@extend_schema_field(OpenApiTypes.STR)
class NumberFilter(filters.Filter):
    """Filters by the number of a row of the model ``of`` (``mediation.dispute``)."""

    field_class = NumberField

    def __init__(self, of: str, **options):
        super().__init__("id", of=of, label=_("The number, such as %(number)s.") % {"number": f"{LETTERS[of]}000012"},
                         **options)  # fmt: skip
