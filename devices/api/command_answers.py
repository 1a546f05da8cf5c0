"""The door through which devices answer commands: ``POST devices/commands/<id>/result/``."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from devices.api.authentication import DeviceAuthentication, IsDevice
from devices.commands import command_answer, commands_hand_out
from governance.api.parsers import BoundedJSONParser
from governance.api.views import ApiView


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
