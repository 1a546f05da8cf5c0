"""Admin of battery forecasts: the list of what to replace, month by month, unit by unit; exported as any list."""

from django.contrib import admin
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from cases.admin.filters import AreaFilter, KeyFilter
from devices.models import DeviceForecast, Outlook
from devices.months import month_end, month_of
from governance.admin.base import ReadOnlyAdmin
from governance.errors import Invalid
from governance.models import OrgUnit
from governance.templatetags.jiceng import badge

OUTLOOK_TONES = {Outlook.EXPECTED: "amber", Outlook.REACHED: "red", Outlook.STEADY: "green", Outlook.UNKNOWN: "grey"}
MONTHS_OFFERED = 12


class MonthFilter(DropdownFilter):
    """What is to be replaced by the end of a month, what is empty already included."""

    title = gettext_lazy("replace by the end of")
    parameter_name = "month"

    def lookups(self, request, model_admin):
        months = [month_of(timezone.now(), later) for later in range(MONTHS_OFFERED)]
        return [(month, month) for month in months]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        try:
            return queryset.to_replace_by(month_end(self.value()))
        except Invalid:
            return queryset.none()


class OwnerFilter(KeyFilter):
    """Devices of one unit."""

    title = gettext_lazy("owner unit")
    parameter_name = "unit"

    def choose(self, request):
        owners = DeviceForecast.objects.visible_to(request.user).order_by().values("device__unit")
        return OrgUnit.objects.filter(pk__in=owners).order_by("code")

    def narrow(self, queryset, row):
        return queryset.filter(device__unit=row)


class OutlookFilter(DropdownFilter):
    """What is known of the battery."""

    title = gettext_lazy("outlook")
    parameter_name = "outlook"

    def lookups(self, request, model_admin):
        return Outlook.choices

    def queryset(self, request, queryset):
        return queryset.filter(outlook=self.value()) if self.value() else queryset


@admin.register(DeviceForecast)
class DeviceForecastAdmin(ReadOnlyAdmin):
    """Batteries, the first to be replaced first; those of which nothing is known last."""

    list_display = [
        "device_code", "device_name", "outlook_badge", "replace_by", "level_now", "per_day", "samples", "place",
        "owner",
    ]  # fmt: skip
    list_display_links = None
    empty_text = gettext_lazy(
        "Forecasts are computed every night, of devices in use that report their battery: none yet, or none that fits."
    )
    list_filter = [MonthFilter, OwnerFilter, AreaFilter, OutlookFilter]
    list_filter_submit = True
    search_fields = ["device__code", "device__name", "device__address"]
    search_help_text = gettext_lazy("Code, name or address")
    ordering = [F("reaches_at").asc(nulls_last=True), "pk"]
    export_display = (
        "device_code", "device_name", "outlook", "replace_by", "level_now", "per_day", "samples", "area_name",
        "address", "owner",
    )  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("device"), ordering="device__code")
    def device_code(self, obj):
        url = reverse("admin:devices_device_change", args=[obj.device_id])
        return format_html('<a class="jc-link" href="{}">{}</a>', url, obj.device.code)

    @display(description=gettext_lazy("name"))
    def device_name(self, obj):
        return obj.device.name

    @display(description=gettext_lazy("outlook"), ordering="outlook")
    def outlook_badge(self, obj):
        return badge(obj.get_outlook_display(), OUTLOOK_TONES[obj.outlook])

    @display(description=gettext_lazy("replace before"), ordering="reaches_at")
    def replace_by(self, obj):
        return localtime(obj.reaches_at).strftime("%Y-%m-%d") if obj.reaches_at else "—"

    @display(description=gettext_lazy("level"), ordering="level")
    def level_now(self, obj):
        return f"{obj.level:.0f} %" if obj.level is not None else "—"

    @display(description=gettext_lazy("change per day"), ordering="slope_per_day")
    def per_day(self, obj):
        return f"{obj.slope_per_day:+.2f} %" if obj.slope_per_day is not None else _("not enough data")

    @display(description=gettext_lazy("place"), ordering="device__area")
    def place(self, obj):
        return format_html('<span class="jc-what"><b>{}</b><span>{}</span></span>', obj.device.area, obj.device.address)

    @display(description=gettext_lazy("area"))
    def area_name(self, obj):
        return obj.device.area.name

    @display(description=gettext_lazy("address"))
    def address(self, obj):
        return obj.device.address

    @display(description=gettext_lazy("owner unit"), ordering="device__unit")
    def owner(self, obj):
        return obj.device.unit.name
