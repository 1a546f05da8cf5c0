"""Admin of rounds: the log, the page of one round, the month in figures."""

from datetime import timedelta

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from cases.admin.filters import AreaFilter, DayRangeFilter
from cases.admin.patrol_filters import MissingFilter, PatrolStateFilter, RouteFilter, TeamUnitFilter, WorkerFilter
from cases.models import Patrol, PatrolState
from cases.patrol_summary import month_after, month_of, summary_of
from cases.patrol_trail import check_ins_of, stops_of, trail_of
from governance.admin.workflow import WorkflowAdmin
from governance.templatetags.jiceng import badge, icon

TONES = {
    PatrolState.PLANNED: "violet",
    PatrolState.UNDER_WAY: "blue",
    PatrolState.FINISHED: "green",
    PatrolState.MISSED: "red",
    PatrolState.CANCELLED: "grey",
}


@admin.register(Patrol)
class PatrolAdmin(WorkflowAdmin):
    """Rounds as the person may see them: the log of persons and teams."""

    page_template = "cases/admin/patrol_page.html"
    list_display = ["round_and_time", "state_badge", "area", "unit", "worker", "reached", "missed", "findings"]
    list_display_links = ["round_and_time"]
    export_display = (
        "number", "route", "date", "starts_at", "ends_at", "get_state_display", "area", "unit", "worker", "started_at",
        "finished_at", "reached", "missed", "findings",
    )  # fmt: skip
    list_filter = [
        PatrolStateFilter, MissingFilter, AreaFilter, TeamUnitFilter, WorkerFilter, RouteFilter,
        ("starts_at", DayRangeFilter),
    ]  # fmt: skip
    list_filter_submit = True
    list_select_related = ["route", "area", "unit", "worker"]
    search_fields = ["route__name", "route__code", "worker__name"]
    search_help_text = gettext_lazy("Route or person")
    ordering = ["-starts_at", "-id"]
    actions_list = ["month_summary"]

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("list"):
            return rows.defer("area__boundary").with_figures()
        return rows.select_related("route", "area", "unit", "worker", "plan")

    @display(description=gettext_lazy("patrol"), ordering="starts_at")
    def round_and_time(self, obj):
        day = timezone.localtime(obj.starts_at).strftime("%m-%d")
        mark = icon("route", _("patrol"))
        return format_html('<span class="jc-number">{}{}<small>{} {}</small></span>', mark, obj.route, day, obj.hours)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), TONES[obj.state])

    @display(description=gettext_lazy("points reached"))
    def reached(self, obj):
        return obj.points_reached

    @display(description=gettext_lazy("points missed"))
    def missed(self, obj):
        return obj.points_missed

    @display(description=gettext_lazy("findings"))
    def findings(self, obj):
        return obj.findings_made

    @display(description=gettext_lazy("number"))
    def number(self, obj):
        return obj.number

    def page_context(self, request, obj):
        check_ins = check_ins_of(obj)
        stops = stops_of(obj, check_ins)
        return {
            "tone": TONES[obj.state],
            "stops": stops,
            "reached": sum(stop["reached"] for stop in stops),
            "timeline": trail_of(obj, check_ins)[::-1],
            "found": obj.findings.select_related("case", "point"),
            "map_data": map_of(obj, stops),
        }

    def form_context(self, request, obj, step):
        return {"tone": TONES[obj.state]}

    @action(description=gettext_lazy("The month in figures"), url_path="summary", permissions=["view"], icon="table")
    def month_summary(self, request):
        """Rounds, points and findings of a month, per person and per team; two times five statements."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        first = month_of(request.GET.get("month", ""), timezone.localdate())
        patrols = Patrol.objects.visible_to(request.user)
        context = {
            **self.admin_site.each_context(request),
            "title": _("The month in figures"),
            "title_part": _("The month in figures"),
            "opts": self.opts,
            "month": first,
            "before": (first - timedelta(days=1)).replace(day=1),
            "after": month_after(first),
            "people": summary_of(patrols, first, "worker"),
            "teams": summary_of(patrols, first, "unit"),
            "back": reverse("admin:cases_patrol_changelist"),
        }
        return TemplateResponse(request, "cases/admin/patrol_summary.html", context)


def map_of(patrol: Patrol, stops: list[dict]) -> dict:
    """Return what the map of a round shows: the area, its points, and where the phone was at each check-in."""
    marks = [
        {
            "at": [stop["point"].longitude, stop["point"].latitude],
            "text": f"{stop['point'].position}. {stop['point'].name}",
            "tone": "green" if stop["reached"] else "red" if stop["missed"] else "grey",
            "radius": stop["point"].radius,
        }
        for stop in stops
    ]
    marks += [
        {
            "at": [made.longitude, made.latitude],
            "text": f"{timezone.localtime(made.at):%H:%M} {made.point}",
            "tone": "blue" if made.at_place else "amber",
        }
        for stop in stops
        for made in stop["check_ins"]
        if made.longitude is not None
    ]
    return {
        "boundary": patrol.area.boundary,
        "boundary_name": patrol.area.name,
        "marks": marks,
        "tiles": settings.MAP_TILES,
    }
