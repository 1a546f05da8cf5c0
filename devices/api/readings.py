"""The HTTP door of devices: ``POST devices/readings/``.

It keeps no answers by ``Idempotency-Key``, nor does the door of the live process: every message has its time, so a
reading is known by (device, metric, at) and has one effect however often it comes. A kept answer would be worse than
none: what was ``rate_limited`` would be so for good under the same key, and commands would be told that are over.
"""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.response import Response

from devices.api.authentication import DeviceAuthentication, IsDevice
from devices.api.command_answers import OutgoingSerializer
from devices.commands import handed_out, told_with
from devices.ingest import readings_ingest
from devices.keys import Credential
from devices.refusals import note_unreadable
from governance.api.parsers import BoundedJSONParser
from governance.api.views import ApiView

MAX_MESSAGES = 1000


class MessageSerializer(serializers.Serializer):
    """What a device reports: a status word, figures, or both. ``at`` is the device's time, with its zone."""

    device = serializers.CharField()
    at = serializers.DateTimeField()
    status = serializers.CharField(required=False)
    metrics = serializers.DictField(child=serializers.FloatField(), required=False)


class MessagesSerializer(serializers.Serializer):
    """A batch of 0 to 1000 messages."""

    readings = MessageSerializer(many=True)


class RejectionSerializer(serializers.Serializer):
    """A message that was not taken; ``index`` counts from 0. ``retry_after``: seconds, with ``rate_limited`` only."""

    index = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    retry_after = serializers.IntegerField(required=False)


class WarningSerializer(serializers.Serializer):
    """A message that was taken although something of it is odd; ``index`` counts from 0."""

    index = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ResultSerializer(serializers.Serializer):
    """How many messages were stored, how many said nothing new, which were not taken, which were taken with a warning,
    and what the devices are told."""

    accepted = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    rejected = RejectionSerializer(many=True)
    warnings = WarningSerializer(many=True, required=False)
    commands = OutgoingSerializer(many=True, required=False)


@extend_schema(tags=["devices"])
class ReadingsView(ApiView):
    authentication_classes = [DeviceAuthentication]
    permission_classes = [IsDevice]
    parser_classes = [BoundedJSONParser]

    def handle_exception(self, exc):
        """Count what of a known sender cannot be read, once nothing more is rolled back."""
        found = _unreadable(exc)
        if found is not None and isinstance(self.request.user, Credential):
            note_unreadable(self.request.user, found)
        return super().handle_exception(exc)

    @extend_schema(request=MessagesSerializer, responses={202: ResultSerializer})
    def post(self, request):
        """Report readings, as a device for itself or as a gateway for its devices.

        Stored when answered. The same message (device, `at`, what it reports) sent twice is stored once, and told as
        `duplicate`: an Idempotency-Key is not needed and not looked at. Messages that cannot be taken are named; they
        do not hold up the others. `warnings` is there where something of a message was odd and it was taken all the
        same: a status word that the profile does not know (`unknown_status`: kept, not judged), a time ahead of ours
        (`clock_skewed`). A device that sends more than its profile allows is told `rate_limited`, and in the
        header Retry-After when all of that may come again. `commands` is there where something waits for the devices of
        the request: one for each at most, told again until it is answered or expires.
        """
        result = readings_ingest(credential=request.user, messages=_messages(request.data))
        headers = {"Retry-After": str(result.retry_after)} if result.retry_after else {}
        body = result.told() | told_with(handed_out(result))
        return Response(body, status=status.HTTP_202_ACCEPTED, headers=headers)


def _unreadable(error: Exception) -> tuple[str, str, str] | None:
    """Return code and text of a body of which nothing could be read, or None for other errors."""
    if isinstance(error, ParseError):
        return error.default_code, str(error.detail), ""
    if isinstance(error, ValidationError) and "readings" in error.detail:
        return error.get_codes()["readings"][0], str(error.detail["readings"][0]), ""
    return None


def _messages(data) -> list:
    """Return the messages of a body; raises ValidationError naming ``readings``."""
    if not isinstance(data, dict) or "readings" not in data:
        raise ValidationError({"readings": [_("An object with a list “readings” is needed.")]}, "required")
    messages = data["readings"]
    if not isinstance(messages, list):
        raise ValidationError({"readings": [_("This is not a list.")]}, "not_a_list")
    if len(messages) > MAX_MESSAGES:
        raise ValidationError({"readings": [_("At most 1000 messages in one request.")]}, "max_length")
    return messages
