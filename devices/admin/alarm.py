"""Admin of alarms: the console and the page of one alarm."""

from django.conf import settings
from django.contrib import admin, messages
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from cases.admin.filters import AreaFilter, DayRangeFilter, SceneFilter
from devices.admin.alarm_figures import AlarmFiguresPage
from devices.admin.alarm_filters import (
    AlarmTypeFilter,
    CaseWithPartsFilter,
    ConsoleFilter,
    DeviceFilter,
    GatewayFilter,
    PresentedFilter,
    SeverityFilter,
    TenMinutesFilter,
    ToldFilter,
)
from devices.admin.chosen import chosen_keys, left_out
from devices.admin.device import ProfileFilter
from devices.admin.looks import TONES, condition, latest_text, moment, reserves
from devices.alarm_trail import trail_of
from devices.forms import ShelveForm, ShelveManyForm
from devices.models import Alarm, Gateway
from devices.querysets import ACKNOWLEDGES, SHELVES
from devices.services import alarms_each
from devices.shelving import shelved_until
from devices.workflow import AlarmState, awaits_a_look, nobody_else_looks
from governance.admin.workflow import WorkflowAdmin
from governance.scoping import roles_of
from governance.templatetags.jiceng import badge
from governance.workflow import steps_of

GATEWAYS_SHOWN = 20


class AlarmProfileFilter(ProfileFilter):
    """Alarms of devices of one type."""

    def queryset(self, request, queryset):
        return queryset.filter(device__profile__code=self.value()) if self.value() else queryset


class AlarmSceneFilter(SceneFilter):
    """Alarms of the device types of a scene."""

    def narrow(self, queryset, row):
        return queryset.filter(device__profile__scene=row)


@admin.register(Alarm)
class AlarmAdmin(AlarmFiguresPage, WorkflowAdmin):
    """The alarm console: newest first, acknowledged, shelved and unshelved one by one or several at once."""

    list_before_template = "devices/admin/alarm_console.html"
    list_live_template = "devices/admin/alarm_lost_gateways.html"

    page_template = "devices/admin/alarm_page.html"
    list_display = [
        "what",
        "severity_badge",
        "condition_badge",
        "acknowledgement",
        "place",
        "raised",
        "last",
        "case_link",
    ]
    list_display_links = ["what"]
    list_filter = [
        ConsoleFilter, SeverityFilter, AlarmProfileFilter, AlarmTypeFilter, AlarmSceneFilter, AreaFilter,
        ("raised_at", DayRangeFilter), ToldFilter, PresentedFilter, DeviceFilter, GatewayFilter,
        TenMinutesFilter, CaseWithPartsFilter,
    ]  # fmt: skip
    list_filter_submit = True
    search_fields = ["device__code", "device__name", "case__number"]
    search_help_text = gettext_lazy("Device or case number")
    ordering = ["-id"]
    actions = ["acknowledge_selected", "shelve_selected", "unshelve_selected"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def changelist_view(self, request, extra_context=None):
        """Lost gateways stand above the list: each of them is one alarm in place of many."""
        lost = Gateway.objects.visible_to(request.user).lost().with_rows(request.user).order_by("silent_since", "code")
        may_see = self.admin_site._registry[Gateway].has_view_permission(request)
        shown = list(lost[:GATEWAYS_SHOWN]) if may_see else []
        return super().changelist_view(request, {**(extra_context or {}), "lost_gateways": shown})

    def has_acknowledge_permission(self, request) -> bool:
        """Tell whether the person holds a role that may acknowledge some alarm; each alarm is judged by itself."""
        return bool(roles_of(request.user) & set(ACKNOWLEDGES))

    @admin.action(description=gettext_lazy("Acknowledge"), permissions=["acknowledge"])
    def acknowledge_selected(self, request, queryset):
        return self._each(request, queryset, "acknowledge", _("Alarms acknowledged: %(count)s."))

    @admin.action(description=gettext_lazy("Unshelve"), permissions=["shelve"])
    def unshelve_selected(self, request, queryset):
        return self._each(request, queryset, "unshelve", _("Alarms unshelved: %(count)s."))

    def has_shelve_permission(self, request) -> bool:
        """Tell whether the person holds a role that may shelve some alarm; each alarm is judged by itself."""
        return bool(roles_of(request.user) & set(SHELVES))

    @admin.action(description=gettext_lazy("Shelve"), permissions=["shelve"])
    def shelve_selected(self, request, queryset):
        """Ask until when and why, then shelve each."""
        sent = request.POST if "until" in request.POST else None
        form = ShelveManyForm(sent, initial={"until": timezone.localtime() + ShelveForm.OFFERED})
        if sent is not None and form.is_valid():
            return self._each(request, queryset, "shelve", _("Alarms shelved: %(count)s."), **form.cleaned_data)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Shelve"),
            "opts": self.opts,
            "title_part": _("Shelve"),
            "form": form,
            "rows": queryset,
            "chosen": chosen_keys(request, queryset),
            "left_out": left_out(request, queryset, len(queryset)),
            "action": "shelve_selected",
            "back": reverse("admin:devices_alarm_changelist"),
        }
        return TemplateResponse(request, "devices/admin/shelve_many.html", context, status=400 if form.errors else 200)

    def _each(self, request, queryset, name: str, told: str, **data):
        """Do a step to each alarm; say of one that it was done, of several or a refusal what became of each row."""
        told_each = alarms_each(queryset, name, actor=request.user, **data)
        results = [(alarm, why is None, why.detail if why else "") for alarm, why in told_each]
        done = told % {"count": sum(well for _alarm, well, _why in results)}
        missing = left_out(request, queryset, len(results))
        if len(results) == 1 and results[0][1] and not missing:
            messages.success(request, done)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": steps_of(Alarm)[name].label,
            "title_part": steps_of(Alarm)[name].label,
            "opts": self.opts,
            "told": done,
            "left_out": missing,
            "results": results,
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "devices/admin/alarm_results.html", context)

    def page_context(self, request, obj):
        device = obj.device
        return {
            "tone": TONES[obj.severity],
            "condition": condition(obj),
            "reserves": reserves(obj),
            "case_brings_look": awaits_a_look(obj) and not nobody_else_looks(obj),
            "shelved_until": shelved_until(obj),
            "latest": latest_text(device),
            "events": trail_of(obj),
            "device_url": reverse("admin:devices_device_change", args=[device.pk]),
            "map_data": {
                "boundary": obj.area.boundary,
                "boundary_name": obj.area.name,
                "point": [device.longitude, device.latitude],
                "point_name": device.code,
                "tiles": settings.MAP_TILES,
            },
        }

    @display(description=gettext_lazy("alarm"), ordering="device__code")
    def what(self, obj):
        return format_html(
            '<span class="jc-what"><b>{}</b><span>{} {}</span></span>', obj.label, obj.device.code, obj.device.name
        )

    @display(description=gettext_lazy("severity"), ordering="severity")
    def severity_badge(self, obj):
        return badge(obj.get_severity_display(), TONES[obj.severity])

    @display(description=gettext_lazy("condition"), ordering="cleared_at")
    def condition_badge(self, obj):
        return format_html('<span class="jc-badges">{} {}</span>', condition(obj), reserves(obj))

    @display(description=gettext_lazy("acknowledgement"), ordering="state")
    def acknowledgement(self, obj):
        tone = "grey" if obj.state == AlarmState.ACKNOWLEDGED or obj.late else "amber"
        return badge(obj.get_state_display(), tone)

    @display(description=gettext_lazy("place"), ordering="area")
    def place(self, obj):
        return format_html('<span class="jc-what"><b>{}</b><span>{}</span></span>', obj.area, obj.device.address)

    @display(description=gettext_lazy("raised at"), ordering="raised_at")
    def raised(self, obj):
        return moment(obj.raised_at)

    @display(description=gettext_lazy("last reported"), ordering="last_at")
    def last(self, obj):
        return format_html("{} × {}", moment(obj.last_at), obj.count)

    @display(description=gettext_lazy("case"), ordering="case")
    def case_link(self, obj):
        if obj.case is None:
            return "—"
        url = reverse("admin:cases_case_change", args=[obj.case_id])
        return format_html('<a class="jc-link" href="{}">{}</a>', url, obj.case.number)
