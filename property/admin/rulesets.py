"""Admin of rule sets: reference data by locality and date. A used one only shows: a new version is made instead."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from governance.admin.base import KernelAdmin
from governance.models import DwellingUse
from property.models import RuleSet
from property.voting.permissions import LOOSE
from property.voting.wording import demand_words


class RuleSetForm(forms.ModelForm):
    """The uses that count are ticked."""

    uses = forms.MultipleChoiceField(
        label=gettext_lazy("uses that count"), choices=DwellingUse.choices, widget=forms.CheckboxSelectMultiple
    )


@admin.register(RuleSet)
class RuleSetAdmin(KernelAdmin):
    """Every version, with where it comes from."""

    form = RuleSetForm
    list_display = ["name", "code", "version", "kind", "area", "quorum_words", "share_words", "valid_from", "is_active"]
    list_filter = ["kind", "method", "is_active"]
    list_filter_submit = True
    list_select_related = ["area"]
    search_fields = ["name", "code", "source"]
    autocomplete_fields = ["area"]
    fieldsets = [
        (
            None,
            {"fields": ["code", "version", "name", "kind", "area", "source", "valid_from", "valid_to", "is_active"]},
        ),
        (
            gettext_lazy("How it is counted"),
            {
                "fields": [
                    "method", "counts_area", "head_by", "uses",
                    ("quorum_numerator", "quorum_denominator", "quorum_inclusive"),
                    ("share_numerator", "share_denominator", "share_inclusive"),
                    "split_heads", "invalid_takes_part",
                ],
            },
        ),
        (
            gettext_lazy("How it is carried out"),
            {"fields": ["allows_online", "online_may_change", "allows_secret", "notice_days", "publicity_days"]},
        ),
    ]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).defer("area__boundary")

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        if not obj.is_used:
            return ["code", "version"]
        return [field.name for field in RuleSet._meta.fields if field.name not in LOOSE]

    @display(description=gettext_lazy("must take part"))
    def quorum_words(self, obj):
        if obj.method == "objection":
            return "—"
        return demand_words(obj.quorum_numerator, obj.quorum_denominator, inclusive=obj.quorum_inclusive)

    @display(description=gettext_lazy("must agree, or may object"))
    def share_words(self, obj):
        objection = obj.method == "objection"
        return demand_words(
            obj.share_numerator, obj.share_denominator, inclusive=obj.share_inclusive, objection=objection
        )
