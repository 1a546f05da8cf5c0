"""Admin of early warnings and their verdicts, of the watches, and of hot issues."""

from django.conf import settings
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.base import KernelAdmin, ReadOnlyAdmin
from governance.admin.workflow import WorkflowAdmin
from governance.templatetags.jiceng import badge
from mediation.admin.joint_base import trail_of
from mediation.models import EarlyWarning, HotIssue, Signal, WarningLevel, WarningState, WarningWatch
from mediation.warning.telling import chance_told, events_told, places_of, told
from mediation.warning.watching import expected_false_alarms

TONES = {
    WarningState.OPEN: "red", WarningState.TRUE: "blue", WarningState.KNOWN: "violet", WarningState.FALSE: "grey",
}  # fmt: skip
LEVEL_TONES = {WarningLevel.YELLOW: "amber", WarningLevel.ORANGE: "red"}


def days_of(row) -> str:
    """Return the days of a warning or an issue as people read them."""
    if row.first_day == row.last_day:
        return f"{row.last_day:%Y-%m-%d}"
    return f"{row.first_day:%Y-%m-%d} – {row.last_day:%m-%d}"


@admin.register(EarlyWarning)
class EarlyWarningAdmin(WorkflowAdmin):
    """Places where disputes of a type may be building up; whoever looked says what it was."""

    page_template = "mediation/warning/admin/warning.html"
    list_display = ["place", "level_badge", "type", "stream", "span", "found", "chance", "verdict", "seen"]
    list_display_links = ["place"]
    export_display = (
        "number", "area", "type", "get_level_display", "get_method_display", "get_stream_display", "first_day",
        "last_day", "observed", "expected", "recurrence_days", "recurrence_at_least", "get_state_display",
        "last_seen", "times_seen",
    )  # fmt: skip
    list_filter = ["state", "level", "type", "stream", "method", AreaFilter]
    list_filter_submit = True
    list_select_related = ["area", "type", "watch"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("place"), ordering="area")
    def place(self, obj):
        return str(obj.area)

    @display(description=gettext_lazy("warning level"), ordering="level")
    def level_badge(self, obj):
        return badge(obj.get_level_display(), LEVEL_TONES[obj.level])

    @display(description=gettext_lazy("verdict"), ordering="state")
    def verdict(self, obj):
        return badge(obj.get_state_display(), TONES[obj.state])

    @display(description=gettext_lazy("days"), ordering="last_day")
    def span(self, obj):
        return days_of(obj)

    @display(description=gettext_lazy("observed / expected"), ordering="observed")
    def found(self, obj):
        return format_html("{} / {}", obj.observed, f"{obj.expected:.1f}")

    @display(description=gettext_lazy("by chance once in"), ordering="recurrence_days")
    def chance(self, obj):
        return chance_told(obj)

    @display(description=gettext_lazy("last found"), ordering="last_seen")
    def seen(self, obj):
        return _("%(day)s (%(times)s nights)") % {"day": f"{obj.last_seen:%m-%d}", "times": obj.times_seen}

    def page_context(self, request, obj):
        places = places_of(obj)
        return {
            "tone": TONES[obj.state],
            "level_tone": LEVEL_TONES[obj.level],
            "days": days_of(obj),
            "told": told(obj),
            "chance": chance_told(obj),
            "places": places,
            "events": events_told(obj, request.user),
            "false_alarms": expected_false_alarms(obj.watch),
            "trail": trail_of(obj),
            "map_data": {
                "boundary": obj.area.boundary,
                "boundary_name": obj.area.name,
                "shapes": [
                    {"geometry": place.boundary, "tone": "red", "dashed": True, "text": place.name}
                    for place in places
                    if place.boundary
                ],
                "tiles": settings.MAP_TILES,
            },
        }

    def form_context(self, request, obj, step):
        return {"tone": TONES[obj.state]}


@admin.register(WarningWatch)
class WarningWatchAdmin(KernelAdmin):
    """What is watched every night, and how many false alarms that gives a year."""

    list_display = ["name", "area", "yellow_days", "orange_days", "false_alarms", "watched_to", "trouble", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["area"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["area"]
    fields = ["name", "code", "area", "yellow_days", "orange_days", "is_active", "unplaced_told"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_readonly_fields(self, request, obj=None):
        return ["code", "unplaced_told"] if obj else ["unplaced_told"]

    @display(description=gettext_lazy("events of the last year of which no community is known"))
    def unplaced_told(self, obj):
        """They count for no place; the list of signals shows them, and there their area is put right."""
        if not getattr(obj, "unplaced", 0):
            return "0"
        url = f"{reverse('admin:mediation_signal_changelist')}?placed=unknown&counted=events"
        return format_html('<a href="{}">{}</a>', url, obj.unplaced)

    @display(description=gettext_lazy("failed for the night of"), ordering="failed_on")
    def trouble(self, obj):
        return badge(f"{obj.failed_on:%Y-%m-%d} {obj.failure}", "red") if obj.failed_on else ""

    @display(description=gettext_lazy("false alarms a year by each method, at most"))
    def false_alarms(self, obj):
        return f"{expected_false_alarms(obj):.0f}"


@admin.register(HotIssue)
class HotIssueAdmin(ReadOnlyAdmin):
    """What many people speak of at one place, the hottest first."""

    list_display = ["label", "type", "area", "people", "records", "span", "heat_told"]
    list_filter = ["type", AreaFilter]
    list_filter_submit = True
    list_select_related = ["area", "type"]
    fields = ["label", "type", "area", "people", "records", "first_day", "last_day", "heat_told", "numbers"]
    readonly_fields = ["heat_told", "numbers"]
    search_fields = ["label"]
    ordering = ["-heat", "id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            found.reader = request.user  # on the row: one admin serves several people at once
        return found

    @display(description=gettext_lazy("days"), ordering="last_day")
    def span(self, obj):
        return days_of(obj)

    @display(description=gettext_lazy("heat"), ordering="heat")
    def heat_told(self, obj):
        return f"{obj.heat:.1f}"

    @display(description=gettext_lazy("signals"))
    def numbers(self, obj):
        """The newest hundred, each leading to its page where the reader may open it."""
        shown = list(obj.signals.only("pk").order_by("-pk")[:100])
        mine = Signal.objects.visible_to(obj.reader).filter(pk__in=[signal.pk for signal in shown])
        opens = set(mine.values_list("pk", flat=True))
        return format_html_join(", ", "{}", ((self._linked(signal, signal.pk in opens),) for signal in shown))

    def _linked(self, signal: Signal, opens: bool) -> str:
        if not opens:
            return str(signal)
        url = reverse("admin:mediation_signal_change", args=[signal.pk])
        return format_html('<a class="jc-link" href="{}">{}</a>', url, signal)
