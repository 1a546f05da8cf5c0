"""The door of video systems: ``POST devices/events/``, a status word with a picture."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from devices.api.authentication import DeviceAuthentication, IsDevice
from devices.api.readings import ResultSerializer
from devices.commands import handed_out, told_with
from devices.snapshots import event_report
from governance.api.views import ApiView
from governance.attachments import read_uploads


class DeviceEventSerializer(serializers.Serializer):
    """What was seen: the code of the camera, when (with a zone), the status word of its profile, and one photo."""

    device = serializers.CharField(max_length=30)
    at = serializers.CharField(max_length=40)
    status = serializers.CharField(max_length=40)
    snapshot = serializers.FileField(allow_empty_file=True)


class DeviceEventResultSerializer(ResultSerializer):
    """As of readings; and the alarm and case it tells of, and whether the picture was kept."""

    alarm = serializers.IntegerField(allow_null=True)
    case = serializers.CharField(allow_null=True)
    snapshot_kept = serializers.BooleanField()


@extend_schema(tags=["devices"])
class DeviceEventView(ApiView):
    authentication_classes = [DeviceAuthentication]
    permission_classes = [IsDevice]
    parser_classes = [MultiPartParser]

    @extend_schema(request=DeviceEventSerializer, responses={202: DeviceEventResultSerializer})
    def post(self, request):
        """Report an event with a picture, as a camera for itself or a video system (gateway) for its cameras.

        Stored when answered; the same event twice is one. Of something that goes on a picture is kept every ten
        minutes, 20 at most.
        """
        given = DeviceEventSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        (said["snapshot"],) = read_uploads([said["snapshot"]], field="snapshot")
        result, alarm, kept = event_report(credential=request.user, **said)
        case = alarm.case.number if alarm is not None and alarm.case is not None else None
        body = result.told() | {"alarm": alarm and alarm.pk, "case": case, "snapshot_kept": kept}
        body |= told_with(handed_out(result))
        headers = {"Retry-After": str(result.retry_after)} if result.retry_after else {}
        return Response(body, status=status.HTTP_202_ACCEPTED, headers=headers)
