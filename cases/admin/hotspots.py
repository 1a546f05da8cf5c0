"""Admin of hot spots: the map page, the watches, and the signals with what is done about them."""

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.contrib.filters.admin import DropdownFilter, MultipleDropdownFilter
from unfold.decorators import display

from cases.admin.filters import AreaFilter, CategoryFilter, KeyFilter, SceneFilter
from cases.admin.hotspot_form import HotSpotForm
from cases.admin.hotspot_page import cases_of_signal, context_of, map_url, outlines
from cases.admin.looks import page_url
from cases.hotspots.services import told
from cases.hotspots.takers import has_taker, taker
from cases.hotspots.watch import expected_false_alarms
from cases.models import DayTally, HotSpotRule, HotSpotSignal, SignalState
from governance.admin.base import KernelAdmin, ReadOnlyAdmin
from governance.admin.workflow import WorkflowAdmin
from governance.events import label_of
from governance.models import Event
from governance.templatetags.jiceng import badge

TONES = {
    SignalState.NEW: "red", SignalState.OPENED: "blue", SignalState.NEED: "violet", SignalState.DISMISSED: "grey",
}  # fmt: skip


@admin.register(DayTally)
class HotSpotAdmin(ReadOnlyAdmin):
    """The map of hot spots with its tables; the rows it is counted from are no list for people."""

    scope_fields = ("area",)

    @method_decorator(require_http_methods(["GET", "HEAD"]))
    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = HotSpotForm(request.GET, user=request.user)
        valid = form.is_valid()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Hot spots"),
            "title_part": _("Hot spots"),
            "opts": self.opts,
            "form": form,
            "may_see_signals": request.user.has_perm("cases.view_hotspotsignal"),
            **(context_of(form, request.user) if valid else {}),
        }
        return TemplateResponse(request, "cases/admin/hotspots.html", context, status=200 if valid else 400)


@admin.register(HotSpotRule)
class HotSpotRuleAdmin(KernelAdmin):
    """What is scanned every night, and how many false alarms that allows."""

    list_display = ["name", "area", "watched", "resolution", "longest_days", "false_alarms", "watched_to", "is_active"]
    list_filter = ["watched", "is_active"]
    list_select_related = ["area"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["area"]
    fields = [
        "name", "code", "area", "watched", "resolution", "rings", "longest_days", "baseline_days", "recurrence_days",
        "least_cases", "is_active",
    ]  # fmt: skip

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    @display(description=gettext_lazy("false alarms in 30 days, at most"))
    def false_alarms(self, obj):
        return f"{expected_false_alarms(obj):.1f}"


class SignalStateFilter(MultipleDropdownFilter):
    """One or several states."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return SignalState.choices

    def queryset(self, request, queryset):
        chosen = [value for value in self.value() or [] if value]
        return queryset.filter(state__in=chosen) if chosen else queryset


class RuleFilter(KeyFilter):
    """The watch that found it."""

    title = gettext_lazy("hot-spot watch")
    parameter_name = "rule"

    def choose(self, request):
        return HotSpotRule.objects.visible_to(request.user)

    def narrow(self, queryset, row):
        return queryset.filter(rule=row)


class RareFilter(DropdownFilter):
    """How seldom chance alone gives such a cluster."""

    title = gettext_lazy("by chance once in")
    parameter_name = "recurrence"

    def lookups(self, request, model_admin):
        return [("365", _("more than a year")), ("1000", _("1,000 days or more"))]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        known = self.value() in dict(self.lookup_choices)
        return queryset.filter(recurrence_days__gte=int(self.value())) if known else queryset.none()


@admin.register(HotSpotSignal)
class HotSpotSignalAdmin(WorkflowAdmin):
    """Clusters the nightly watch found; a case is opened for them or they are dismissed."""

    page_template = "cases/admin/hotspot_signal.html"
    list_display = ["place", "state_badge", "what", "span", "found", "chance", "seen"]
    list_display_links = ["place"]
    export_display = (
        "area", "category", "get_state_display", "first_day", "last_day", "observed", "expected", "p_value",
        "recurrence_days", "last_seen", "times_seen", "case",
    )  # fmt: skip
    list_filter = [SignalStateFilter, SceneFilter, AreaFilter, CategoryFilter, RuleFilter, RareFilter]
    list_filter_submit = True
    list_select_related = ["area", "category", "rule", "case"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("rule__area", "area", "category", "case")

    @display(description=gettext_lazy("place"), ordering="area")
    def place(self, obj):
        return str(obj.area)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), TONES[obj.state])

    @display(description=gettext_lazy("category"), ordering="category")
    def what(self, obj):
        return obj.category or _("All cases")

    @display(description=gettext_lazy("days"), ordering="last_day")
    def span(self, obj):
        return days_of(obj)

    @display(description=gettext_lazy("observed / expected"), ordering="observed")
    def found(self, obj):
        return format_html(
            '<a class="jc-link" href="{}">{}</a> / {}', cases_of_signal(obj), obj.observed, f"{obj.expected:.1f}"
        )

    @display(description=gettext_lazy("by chance once in days"), ordering="recurrence_days")
    def chance(self, obj):
        return f"{obj.recurrence_days:.0f}"

    @display(description=gettext_lazy("last found"), ordering="last_seen")
    def seen(self, obj):
        return _("%(day)s (%(times)s nights)") % {"day": f"{obj.last_seen:%m-%d}", "times": obj.times_seen}

    def page_context(self, request, obj):
        rows = Event.objects.filter(subject_type="cases.hotspotsignal", subject_id=obj.pk)
        trail = [
            {"event": event, "label": label_of(event.name), "text": getattr(event, "remark", None)}
            for event in rows.select_related("actor", "unit", "remark").order_by("-id")[:100]
        ]
        return {
            "tone": TONES[obj.state],
            "days": days_of(obj),
            "told": told(obj),
            "trail": trail,
            "cases_url": cases_of_signal(obj),
            "case_url": page_url(obj.case) if obj.case else "",
            "need": taker().address(obj) if has_taker(obj) else None,
            "map_url": map_url(category=obj.category_id or "", last=obj.last_day, days=7),
            "map_data": {
                "boundary": obj.area.boundary,
                "boundary_name": obj.area.name,
                "shapes": outlines(obj),
                "point": [obj.longitude, obj.latitude],
                "tiles": settings.MAP_TILES,
            },
        }

    def form_context(self, request, obj, step):
        return {"tone": TONES[obj.state]}


def days_of(signal: HotSpotSignal) -> str:
    """Return the days of a cluster as people read them."""
    if signal.first_day == signal.last_day:
        return f"{signal.last_day:%Y-%m-%d}"
    return f"{signal.first_day:%Y-%m-%d} – {signal.last_day:%m-%d}"
