"""Admin of device profiles with their statuses and metrics."""

from django.contrib import admin

from devices.models import DeviceProfile, ProfileMetric, ProfileStatus
from governance.admin.base import KernelAdmin, PartsInline


class ProfileStatusInline(PartsInline):
    """Status words, and the filing standard of the case each opens."""

    model = ProfileStatus
    fields = ["code", "label", "severity", "standard", "opens_case"]
    autocomplete_fields = ["standard"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("standard__category")


class ProfileMetricInline(PartsInline):
    """Figures and their limits."""

    model = ProfileMetric
    fields = ["metric", "label", "unit", "high", "low", "clear", "alarm"]


@admin.register(DeviceProfile)
class DeviceProfileAdmin(KernelAdmin):
    """Types of devices."""

    list_display = ["name", "code", "category", "scene", "reporting_interval", "case_source"]
    list_select_related = ["category", "scene"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["category", "scene"]
    fields = ["code", "name", "category", "scene", "case_source", "reporting_interval"]
    inlines = [ProfileStatusInline, ProfileMetricInline]
    ordering = ["code"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []
