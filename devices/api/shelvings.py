"""REST door of shelvings: what is shelved now, moving its end, and taking it back."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from devices.api.inputs import given_by
from devices.models import Shelving
from devices.shelving import shelving_change, shelving_lift
from governance.api.fields import MomentField
from governance.api.filters import AreaFilter, CodedFilterSet, YesNoFilter
from governance.api.idempotency import idempotent
from governance.api.views import ScopedViewSet


class ShelvingSerializer(serializers.ModelSerializer):
    """Alarms of one type at a device that are held back until ``until``. ``alarm`` is the newest of them, ``active``
    whether it is there now; ``chattering``: shelved by itself; ``reason``: what was said when a person did it.
    """

    device = serializers.CharField(source="device.code")
    device_name = serializers.CharField(source="device.name")
    area = serializers.CharField(source="device.area.code")
    label = serializers.CharField()
    alarm = serializers.IntegerField(source="alarm_id", allow_null=True)
    active = serializers.BooleanField(source="alarm_active")
    shelved_by = serializers.CharField(source="shelved_by.__str__")
    reason = serializers.CharField()

    class Meta:
        model = Shelving
        fields = ["id", "device", "device_name", "area", "alarm_type", "label", "alarm", "active", "shelved_by",
                  "reason", "shelved_at", "until", "chattering"]  # fmt: skip
        read_only_fields = fields


class UnshelveInput(serializers.Serializer):
    """Why it is taken back."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class ShelvingChangeInput(serializers.Serializer):
    """Until when it holds after all (a week from now at most) and why."""

    until = MomentField()
    reason = serializers.CharField(max_length=2000)


class ShelvingFilters(CodedFilterSet):
    device = filters.CharFilter("device__code", label=_("Code of the device."))
    area = AreaFilter("device__area__path")
    type = filters.CharFilter("alarm_type", label=_("Alarm type: a status word."))
    active = YesNoFilter(method="is_active", label=_("The alarm is there now."))
    chattering = YesNoFilter("chattering", label=_("Shelved by itself because it chatters."))

    class Meta(CodedFilterSet.Meta):
        model = Shelving

    def is_active(self, queryset, name, value):
        return queryset.filter(alarm_active=value)


@extend_schema(tags=["alarms"])
class ShelvingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """What is shelved now at the devices the caller may see, whether its alarm is there or not; newest first."""

    queryset = Shelving.objects.all()
    serializer_class = ShelvingSerializer
    filterset_class = ShelvingFilters
    lookup_value_regex = r"[0-9]{1,18}"
    free_actions = ("unshelve", "change")

    def get_queryset(self):
        return super().get_queryset().in_force().with_rows()

    @extend_schema(request=ShelvingChangeInput, responses=ShelvingSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def change(self, request, pk):
        """Move the end of a shelving: nothing is dispatched in between; over already is a conflict (409)."""
        given = given_by(self, ShelvingChangeInput)
        row = shelving_change(self.get_object(), actor=request.user, **given)
        return Response(self.get_serializer(Shelving.objects.with_rows().get(pk=row.pk)).data)

    @extend_schema(request=UnshelveInput, responses={204: None})
    @action(detail=True, methods=["post"])
    @idempotent
    def unshelve(self, request, pk):
        """Take a shelving back before its time; over already is a conflict (409)."""
        given = UnshelveInput(data=request.data)
        given.is_valid(raise_exception=True)
        shelving_lift(self.get_object(), actor=request.user, **given.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)
