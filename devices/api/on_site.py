"""REST door of putting a device up on site: claim it with a photo, see its test alarm arrive, put it in service.

The same services as the page on the phone (``devices.pages.device``).
"""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from devices.api.inputs import DeviceClaimInput, DeviceCommissionInput
from devices.api.serializers import DeviceSerializer
from devices.claims import claim_going_on, device_claim, device_commission, heard_since
from devices.models import DeviceClaim
from governance.api.idempotency import idempotent

# The actions by name: what they carry out has a rule of its own.
ON_SITE_ACTIONS = ("claim", "commission")


class DeviceHeardSerializer(serializers.Serializer):
    """A sample that arrived since the claim; ``raises``: the alarm types it would have raised."""

    at = serializers.DateTimeField()
    status = serializers.CharField(allow_null=True)
    metrics = serializers.DictField(child=serializers.FloatField())
    raises = serializers.ListField(child=serializers.CharField())


class DeviceClaimSerializer(serializers.ModelSerializer):
    """A claim; coordinates in WGS-84, ``distance`` in metres from the registered place. ``heard``: what arrived since,
    newest first; ``tested``: a test alarm is among it, so that the device may be put in service.
    """

    device = serializers.CharField(source="device.code")
    claimed_by = serializers.CharField(source="claimed_by.username")
    heard = serializers.SerializerMethodField()
    tested = serializers.SerializerMethodField()

    class Meta:
        model = DeviceClaim
        fields = ["id", "device", "claimed_by", "claimed_at", "longitude", "latitude", "accuracy", "distance", "moved",
                  "heard", "tested"]  # fmt: skip
        read_only_fields = fields

    def get_heard(self, _claim) -> DeviceHeardSerializer(many=True):
        return DeviceHeardSerializer(self.context["heard"], many=True).data

    def get_tested(self, _claim) -> bool:
        return any(sample.raises for sample in self.context["heard"])


def _told(claim: DeviceClaim) -> dict:
    return DeviceClaimSerializer(claim, context={"heard": heard_since(claim)}).data


class OnSiteMixin:
    """Gives the viewset of devices these actions."""

    @extend_schema(request={"multipart/form-data": DeviceClaimInput}, responses={201: DeviceClaimSerializer})
    @action(detail=True, methods=["post"])
    @idempotent
    def claim(self, request, code):
        """Say that you stand at a device that is to be put in service, with a photo of it in its place.

        Refused outside the area of the device (`outside`) and further from the registered place than its profile allows
        (`too_far`). A claim replaces that of somebody else; the caller goes on with it for a day.
        """
        given = DeviceClaimInput(data=request.data)
        given.is_valid(raise_exception=True)
        made = device_claim(self.get_object(), actor=request.user, **given.validated_data)
        return Response(_told(made), status=status.HTTP_201_CREATED)

    @extend_schema(responses=DeviceClaimSerializer)
    @claim.mapping.get
    def claim_going_on(self, request, code):
        """The caller's claim of the device, with what was heard from it since; without one it is not there (404)."""
        found = claim_going_on(self.get_object(), request.user)
        if found is None:
            raise NotFound
        return Response(_told(found))

    @extend_schema(request=DeviceCommissionInput, responses=DeviceSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def commission(self, request, code):
        """Put the device in service that you claimed, once its test alarm has arrived.

        A conflict (409) while nothing (`not_heard`) or no alarm (`no_test_alarm`) has arrived since the claim.
        """
        given = DeviceCommissionInput(data=request.data)
        given.is_valid(raise_exception=True)
        device = device_commission(self.get_object(), actor=request.user, **given.validated_data)
        return Response(self.answer_with(device))
