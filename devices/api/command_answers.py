"""The doors through which devices ask for commands, ``GET devices/commands/``, and answer them,
``POST devices/commands/<id>/result/``."""

from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from devices.api.authentication import DeviceAuthentication, IsDevice
from devices.commands import command_answer, commands_asked, commands_hand_out
from devices.models import Device
from devices.parcels import IngestResult
from governance.api.parsers import BoundedJSONParser
from governance.api.views import ApiView

WAITING_HEADER = "Jiceng-Commands"
MOST_NAMED = 20  # devices named in a link; of more the gateway asks for all behind it


def waiting_headers(request, result: IngestResult) -> dict[str, str]:
    """Return what an answer whose body has no room for commands says of them: for how many devices there are some, and
    where to ask (RFC 8288). Nothing, and no statement, where none waits.
    """
    if not result.commanded:
        return {}
    address = request.build_absolute_uri(reverse("device-commands"))
    if len(result.commanded) <= MOST_NAMED:
        codes = Device.objects.filter(pk__in=result.commanded).order_by("code").values_list("code", flat=True)
        address = f"{address}?{urlencode([('device', code) for code in codes])}"
    return {WAITING_HEADER: str(len(result.commanded)), "Link": f'<{address}>; rel="related"; title="commands"'}


class OutgoingSerializer(serializers.Serializer):
    """A command as a device is told it; `id` is by which it answers, and knows that it was told before."""

    id = serializers.IntegerField()
    device = serializers.CharField()
    name = serializers.CharField()
    payload = serializers.DictField()
    expires_at = serializers.DateTimeField()


class AnswerSerializer(serializers.Serializer):
    """What became of a command on the device; `detail` says why it failed."""

    done = serializers.BooleanField()
    detail = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")


class AnsweredSerializer(serializers.Serializer):
    """Where the command stands now, and what the device is to do next."""

    state = serializers.CharField()
    commands = OutgoingSerializer(many=True)


@extend_schema(tags=["devices"])
class CommandResultView(ApiView):
    authentication_classes = [DeviceAuthentication]
    permission_classes = [IsDevice]
    parser_classes = [BoundedJSONParser]

    @extend_schema(request=AnswerSerializer, responses={200: AnsweredSerializer})
    def post(self, request, pk):
        """Answer a command, as the device or its gateway; the same answer twice is one.

        A command of another device is not there (404); one that was never handed out, was taken back or was answered
        otherwise is a conflict (409). The next command of the device comes with the answer.
        """
        given = AnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        command = command_answer(pk, credential=request.user, **given.validated_data)
        if command is None:
            raise Http404
        told = [row.body() for row in commands_hand_out([command.device_id])]
        return Response({"state": command.state, "commands": told})


class CommandsSerializer(serializers.Serializer):
    """What devices are to do: one command for each at most."""

    commands = OutgoingSerializer(many=True)


@extend_schema(tags=["devices"])
@method_decorator(never_cache, name="dispatch")
class CommandsView(ApiView):
    authentication_classes = [DeviceAuthentication]
    permission_classes = [IsDevice]

    @extend_schema(
        parameters=[OpenApiParameter("device", str, many=True, description="Codes of devices; all it may speak for.")],
        responses=CommandsSerializer,
    )
    def get(self, request):
        """What waits for a device, or for those behind a gateway: as with the answer to readings.

        For those who report by a door whose answer has no room for it (SensorThings): that one names how many devices
        something waits for in the header Jiceng-Commands, and this address in Link.
        """
        told = commands_asked(request.user, request.query_params.getlist("device"))
        return Response({"commands": [row.body() for row in told]})
