"""Admin of what was not taken of what devices sent; the same on the pages of devices and gateways."""

from datetime import timedelta

from django.contrib import admin
from django.db.models import Max, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from cases.admin.filters import AreaFilter, DayRangeFilter
from devices.admin.alarm_filters import LinkedFilter
from devices.admin.looks import moment
from devices.models import Device, DeviceRefusal, Gateway
from devices.models.refusal import LABELS
from governance.admin.base import ReadOnlyAdmin

# What pages of devices and gateways show of it.
SHOWN_DAYS, MOST_SHOWN = 7, 10


class ReasonFilter(DropdownFilter):
    """What was not taken for one reason."""

    title = gettext_lazy("reason")
    parameter_name = "code"

    def lookups(self, request, model_admin):
        return sorted(((code, str(label)) for code, label in LABELS.items()), key=lambda choice: choice[1])

    def queryset(self, request, queryset):
        return queryset.filter(code=self.value()) if self.value() else queryset


class RefusalDeviceFilter(LinkedFilter):
    """What was not taken of one device, by its code."""

    title = gettext_lazy("device")
    parameter_name = "device"

    def queryset(self, request, queryset):
        return queryset.filter(device__code=self.value()) if self.value() else queryset


class RefusalGatewayFilter(LinkedFilter):
    """What was not taken of what one gateway sent, by its code."""

    title = gettext_lazy("gateway")
    parameter_name = "gateway"

    def queryset(self, request, queryset):
        return queryset.filter(gateway__code=self.value()) if self.value() else queryset


@admin.register(DeviceRefusal)
class DeviceRefusalAdmin(ReadOnlyAdmin):
    """Refused messages and warnings, counted by sender, reason and day; the newest first."""

    list_display = ["whose", "via", "reason", "count", "day", "last", "example"]
    list_display_links = None
    list_filter = [ReasonFilter, ("last_at", DayRangeFilter), AreaFilter, RefusalDeviceFilter, RefusalGatewayFilter]
    list_filter_submit = True
    search_fields = ["device__code", "device__name", "gateway__code", "named"]
    search_help_text = gettext_lazy("Device or gateway")
    ordering = ["-last_at", "-id"]
    export_display = ("device_code", "gateway_code", "code", "count", "day", "first_at", "last_at", "named", "detail")

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("device"), ordering="device__code")
    def whose(self, obj):
        if obj.device is None:
            return obj.named or "—"
        url = reverse("admin:devices_device_change", args=[obj.device_id])
        return format_html('<a class="jc-link" href="{}">{}</a>', url, obj.device)

    @display(description=gettext_lazy("gateway"), ordering="gateway__code")
    def via(self, obj):
        if obj.gateway is None:
            return "—"
        url = reverse("admin:devices_gateway_change", args=[obj.gateway_id])
        return format_html('<a class="jc-link" href="{}">{}</a>', url, obj.gateway)

    @display(description=gettext_lazy("reason"), ordering="code")
    def reason(self, obj):
        return obj.label

    @display(description=gettext_lazy("last"), ordering="last_at")
    def last(self, obj):
        return moment(obj.last_at)

    @display(description=gettext_lazy("example"))
    def example(self, obj):
        return format_html('<span class="jc-muted">{}</span>', obj.detail)

    @display(description=gettext_lazy("device"))
    def device_code(self, obj):
        return obj.device.code if obj.device else obj.named

    @display(description=gettext_lazy("gateway"))
    def gateway_code(self, obj):
        return obj.gateway.code if obj.gateway else ""


def refused_of(owner: Device | Gateway) -> dict:
    """Return what the page of a device or gateway shows of what was not taken of it lately: reason, how many, when
    last, what its sender was told; two statements at most."""
    name = "device" if isinstance(owner, Device) else "gateway"
    whose = Q(**{name: owner})
    if name == "device":  # somebody else's key spoke for it, of late: that is why nothing of it arrives
        whose |= Q(named=owner.code, code="foreign_device")
    since = timezone.localdate() - timedelta(days=SHOWN_DAYS - 1)
    rows = DeviceRefusal.objects.since(since).filter(whose)
    found = list(_by_reason(rows)[:MOST_SHOWN])
    examples = dict(
        rows.filter(last_at__in=[row["newest"] for row in found]).values_list("code", "detail")
    ) if found else {}  # fmt: skip
    address = f"{reverse('admin:devices_devicerefusal_changelist')}?{name}={owner.code}"
    told = [(str(LABELS.get(row["code"], row["code"])), row["number"], row["newest"], examples.get(row["code"], ""))
            for row in found]  # fmt: skip
    return {"refusals": told, "refusals_url": address, "refusals_days": SHOWN_DAYS}


def _by_reason(rows: QuerySet) -> QuerySet:
    return rows.order_by().values("code").annotate(
        number=Sum("count"), newest=Max("last_at")
    ).order_by("-newest", "code")  # fmt: skip
