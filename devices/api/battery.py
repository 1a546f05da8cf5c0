"""REST door of battery forecasts: which batteries to replace, and when."""

import django_filters as filters
from django.core.exceptions import ValidationError as FieldError
from django.db.models import DateTimeField
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.exceptions import ValidationError

from devices.models import DeviceForecast, DeviceProfile, Outlook
from devices.months import month_end
from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter
from governance.api.paging import Keyset
from governance.api.views import IsStaff, ScopedViewSet
from governance.errors import Invalid
from governance.models import OrgUnit


class DeviceForecastSerializer(serializers.ModelSerializer):
    """A battery: its level and limit in percent, its trend in percent a day, when it reaches the limit.

    `samples` are the days of readings the trend rests on, from `since`: the first one known, or the last replacement.
    """

    device = serializers.CharField(source="device.code")
    device_name = serializers.CharField(source="device.name")
    profile = serializers.CharField(source="device.profile.code")
    area = serializers.CharField(source="device.area.code")
    area_name = serializers.CharField(source="device.area.name")
    address = serializers.CharField(source="device.address")
    unit = serializers.CharField(source="device.unit.code")
    unit_name = serializers.CharField(source="device.unit.name")
    outlook_label = serializers.CharField(source="get_outlook_display")

    class Meta:
        model = DeviceForecast
        fields = [
            "device", "device_name", "profile", "area", "area_name", "address", "unit", "unit_name", "outlook",
            "outlook_label", "level", "limit", "slope_per_day", "reaches_at", "samples", "since", "at",
        ]  # fmt: skip
        read_only_fields = fields


class ForecastFilters(CodedFilterSet):
    month = filters.CharFilter(
        method="to_replace_in", label=_("A month, such as 2026-12: batteries empty by its end, or empty already.")
    )
    outlook = filters.MultipleChoiceFilter(
        choices=Outlook.choices, label=_("Without it: batteries of which it is known when they are empty.")
    )
    profile = CodeFilter("device__profile__code", model=DeviceProfile, label=_("Code of a device profile."))
    area = AreaFilter("device__area__path")
    unit = CodeFilter("device__unit__code", model=OrgUnit, label=_("Code of the owner unit."))

    class Meta(CodedFilterSet.Meta):
        model = DeviceForecast

    def to_replace_in(self, queryset, name, value):
        try:
            return queryset.to_replace_by(month_end(value))
        except Invalid as error:
            raise ValidationError({"month": [error.detail]}, error.code) from error

    def filter_queryset(self, queryset):
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("outlook") else rows.filter(reaches_at__isnull=False)


class ByReach(Keyset):
    """What is due first comes first; rows of chosen outlooks, which may have no date, in a fixed order."""

    ordering = ("reaches_at", "id")

    def get_ordering(self, request, queryset, view):
        return ("id",) if request.query_params.get("outlook") else self.ordering

    def decode_cursor(self, request):
        cursor = super().decode_cursor(request)
        if cursor and cursor.position is not None:
            by_time = not request.query_params.get("outlook")
            try:
                DateTimeField().to_python(cursor.position) if by_time else int(cursor.position)
            except (FieldError, ValueError) as error:
                raise self._unreadable() from error
        return cursor


@extend_schema(tags=["devices"])
class BatteryViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Battery forecasts of the devices the caller may see, computed every night; what is empty first comes first."""

    queryset = DeviceForecast.objects.all()
    serializer_class = DeviceForecastSerializer
    filterset_class = ForecastFilters
    pagination_class = ByReach
    permission_classes = [*ScopedViewSet.permission_classes, IsStaff]

    def get_queryset(self):
        return super().get_queryset().with_rows()
