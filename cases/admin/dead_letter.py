"""Admin of messages that could not be taken: what is wrong with each, put right, replayed or discarded."""

import json

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from cases.admin.looks import when
from cases.intake.mapping import FIELDS
from cases.intake.workflow import LetterState
from cases.models import DeadLetter, IntakeSource
from governance.admin.workflow import WorkflowAdmin
from governance.models import Event
from governance.templatetags.jiceng import badge

TONES = {
    LetterState.REJECTED: "red",
    LetterState.REPLAYED: "green",
    LetterState.DISCARDED: "grey",
    LetterState.SUPERSEDED: "grey",
}
EVENTS_SHOWN = 50


class OfSourceFilter(DropdownFilter):
    """Letters of one source."""

    title = _("named source")
    parameter_name = "source"

    def lookups(self, request, model_admin):
        rows = IntakeSource.objects.visible_to(request.user).order_by("code")
        return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        return queryset.filter(source=self.value()) if self.value().isdecimal() else queryset.none()


class LetterStateFilter(DropdownFilter):
    """Letters that wait, or were settled in one way."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return LetterState.choices

    def queryset(self, request, queryset):
        return queryset.filter(state=self.value()) if self.value() else queryset


class LetterAreaFilter(AreaFilter):
    """Letters of the sources of an area."""

    def narrow(self, queryset, row):
        return queryset.filter(source__area__path__startswith=row.path)


@admin.register(DeadLetter)
class DeadLetterAdmin(WorkflowAdmin):
    """Dead letters: the newest first."""

    page_template = "cases/admin/letter_page.html"
    list_display = ["what", "source", "wrong", "state_badge", "received", "case_link"]
    list_display_links = ["what"]
    export_display = (
        "external_id", "source", "get_state_display", "received_at", "times", "last_at", "case", "settled_at",
    )  # fmt: skip
    list_filter = [LetterStateFilter, OfSourceFilter, LetterAreaFilter]
    list_filter_submit = True
    list_select_related = ["source__area", "case"]
    search_fields = ["external_id"]
    search_help_text = _("Number there")
    ordering = ["-id"]

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("source__area", "case")
        if request.resolver_match.url_name.endswith("list"):
            return rows.defer("source__area__boundary", "payload", "source__mapping")
        return rows

    @display(description=_("message"), ordering="external_id")
    def what(self, obj):
        return obj.external_id or f"#{obj.pk}"

    @display(description=_("what is wrong"))
    def wrong(self, obj):
        return "；".join(f"{label_of(error['field'])}：{error['detail']}" for error in obj.errors[:2]) or "—"

    @display(description=_("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), TONES[obj.state])

    @display(description=_("received at"), ordering="received_at")
    def received(self, obj):
        return format_html("{} × {}", when(obj.last_at), obj.times)

    @display(description=_("case"), ordering="case")
    def case_link(self, obj):
        if obj.case is None:
            return "—"
        url = reverse("admin:cases_case_change", args=[obj.case_id])
        return format_html('<a class="jc-link" href="{}">{}</a>', url, obj.case.number)

    def page_context(self, request, obj):
        rows = Event.objects.filter(subject_type=obj._meta.label_lower, subject_id=obj.pk).order_by("-id")
        return {
            "tone": TONES[obj.state],
            "errors": [(label_of(error["field"]), error["detail"]) for error in obj.errors],
            "corrections": [(label_of(name), text) for name, text in obj.corrections.items()],
            "message": json.dumps(obj.payload, ensure_ascii=False, indent=2) if obj.payload != {} else "",
            "events": rows.select_related("actor", "unit", "remark")[:EVENTS_SHOWN],
        }


def label_of(field: str) -> str:
    """Return what people call a field of a message."""
    return str(FIELDS.get(field, _("message")))
