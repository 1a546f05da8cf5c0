"""REST door of what was not taken of what devices sent."""

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers

from devices.models import DeviceRefusal
from governance.api.filters import AreaFilter, CodedFilterSet, MomentFilter
from governance.api.views import ScopedViewSet


class DeviceRefusalSerializer(serializers.ModelSerializer):
    """Messages of a day that were not taken, or with a warning, for one reason. ``gateway``: whose key sent them (null:
    the device's own); ``device``: whose they are (null: of no device behind the gateway); ``named`` and ``detail``: the
    device that the newest named, and what its sender was told.
    """

    device = serializers.CharField(source="device.code", default=None, allow_null=True)
    gateway = serializers.CharField(source="gateway.code", default=None, allow_null=True)
    label = serializers.CharField()

    class Meta:
        model = DeviceRefusal
        fields = ["id", "device", "gateway", "code", "label", "day", "count", "first_at", "last_at", "named", "detail"]
        read_only_fields = fields


class AreaOfEither(AreaFilter):
    """Of the device or of the gateway."""

    def filter(self, queryset, value):
        if not value:
            return queryset
        return queryset.filter(Q(device__area__path__startswith=value) | Q(gateway__area__path__startswith=value))


class DeviceRefusalFilters(CodedFilterSet):
    device = filters.CharFilter("device__code", label=_("Code of the device."))
    gateway = filters.CharFilter("gateway__code", label=_("Code of the gateway that sent them."))
    area = AreaOfEither()
    code = filters.CharFilter("code", label=_("Code of the reason."))
    last_after = MomentFilter("last_at", "gte")

    class Meta(CodedFilterSet.Meta):
        model = DeviceRefusal


@extend_schema(tags=["devices"])
class DeviceRefusalViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Refused messages and warnings of the devices and gateways the caller may see, counted by sender, reason and day;
    newest row first. Kept for 30 days."""

    queryset = DeviceRefusal.objects.all()
    serializer_class = DeviceRefusalSerializer
    filterset_class = DeviceRefusalFilters
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self):
        return super().get_queryset().with_rows()
