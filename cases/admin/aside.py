"""What leaves a case's usual way: requests of units, returns with their verdict, appeals with their opinions."""

from django.contrib import admin
from django.db.models import Count
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from cases.admin.looks import page_url
from cases.closing import photo_checks
from cases.models import Case, CaseAppeal, CaseRequest, CaseReturn
from cases.states import ENDED
from governance.admin.base import ReadOnlyAdmin

MOST_SHOWN = 50


def aside_of(case: Case) -> dict:
    """Return what a case's page shows beside its usual way: cases it belongs to, requests, returns, photos checked."""
    return {
        "children": case.children.select_related("lead_unit").order_by("id")[:MOST_SHOWN],
        "merged": case.merged.annotate(told=Count("reporters")).order_by("id")[:MOST_SHOWN],
        "requests": case.requests.select_related("unit").order_by("-id"),
        "returns": case.case_returns.select_related("unit").order_by("-id"),
        "appeal": CaseAppeal.objects.filter(case=case).select_related("unit").first() if case.appeal_state else None,
        "checks": photo_checks(case) if case.submitted_at or case.state in ENDED else [],
    }


class OfCaseAdmin(ReadOnlyAdmin):
    """Rows of cases in the person's areas; each leads to its case, where it is decided."""

    scope_fields = ("case__area",)
    list_select_related = ["case", "unit"]
    list_display_links = None
    search_fields = ["case__number"]

    @display(description=_("case"))
    def of_case(self, obj):
        return format_html('<a class="jc-link" href="{}">{}</a>', page_url(obj.case), obj.case)


@admin.register(CaseRequest)
class CaseRequestAdmin(OfCaseAdmin):
    """Extensions and suspensions asked for."""

    list_display = ["of_case", "kind", "status", "unit", "amount", "counted_in", "until", "asked_at", "decided_at"]
    list_filter = ["kind", "status"]
    ordering = ["-id"]


@admin.register(CaseReturn)
class CaseReturnAdmin(OfCaseAdmin):
    """Who gave cases back, whether that was right, and whose time it cost."""

    list_display = ["of_case", "unit", "returned_at", "verdict", "judged_at", "time_lost"]
    list_filter = ["verdict"]
    ordering = ["-id"]

    @display(description=_("time lost"))
    def time_lost(self, obj):
        return _("%(hours)s h") % {"hours": round(obj.lost.total_seconds() / 3600, 1)} if obj.lost else ""


@admin.register(CaseAppeal)
class CaseAppealAdmin(OfCaseAdmin):
    """Appeals of units, and how far they are."""

    list_display = ["of_case", "unit", "ground", "outcome", "opinions_given", "filed_at", "settled_at"]
    list_filter = ["ground"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("opinions")

    @display(description=_("state"))
    def outcome(self, obj):
        return obj.case.get_appeal_state_display()

    @display(description=_("opinions"))
    def opinions_given(self, obj):
        return len(obj.opinions.all())
