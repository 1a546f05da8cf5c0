"""Admin of collection: the rounds, and what each empties on a day: map, list to print, sheet to take along."""

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST
from unfold.decorators import display

from cases.admin.filters import KeyFilter
from devices.bins.days import is_current
from devices.bins.rounds import StopTold, due_bins, run_plan, stops_told
from devices.models import CollectionRound, CollectionRun
from devices.querysets import PLANS
from governance.admin.base import KernelAdmin, ReadOnlyAdmin
from governance.admin.refusals import refusal_page
from governance.configuration import grants_giving
from governance.errors import Refused
from governance.exchange.exports import FORMATS, export_recorded, table_file
from governance.scoping import grant_for
from governance.templatetags.jiceng import badge

STATES = {
    "open": (gettext_lazy("To empty"), "blue"),
    "ticked": (gettext_lazy("Emptied, no reading since"), "amber"),
    "proved": (gettext_lazy("Emptied, its readings say so"), "green"),
    "doubtful": (gettext_lazy("Ticked, but not empty by its readings"), "red"),
}


@admin.register(CollectionRound)
class CollectionRoundAdmin(KernelAdmin):
    """Rounds on which bins are emptied: whose, where from, when, and how much a vehicle takes."""

    list_display = ["name", "code", "unit", "area", "depot", "starts_at", "days_between", "capacity", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["unit", "area"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["unit", "area"]
    fields = [
        "code", "name", "unit", "area", "depot", "longitude", "latitude", "starts_at", "days_between", "capacity",
        "detour", "margin_hours", "is_active",
    ]  # fmt: skip
    ordering = ["code"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


class RoundFilter(KeyFilter):
    """Days of one round."""

    title = gettext_lazy("collection round")
    parameter_name = "round"

    def choose(self, request):
        return CollectionRound.objects.visible_to(request.user).order_by("code")

    def narrow(self, queryset, row):
        return queryset.filter(round=row)


@admin.register(CollectionRun)
class CollectionRunAdmin(ReadOnlyAdmin):
    """What each round empties, day by day."""

    list_display = ["round", "day", "unit", "done", "length", "trips", "planned_at"]
    list_display_links = ["round", "day"]
    list_filter = [RoundFilter]
    list_filter_submit = True
    ordering = ["-day", "round__code"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_urls(self):
        def page(view):
            return self.admin_site.admin_view(view)

        return [
            path("<int:object_id>/print/", page(self.print_view), name="devices_collectionrun_print"),
            path("<int:object_id>/sheet/", page(self.sheet_view), name="devices_collectionrun_sheet"),
            path("<int:object_id>/plan/", page(self.plan_view), name="devices_collectionrun_plan"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("unit"), ordering="round__unit__name")
    def unit(self, obj):
        return obj.round.unit

    @display(description=gettext_lazy("emptied"))
    def done(self, obj):
        return f"{obj.done_count} / {obj.stops_count}"

    @display(description=gettext_lazy("length"), ordering="metres")
    def length(self, obj):
        return f"{obj.metres / 1000:.1f} km"

    def find(self, request, object_id) -> CollectionRun:
        """Return a day's round that the person may see; raises Http404 otherwise."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = str(object_id)
        run = self.get_queryset(request).filter(pk=text).first() if text.isdecimal() and len(text) < 19 else None
        if run is None:
            raise Http404
        return run

    def page_url(self, run) -> str:
        """Address of a day's round."""
        return reverse("admin:devices_collectionrun_change", args=[run.pk])

    def context(self, request, run: CollectionRun) -> dict:
        """Return what the page and its print show."""
        (stops,) = stops_told([run])
        return {
            **self.admin_site.each_context(request),
            "title": str(run),
            "opts": self.opts,
            "original": run,
            "object": run,
            "rows": [(told, *_look(told)) for told in stops],
            "done": sum(told.state != "open" for told in stops),
            "kilometres": run.metres / 1000,
        }

    @method_decorator(require_http_methods(["GET", "HEAD"]))
    def change_view(self, request, object_id, form_url="", extra_context=None):
        run = self.find(request, object_id)
        context = self.context(request, run)
        now = timezone.now()
        today = is_current(run, now)
        context |= {
            "today": today,
            "may_plan": today and grant_for(PLANS, run.round, request.user) is not None,
            "unheard": due_bins(run.round, run.day, at=now)[1] if today else [],
            "map_data": _map(run, [told for told, *_look in context["rows"]]),
        }
        return TemplateResponse(request, "devices/admin/collection_page.html", context)

    @method_decorator(require_http_methods(["GET", "HEAD"]))
    def print_view(self, request, object_id):
        """The list on paper."""
        run = self.find(request, object_id)
        return TemplateResponse(request, "devices/admin/collection_print.html", self.context(request, run))

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def sheet_view(self, request, object_id):
        """The list as a file; that it was taken is recorded."""
        run = self.find(request, object_id)
        kind = request.POST.get("format", "xlsx")
        try:
            file, count = table_file(kind, [str(title) for title in SHEET], map(_line, stops_told([run])[0]))
            grant = grants_giving("devices.view_collectionrun", request.user)[0]
            export_recorded(
                request.user, grant=grant, model="devices.collectionstop", filters=["run"], rows=count, kind=kind
            )
        except Refused as error:
            return refusal_page(self, request, error, back=self.page_url(run))
        name = f"{run.round.name}-{run.day:%Y%m%d}.{kind}"
        return FileResponse(file, as_attachment=True, filename=name, content_type=FORMATS[kind])

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def plan_view(self, request, object_id):
        """Look for the way anew; what is ticked stays."""
        run = self.find(request, object_id)
        try:
            day = run.day if is_current(run, timezone.now()) else None
            fresh = run_plan(run.round, actor=request.user, day=day)
        except Refused as error:
            return refusal_page(self, request, error, back=self.page_url(run))
        messages.success(request, _("The round was planned anew."))
        return HttpResponseRedirect(self.page_url(fresh))


SHEET = [
    gettext_lazy("No."), gettext_lazy("trip"), gettext_lazy("device"), gettext_lazy("name"), gettext_lazy("area"),
    gettext_lazy("address"), gettext_lazy("filled"), gettext_lazy("full at"), gettext_lazy("reason"),
    gettext_lazy("longitude"), gettext_lazy("latitude"), gettext_lazy("state"), gettext_lazy("emptied at"),
]  # fmt: skip


def _line(told: StopTold) -> list:
    stop, device = told.stop, told.stop.device
    return [
        stop.position, stop.trip, device.code, device.name, str(device.area), device.address, f"{stop.level:.0%}",
        stop.full_at, stop.get_reason_display(), device.longitude, device.latitude, str(STATES[told.state][0]),
        stop.emptied_at,
    ]  # fmt: skip


def _look(told: StopTold) -> tuple[str, str]:
    label, tone = STATES[told.state]
    url = reverse("admin:devices_device_change", args=[told.stop.device_id])
    return badge(label, tone), url


def _map(run: CollectionRun, stops: list[StopTold]) -> dict:
    """Return the map: the start, the bins, and the way of each trip as straight lines."""
    depot = [run.round.longitude, run.round.latitude]
    trips: dict[int, list] = {}
    for told in stops:
        trips.setdefault(told.stop.trip, []).append([told.stop.device.longitude, told.stop.device.latitude])
    marks = [
        {
            "at": [told.stop.device.longitude, told.stop.device.latitude],
            "text": f"{told.stop.position}. {told.stop.device.name} · {told.stop.level:.0%}",
            "tone": STATES[told.state][1],
            "url": reverse("admin:devices_device_change", args=[told.stop.device_id]),
        }
        for told in stops
    ]
    return {
        "tiles": settings.MAP_TILES,
        "shapes": [
            {
                "geometry": {"type": "LineString", "coordinates": [depot, *points, depot]},
                "tone": "blue",
                "weight": 0.7,
                "text": _("Trip %(number)s") % {"number": trip},
            }
            for trip, points in trips.items()
        ],
        "marks": [{"at": depot, "text": run.round.depot, "tone": "grey"}, *marks],
    }
