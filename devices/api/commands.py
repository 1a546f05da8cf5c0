"""REST door of commands to devices, for staff."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.response import Response

from devices.command_workflow import CommandState
from devices.commands import command_queue
from devices.models import Device, DeviceCommand
from governance.api.fields import MomentField, RowByCode
from governance.api.filters import CodedFilterSet
from governance.api.idempotency import idempotent
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.workflow import available


class DeviceCommandSerializer(serializers.ModelSerializer):
    """A command: what, to which device, by when; where it stands, and what the device answered. ``published``: the
    broker took it, which the device need not have heard; ``state_label`` says so until the device is heard.
    """

    device = serializers.CharField(source="device.code")
    payload = serializers.DictField()
    state_label = serializers.CharField(source="standing")
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = DeviceCommand
        fields = [
            "id", "device", "name", "payload", "state", "state_label", "queued_at", "expires_at", "sent_at",
            "last_sent_at", "deliveries", "published", "settled_at", "answer", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_transitions(self, command) -> list[str]:
        return [found.name for found in available(command, self.context["request"].user)]


class NewCommandSerializer(serializers.Serializer):
    """A command of the device's profile with its parameters; without `expires_at` it holds for a day."""

    device = RowByCode(queryset=Device.objects.none())
    name = serializers.CharField(max_length=40)
    payload = serializers.DictField(required=False)
    expires_at = MomentField(required=False)

    def get_fields(self):
        fields = super().get_fields()
        if request := self.context.get("request"):
            fields["device"].queryset = Device.objects.visible_to(request.user).select_related("area")
        return fields


class CommandFilters(CodedFilterSet):
    device = filters.CharFilter("device__code", label=_("Code of the device."))
    state = filters.MultipleChoiceFilter(choices=CommandState.choices)

    class Meta(CodedFilterSet.Meta):
        model = DeviceCommand


@extend_schema(tags=["devices"])
class DeviceCommandViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Commands to the devices the caller may see, newest first."""

    queryset = DeviceCommand.objects.all()
    serializer_class = DeviceCommandSerializer
    filterset_class = CommandFilters
    lookup_value_regex = r"[0-9]{1,18}"
    free_actions = ("create", "transition")

    def get_queryset(self):
        return super().get_queryset().with_rows()

    @extend_schema(request=NewCommandSerializer, responses={201: DeviceCommandSerializer})
    @idempotent
    def create(self, request):
        """Give a command to a device: it waits until the device is heard, and is told again until it answers."""
        given = NewCommandSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        command = command_queue(given.validated_data.pop("device"), actor=request.user, **given.validated_data)
        return Response(self.answer_with(command), status=status.HTTP_201_CREATED)

    def answer_with(self, command: DeviceCommand) -> dict:
        """Return the JSON of a command just changed."""
        return self.get_serializer(DeviceCommand.objects.with_rows().get(pk=command.pk)).data
