"""Admin of devices and gateways."""

from datetime import timedelta

from django import forms
from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldBooleanSwitchWidget

from cases.admin.filters import AreaFilter, KeyFilter, SceneFilter
from devices.admin.alarm_filters import TooMuchFilter
from devices.admin.bins import BinsPage, bin_context
from devices.admin.chart import chart_context
from devices.admin.labels import labels_page
from devices.admin.looks import (
    DEVICE_TONES,
    TONES,
    behind,
    condition,
    flagged,
    latest_parts,
    latest_text,
    moment,
    reserves,
    status_badge,
)
from devices.admin.map import DeviceMapPage
from devices.admin.on_site import OnSiteMixin
from devices.admin.refusal import refused_of
from devices.keys import key_issue, key_revoke
from devices.models import BATTERY_LOW, OFFLINE, Alarm, Device, DeviceProfile, Gateway, Reading
from devices.registering import device_begins, device_change, gateway_change
from devices.workflow import DeviceState
from governance.admin.base import KernelAdmin
from governance.admin.keys import KeyedAdmin
from governance.admin.workflow import WorkflowAdmin
from governance.models import OrgUnit
from governance.templatetags.jiceng import badge

READINGS_SHOWN = 16
ALARMS_SHOWN = 10
FIGURES_SHOWN = 2  # in a row of the list
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


class NeedFilter(DropdownFilter):
    """Devices somebody must see to: offline, with a low battery, or never heard."""

    title = gettext_lazy("to be seen to")
    parameter_name = "need"

    def lookups(self, request, model_admin):
        return [("offline", _("Offline")), ("battery", _("Battery low")), ("unheard", _("Never heard"))]

    def queryset(self, request, queryset):
        narrowed = {
            "offline": lambda: queryset.with_open_alarm(OFFLINE),
            "battery": lambda: queryset.with_open_alarm(BATTERY_LOW),
            "unheard": lambda: queryset.filter(last_seen_at=None),
        }
        if not self.value():
            return queryset
        return narrowed[self.value()]() if self.value() in narrowed else queryset.none()


class OwnerFilter(KeyFilter):
    """Devices of one unit."""

    title = gettext_lazy("owner unit")
    parameter_name = "unit"

    def choose(self, request):
        owners = Device.objects.visible_to(request.user).order_by().values("unit")
        return OrgUnit.objects.filter(pk__in=owners).order_by("name")

    def narrow(self, queryset, row):
        return queryset.filter(unit=row)


class LostFilter(DropdownFilter):
    """Gateways that are, or are not, lost."""

    title = gettext_lazy("lost")
    parameter_name = "lost"

    def lookups(self, request, model_admin):
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request, queryset):
        if self.value() in ("yes", "no"):
            return queryset.lost(self.value() == "yes")
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


class DeviceKeysMixin(KeyedAdmin):
    """What sends readings under keys of its own."""

    key_scheme = "Device"
    key_issue = staticmethod(key_issue)
    key_revoke = staticmethod(key_revoke)


class DeviceForm(forms.ModelForm):
    """A device; a new one may be said not to be in place yet."""

    registered = forms.BooleanField(
        label=gettext_lazy("Not in place yet"), required=False, widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy("What it reports is kept and not judged until it is put in service."),
    )  # fmt: skip

    class Meta:
        model = Device
        fields = ["code", "name", "profile", "area", "address", "longitude", "latitude", "unit", "gateway"]

    def _post_clean(self):
        super()._post_clean()
        if self.instance._state.adding:
            device_begins(self.instance, in_place=not self.cleaned_data.get("registered"))


def changes_of(obj, form) -> dict:
    """Return what a form changes of a stored row."""
    stored = {field.name for field in obj._meta.concrete_fields}
    return {name: getattr(obj, name) for name in form.changed_data if name in stored}


@admin.register(Device)
class DeviceAdmin(DeviceMapPage, BinsPage, OnSiteMixin, DeviceKeysMixin, WorkflowAdmin):
    """Devices with what they last said; on a page also its alarms, readings and keys, and what may be done to it."""

    form = DeviceForm
    page_template = "devices/admin/device_page.html"
    step_warnings = {
        "disable": gettext_lazy(
            "What it reports from now on is kept and not judged: its alarms are over, their cases stay open."
        ),
        "retire": gettext_lazy(
            "It is taken down for good: its alarms are over, their cases stay open, its keys are revoked, commands "
            "that wait lapse, and its messages are refused."
        ),
    }
    list_display = ["code", "named", "state_badge", "status_badge", "alarms_now", "newest", "seen", "place", "unit"]
    list_display_links = ["code", "named"]
    export_display = (
        "code", "name", "profile", "state_badge", "status_badge", "alarms_now", "all_newest", "seen", "area",
        "address", "unit",
    )  # fmt: skip
    list_filter = [
        ProfileFilter, NeedFilter, OwnerFilter, AlarmedFilter, DeviceSceneFilter, AreaFilter, InUseFilter, "state",
        TooMuchFilter,
    ]  # fmt: skip
    list_filter_submit = True
    search_fields = ["code", "name", "address"]
    search_help_text = gettext_lazy("Code, name or address")
    autocomplete_fields = ["area", "unit", "gateway"]
    ordering = ["code"]
    actions = ["print_labels"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @admin.action(description=gettext_lazy("Print labels"), permissions=["view"])
    def print_labels(self, request, queryset):
        """Show the labels of the chosen devices, to be printed."""
        return labels_page(request, queryset, back=reverse("admin:devices_device_changelist"))

    def get_urls(self):
        view = self.admin_site.admin_view(self.edit_view)
        return [path("<int:object_id>/edit/", view, name="devices_device_edit"), *super().get_urls()]

    def has_add_permission(self, request):
        return KernelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request, obj=None):
        return KernelAdmin.has_change_permission(self, request, obj)

    def get_fields(self, request, obj=None):
        fields = list(DeviceForm.Meta.fields)
        return fields if obj else [*fields, "registered"]

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        return ["code"] if obj.state == DeviceState.REGISTERED else ["code", "profile"]

    def save_model(self, request, obj, form, change):
        if not change:
            return super().save_model(request, obj, form, change)
        return device_change(obj, actor=request.user, **changes_of(obj, form))

    def edit_view(self, request, object_id):
        """The form of a device."""
        return self.changeform_view(request, str(self.find(request, object_id).pk), "", None)

    def response_post_save_change(self, request, obj):
        return HttpResponseRedirect(self.page_url(obj))

    response_post_save_add = response_post_save_change

    def page_context(self, request, obj):
        device = obj
        readings = Reading.objects.filter(device=device).order_by("-at", "metric")
        if device.last_seen_at:
            readings = readings.filter(at__gte=device.last_seen_at - RECENT)
        return {
            "device": device,
            "state": self.state_badge(device),
            "status": status_badge(device),
            "behind": behind(device),
            "latest": [
                (row, *flagged(device.profile, row)) for row in sorted(device.latest.all(), key=lambda row: row.metric)
            ],
            "alarms": [
                (alarm, alarm.label, condition(alarm), reserves(alarm))
                for alarm in Alarm.objects.visible_to(request.user)
                .filter(device=device)
                .with_rows()
                .order_by("-id")[:ALARMS_SHOWN]
            ],
            "readings": [(row, *flagged(device.profile, row)) for row in readings[:READINGS_SHOWN]],
            **self.on_site(request, device),
            "keys": self.keys_of(request, device),
            "may_manage_keys": self.has_change_permission(request, device),
            **chart_context(device, request.GET, request.user),
            **bin_context(device, request.user),
            **refused_of(device),
        }

    @display(description=gettext_lazy("life stage"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), DEVICE_TONES[obj.state])

    @display(description=gettext_lazy("status"), ordering="status")
    def status_badge(self, obj):
        return status_badge(obj)

    @display(description=gettext_lazy("active alarms"))
    def alarms_now(self, obj):
        rows = [(badge(obj.profile.label_of(row.alarm_type), TONES[row.severity]),) for row in obj.active_alarms]
        return format_html_join(" ", "{}", rows) or "—"

    @display(description=gettext_lazy("name"), ordering="name")
    def named(self, obj):
        return format_html('<span class="jc-what"><b>{}</b><span>{}</span></span>', obj.name, obj.profile)

    @display(description=gettext_lazy("latest values"))
    def newest(self, obj):
        """The first figures, each in a line; all of them stand on the device's page."""
        parts = latest_parts(obj)
        if not parts:
            return "—"
        shown = format_html_join("", "<span>{} {}</span>", parts[:FIGURES_SHOWN])
        more = format_html("<span>+{}</span>", len(parts) - FIGURES_SHOWN) if len(parts) > FIGURES_SHOWN else ""
        return format_html('<span class="jc-values" title="{}">{}{}</span>', latest_text(obj), shown, more)

    @display(description=gettext_lazy("latest values"))
    def all_newest(self, obj):
        return latest_text(obj) or "—"

    @display(description=gettext_lazy("last seen"), ordering="last_seen_at")
    def seen(self, obj):
        return moment(obj.last_seen_at)

    @display(description=gettext_lazy("place"), ordering="area")
    def place(self, obj):
        return format_html('<span class="jc-what"><b>{}</b><span>{}</span></span>', obj.area, obj.address)


@admin.register(Gateway)
class GatewayAdmin(DeviceKeysMixin, KernelAdmin):
    """Gateways and their keys; lost ones with since when and the case of it."""

    list_display = ["code", "name", "area", "is_active", "silent", "case_link"]
    list_select_related = ["area", "case"]
    list_filter = [LostFilter, AreaFilter]
    list_filter_submit = True
    search_fields = ["code", "name"]
    autocomplete_fields = ["area", "category"]
    fields = ["code", "name", "area", "is_active", "category"]
    change_form_outer_before_template = "devices/admin/gateway_keys.html"
    ordering = ["code"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    def save_model(self, request, obj, form, change):
        if not change:
            return super().save_model(request, obj, form, change)
        return gateway_change(obj, actor=request.user, **changes_of(obj, form))

    @display(description=gettext_lazy("silent since"), ordering="silent_since")
    def silent(self, obj):
        lost = obj.silent_since and obj.is_active
        return format_html("{} {}", badge(_("Lost"), "red"), moment(obj.silent_since)) if lost else "—"

    @display(description=gettext_lazy("case"))
    def case_link(self, obj):
        if obj.case is None:
            return "—"
        url = reverse("admin:cases_case_change", args=[obj.case_id])
        return format_html('<a class="jc-link" href="{}">{}</a>', url, obj.case.number)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        gateway = self.get_object(request, object_id)
        keys = {"keys": self.keys_of(request, gateway), "may_manage_keys": True} if gateway else {}
        keys |= refused_of(gateway) if gateway else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **keys})
