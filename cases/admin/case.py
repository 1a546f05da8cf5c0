"""Admin of cases: the list, the page of one case, the report form."""

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_safe
from unfold.decorators import display

from cases.admin.aside import aside_of
from cases.admin.board import board
from cases.admin.duplicates import sides_of
from cases.admin.filters import (
    AreaFilter,
    AssistingFilter,
    CategoryFilter,
    CountedFilter,
    DayRangeFilter,
    LeadUnitFilter,
    PlaceFilter,
    PromiseFilter,
    QueueFilter,
    SceneFilter,
    SourceFilter,
    StateFilter,
)
from cases.admin.looks import ICONS, TONES, page_url, review_text, runner_up_of
from cases.admin.overview import OverviewPage
from cases.admin.report import ReportForm
from cases.admin.review import ReviewPage, may_review
from cases.duplicates import likely_duplicates
from cases.evidence import origin_of, told
from cases.models import Case, CaseRating
from cases.permissions import REPORTERS
from cases.reporters import reporters_for
from cases.review.services import proposals_for
from cases.services import case_report
from cases.timeline import timeline_of
from governance.admin.base import refusal_page
from governance.admin.workflow import WorkflowAdmin
from governance.errors import Invalid, Refused
from governance.models import Area
from governance.scoping import grants_of, roles_of
from governance.templatetags.jiceng import badge, icon, remaining

EVIDENCE_SHOWN = 50


@admin.register(Case)
class CaseAdmin(OverviewPage, ReviewPage, WorkflowAdmin):
    """Cases of every source, as the person may see them."""

    page_template = "cases/admin/case_page.html"
    list_display = ["number_and_source", "state_badge", "what", "place", "lead", "time_left"]
    list_display_links = ["number_and_source"]
    export_display = ("number", "source", "reported_at", "state_badge", "what", "place", "lead", "due_at")
    list_filter = [
        StateFilter, QueueFilter, SceneFilter, SourceFilter, CategoryFilter, AreaFilter, LeadUnitFilter,
        AssistingFilter, PlaceFilter, CountedFilter, ("reported_at", DayRangeFilter), ("closed_at", DayRangeFilter),
        PromiseFilter,
    ]  # fmt: skip
    list_filter_submit = True
    list_select_related = ["category", "area", "lead_unit"]
    search_fields = ["number", "description", "address"]
    search_help_text = gettext_lazy("Number, description or address")
    ordering = ["-id"]

    def get_urls(self):
        site = self.admin_site
        return [
            path("board/", site.admin_view(board), name="cases_case_board"),
            path("<int:object_id>/duplicates/", site.admin_view(self.duplicates_view), name="cases_case_duplicates"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def duplicates_view(self, request, object_id):
        """The case side by side with those it likely repeats."""
        obj = self.find(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Likely the same"),
            "subtitle": obj.number,
            "opts": self.opts,
            "original": obj,
            "object": obj,
            "merge_url": reverse("admin:cases_case_transition", args=[obj.pk, "merge"]),
            **sides_of(obj, request.user),
        }
        return TemplateResponse(request, "cases/admin/duplicates.html", context)

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & REPORTERS)

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        # The list shows names of areas; their boundaries are large.
        return rows.defer("area__boundary", "result") if request.resolver_match.url_name.endswith("list") else rows

    def get_search_results(self, request, queryset, search_term):
        return (queryset.with_text(search_term) if search_term.strip() else queryset), False

    def page_rows(self, request):
        rows = self.get_queryset(request).with_rows()
        return rows.select_related("reporter", "parent", "merged_into")

    @display(description=gettext_lazy("number"), ordering="id")
    def number_and_source(self, obj):
        return format_html(
            '<span class="jc-number">{}{}<small>{}</small></span>',
            icon(ICONS[obj.source], obj.get_source_display()),
            obj.number,
            localtime(obj.reported_at).strftime("%m-%d %H:%M"),
        )

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), TONES[obj.state])

    @display(description=gettext_lazy("matter"), ordering="category")
    def what(self, obj):
        return format_html(
            '<span class="jc-what jc-matter"><b>{}</b><span>{}</span></span>', obj.category or "", obj.description[:60]
        )

    @display(description=gettext_lazy("place"), ordering="area")
    def place(self, obj):
        return format_html('<span class="jc-what jc-place"><b>{}</b><span>{}</span></span>', obj.area, obj.address)

    @display(description=gettext_lazy("lead unit"), ordering="lead_unit")
    def lead(self, obj):
        why = review_text(obj)
        return obj.lead_unit or format_html('<span class="jc-unled" title="{}">{}</span>', why, why or "—")

    @display(description=gettext_lazy("time left"), ordering=F("due_at").asc(nulls_last=True))
    def time_left(self, obj):
        return remaining(obj.due_at)

    def page_context(self, request, obj):
        trail = timeline_of(obj)
        dispatches = list(obj.dispatches.select_related("lead_unit", "dispatched_by", "standard__category"))
        return {
            "tone": TONES[obj.state],
            "source_icon": ICONS[obj.source],
            "place": _place_lines(obj),
            "review": review_text(obj),
            "dispatches": dispatches,
            "runner_up": runner_up_of(dispatches),
            "proposals": proposals_for(obj),
            "may_review": may_review(request.user),
            "clocks": obj.clocks.select_related("unit", "assignee"),
            "likely": likely_duplicates(obj, request.user),
            "aside": aside_of(obj),
            "evidence": [told(row) for row in obj.evidence.order_by("-happened_at", "-id")[:EVIDENCE_SHOWN]],
            "origin": origin_of(obj),
            "ratings": CaseRating.objects.filter(Q(case=obj) | Q(case__merged_into=obj)).order_by("-rated_at", "-id"),
            "reporters": reporters_for(obj, request.user),
            "timeline": trail[::-1],
            "report_photos": [
                photo for entry in trail if entry["name"] == "case.reported" for photo in entry["photos"]
            ],
            "map_data": map_of(obj),
        }

    def form_context(self, request, obj, step):
        return {
            "about_template": "cases/admin/case_about.html",
            "tone": TONES[obj.state],
            "review": review_text(obj),
            "place": _place_lines(obj),
        }

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Report a case. GET shows the form, POST reports."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = request.method == "POST"
        form = ReportForm(request.POST if posted else None, request.FILES if posted else None, user=request.user)
        if posted and form.is_valid():
            try:
                case = case_report(actor=request.user, **form.arguments())
            except Invalid as error:
                form.add_error(error.field if error.field in form.fields else None, error.detail)
            except Refused as error:
                return refusal_page(self, request, error, back=request.path)
            else:
                return self._reported(request, case)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Report a case"),
            "title_part": _("Report a case"),
            "opts": self.opts,
            "form": form,
            "map_data": _map_to_pick(request.user),
        }
        status = 400 if posted else 200
        return TemplateResponse(request, "cases/admin/report_form.html", context, status=status)

    def _reported(self, request, case):
        messages.success(request, _("Case %(number)s was reported.") % {"number": case.number})
        if Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
            return HttpResponseRedirect(page_url(case))
        return HttpResponseRedirect(reverse("admin:cases_case_changelist"))


def _place_lines(case: Case) -> dict:
    """Return the path of areas from the top, as names, and the address."""
    keys = case.area.lineage
    names = dict(Area.objects.filter(pk__in=keys).values_list("pk", "name"))
    return {"areas": [names[key] for key in keys if key in names], "address": case.address}


def map_of(case: Case) -> dict | None:
    """Return what the map of a case shows: the boundary of its area and its point; None when neither is known."""
    area, point = case.area, None
    if case.longitude is not None:
        point = [case.longitude, case.latitude]
    if area.boundary is None and point is None:
        return None
    return {
        "boundary": area.boundary,
        "boundary_name": area.name,
        "point": point,
        "point_name": case.number,
        "tiles": settings.MAP_TILES,
    }


def _map_to_pick(user) -> dict:
    """Return the map on which a reporter points at the place: the first boundary of the areas the person works in."""
    paths = [grant.area_path for grant in grants_of(user) if grant.role in REPORTERS]
    for reach in paths[:1]:
        found = Area.objects.filter(path__startswith=reach, boundary__isnull=False).order_by("path").first()
        if found is not None:
            return {
                "boundary": found.boundary,
                "boundary_name": found.name,
                "pick": {"longitude": "id_longitude", "latitude": "id_latitude"},
                "tiles": settings.MAP_TILES,
            }
    return {"pick": {"longitude": "id_longitude", "latitude": "id_latitude"}, "tiles": settings.MAP_TILES}
