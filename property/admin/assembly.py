"""Admin of assemblies: their rule, their seats, and in which months they met."""

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from governance.admin.base import KernelAdmin, PartsInline
from property.admin.assembly_looks import months_strip
from property.assembly.months import MONTHS_SHOWN, months_told
from property.models import Assembly, Seat
from property.models.assembly import COUNTING_CHOICES


class AssemblyForm(forms.ModelForm):
    """The roles of the quorum are ticked."""

    quorum_roles = forms.MultipleChoiceField(
        label=_("one of each must be there"), choices=COUNTING_CHOICES, required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip

    class Meta:
        model = Assembly
        fields = "__all__"  # noqa: DJ007 - the admin names the fields


class SeatsFormSet(BaseInlineFormSet):
    """A new seat goes to the end."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if form.instance.pk is None and index is not None:
            form.fields["position"].initial = index + 1


class SeatsInline(PartsInline):
    """Seats end by a day; who was asked once stays known."""

    model = Seat
    formset = SeatsFormSet
    fields = ["position", "role", "title", "unit", "person", "name", "valid_from", "valid_to"]
    autocomplete_fields = ["unit", "person"]
    can_delete = False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Assembly)
class AssemblyAdmin(KernelAdmin):
    """Assemblies the person may see; a month without a session is red."""

    form = AssemblyForm
    list_display = ["name", "area", "estate", "chair", "rule_said", "months", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["area", "estate", "chair"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["area", "estate", "venue"]
    readonly_fields = ["months", "quorum_said"]
    inlines = [SeatsInline]
    ordering = ["code"]
    fieldsets = [
        (None, {"fields": ["code", "name", "chair", "area", "estate", "valid_from", "is_active", "months"]}),
        (
            _("When it meets"),
            {"fields": ["rule", "nth", "weekday", "month_day", "holiday_move", "starts", "minutes", "venue",
                        "collect_days", "notice_days"]},
        ),
        (
            _("Quorum"),
            {"fields": ["quorum_numerator", "quorum_denominator", "quorum_more_than", "quorum_minimum", "quorum_roles",
                        "quorum_said"]},
        ),
    ]  # fmt: skip

    def get_readonly_fields(self, request, obj=None):
        return [*self.readonly_fields, *(["code"] if obj else [])]

    def get_changelist_instance(self, request):
        """Tell the months of all rows of the page in one statement."""
        changelist = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        told = months_told(rows)
        for row in rows:
            row.months_told = told[row.pk]
        changelist.result_list = rows
        return changelist

    @display(description=_("rule"))
    def rule_said(self, obj):
        return obj.rule_text

    @display(description=_("months"))
    def months(self, obj):
        if obj.pk is None:
            return "—"
        if not hasattr(obj, "months_told"):
            obj.months_told = months_told([obj], back=2 * MONTHS_SHOWN - 1)[obj.pk]
        return months_strip(obj.months_told)

    @display(description=_("quorum in words"))
    def quorum_said(self, obj):
        return obj.quorum_text if obj.pk else "—"
