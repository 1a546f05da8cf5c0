"""Admin of devices and gateways."""

from datetime import timedelta

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from cases.admin.filters import AreaFilter, SceneFilter
from devices.admin.looks import STATUS_TONES, TONES, condition, figure, latest_text, moment
from devices.keys import key_issue, key_revoke
from devices.models import Alarm, Device, DeviceProfile, Gateway, Reading
from governance.admin.base import KernelAdmin
from governance.admin.keys import KeyedAdmin
from governance.templatetags.jiceng import badge

READINGS_SHOWN = 16
ALARMS_SHOWN = 10
RECENT = timedelta(days=7)


class ProfileFilter(DropdownFilter):
    """Devices of one type."""

    title = gettext_lazy("device profile")
    parameter_name = "profile"

    def lookups(self, request, model_admin):
        return DeviceProfile.objects.visible_to(request.user).in_force().values_list("code", "name")

    def queryset(self, request, queryset):
        return queryset.filter(profile__code=self.value()) if self.value() else queryset


class DeviceSceneFilter(SceneFilter):
    """Devices of the types of a scene."""

    def narrow(self, queryset, row):
        return queryset.filter(profile__scene=row)


class InUseFilter(DropdownFilter):
    """Devices that are, or are not, retired."""

    title = gettext_lazy("in use")
    parameter_name = "in_use"

    def lookups(self, request, model_admin):
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request, queryset):
        if self.value() == "yes":
            return queryset.in_use()
        if self.value() == "no":
            return queryset.filter(state="retired")
        return queryset.none() if self.value() else queryset


class AlarmedFilter(DropdownFilter):
    """Devices with or without an active alarm."""

    title = gettext_lazy("active alarm")
    parameter_name = "alarmed"

    def lookups(self, request, model_admin):
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request, queryset):
        alarmed = Alarm.objects.active().values("device_id")
        if self.value() == "yes":
            return queryset.filter(pk__in=alarmed)
        if self.value() == "no":
            return queryset.exclude(pk__in=alarmed)
        return queryset.none() if self.value() else queryset


class DeviceKeyedAdmin(KeyedAdmin, KernelAdmin):
    """What sends readings under keys of its own."""

    key_scheme = "Device"
    key_issue = staticmethod(key_issue)
    key_revoke = staticmethod(key_revoke)


@admin.register(Device)
class DeviceAdmin(DeviceKeyedAdmin):
    """Devices with what they last said; on a page also its alarms, readings and keys."""

    list_display = ["code", "name", "profile", "status_badge", "alarms_now", "newest", "seen", "place", "unit"]
    list_display_links = ["code", "name"]
    list_filter = [ProfileFilter, AlarmedFilter, DeviceSceneFilter, AreaFilter, InUseFilter, "state"]
    list_filter_submit = True
    search_fields = ["code", "name", "address"]
    search_help_text = gettext_lazy("Code, name or address")
    autocomplete_fields = ["area", "unit", "gateway"]
    change_form_outer_before_template = "devices/admin/device_now.html"
    fields = [
        "code", "name", "profile", "area", "address", "longitude", "latitude", "unit", "gateway",
    ]  # fmt: skip
    ordering = ["code"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_readonly_fields(self, request, obj=None):
        return ["code", "profile"] if obj else []

    def change_view(self, request, object_id, form_url="", extra_context=None):
        device = self.get_object(request, object_id)
        now = self._now(request, device) if device is not None and self.has_view_permission(request, device) else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **now})

    def _now(self, request, device: Device) -> dict:
        """Return what the page shows above the form."""
        readings = Reading.objects.filter(device=device).order_by("-at", "metric")
        if device.last_seen_at:
            readings = readings.filter(at__gte=device.last_seen_at - RECENT)
        return {
            "device": device,
            "status": badge(device.profile.label_of(device.status), STATUS_TONES.get(device.status, "red")),
            "latest": [
                (row, *figure(device.profile, row.metric, row.value, row.text))
                for row in sorted(device.latest.all(), key=lambda row: row.metric)
            ],
            "alarms": [
                (alarm, device.profile.label_of(alarm.alarm_type), condition(alarm))
                for alarm in Alarm.objects.visible_to(request.user)
                .filter(device=device)
                .select_related("case")
                .order_by("-id")[:ALARMS_SHOWN]
            ],
            "readings": [
                (row, *figure(device.profile, row.metric, row.value, row.text)) for row in readings[:READINGS_SHOWN]
            ],
            "keys": self.keys_of(request, device),
            "may_manage_keys": self.has_change_permission(request, device),
        }

    @display(description=gettext_lazy("status"), ordering="status")
    def status_badge(self, obj):
        return badge(obj.profile.label_of(obj.status), STATUS_TONES.get(obj.status, "red"))

    @display(description=gettext_lazy("active alarms"))
    def alarms_now(self, obj):
        rows = [(badge(obj.profile.label_of(row.alarm_type), TONES[row.severity]),) for row in obj.active_alarms]
        return format_html_join(" ", "{}", rows) or "—"

    @display(description=gettext_lazy("latest values"))
    def newest(self, obj):
        return latest_text(obj) or "—"

    @display(description=gettext_lazy("last seen"), ordering="last_seen_at")
    def seen(self, obj):
        return moment(obj.last_seen_at)

    @display(description=gettext_lazy("place"), ordering="area")
    def place(self, obj):
        return format_html('<span class="jc-what"><b>{}</b><span>{}</span></span>', obj.area, obj.address)


@admin.register(Gateway)
class GatewayAdmin(DeviceKeyedAdmin):
    """Gateways and their keys."""

    list_display = ["code", "name", "area", "is_active"]
    list_select_related = ["area"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["area"]
    fields = ["code", "name", "area", "is_active"]
    change_form_outer_before_template = "devices/admin/gateway_keys.html"
    ordering = ["code"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    def change_view(self, request, object_id, form_url="", extra_context=None):
        gateway = self.get_object(request, object_id)
        keys = {"keys": self.keys_of(request, gateway), "may_manage_keys": True} if gateway else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **keys})
