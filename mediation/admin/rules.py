"""Admin of the types of disputes and the figures of mediation."""

from django.contrib import admin

from governance.admin.base import KernelAdmin
from mediation.models import DisputeType, MediationRule


@admin.register(DisputeType)
class DisputeTypeAdmin(KernelAdmin):
    """The types that the public systems share."""

    list_display = ["code", "name", "identity_relation", "title_to_property", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code", "name"]
    ordering = ["order", "code"]
    fields = ["code", "name", "order", "identity_relation", "title_to_property", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


@admin.register(MediationRule)
class MediationRuleAdmin(KernelAdmin):
    """Terms and thresholds, by place and from which day on."""

    list_display = ["area", "valid_from", "term_days", "suggest_days", "suggest_people", "confirm_days"]
    list_select_related = ["area"]
    ordering = ["area__code", "-valid_from"]
    fields = ["area", "valid_from", "term_days", "suggest_days", "suggest_people", "visit_days", "visit_months",
              "visit_grace_days", "confirm_days", "reminder_days", "intermediate_from", "signal_days",
              "source"]  # fmt: skip
    autocomplete_fields = ["area"]

    def get_readonly_fields(self, request, obj=None):
        return ["area", "valid_from"] if obj else []
