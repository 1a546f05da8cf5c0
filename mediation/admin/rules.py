"""Admin of the types of disputes, the figures of mediation and the wording of its papers."""

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from governance.admin.base import KernelAdmin
from mediation.agreements.sentences import USUAL
from mediation.models import DisputeType, MediationRule, PaperSentence, PaperText


@admin.register(DisputeType)
class DisputeTypeAdmin(KernelAdmin):
    """The types that the public systems share."""

    list_display = ["code", "name", "identity_relation", "title_to_property", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code", "name"]
    ordering = ["order", "code"]
    fields = ["code", "name", "order", "identity_relation", "title_to_property", "arbitration_days", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


@admin.register(MediationRule)
class MediationRuleAdmin(KernelAdmin):
    """Terms and thresholds, by place and from which day on."""

    list_display = ["area", "valid_from", "term_days", "suggest_days", "suggest_people"]
    list_select_related = ["area"]
    ordering = ["area__code", "-valid_from"]
    fields = ["area", "valid_from", "term_days", "suggest_days", "suggest_people", "visit_days", "visit_months",
              "visit_grace_days", "reminder_days", "intermediate_from", "signal_days", "hazard_days",
              "contact_years", "source"]  # fmt: skip
    autocomplete_fields = ["area"]

    def get_readonly_fields(self, request, obj=None):
        return ["area", "valid_from"] if obj else []


@admin.register(PaperText)
class PaperTextAdmin(KernelAdmin):
    """Sentences of the papers in the words of a place, from which day on; beside them what usually stands there."""

    list_display = ["area", "sentence", "valid_from", "text"]
    list_filter = ["sentence"]
    list_select_related = ["area"]
    ordering = ["area__code", "sentence", "-valid_from"]
    fields = ["area", "sentence", "valid_from", "text", "usual_told"]
    autocomplete_fields = ["area"]

    def get_readonly_fields(self, request, obj=None):
        return ["area", "sentence", "valid_from", "usual_told"] if obj else ["usual_told"]

    @display(description=_("what usually stands there"))
    def usual_told(self, obj):
        """Of one sentence, or of all where none is chosen yet; its articles must stay in the text."""
        told = {obj.sentence: USUAL[obj.sentence]} if obj and obj.sentence in USUAL else USUAL
        lines = ((PaperSentence(code).label, usual.text or "—") for code, usual in told.items())
        return format_html_join("", "<p><b>{}</b><br>{}</p>", lines)
