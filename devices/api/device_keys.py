"""REST door of keys of devices and gateways: listed, made and rotated, revoked."""

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from devices.keys import key_revoke, key_rotate, keys_of
from devices.models import DeviceKey
from governance.api.fields import MomentField
from governance.api.idempotency import idempotent

MOST_KEYS = 100
# The actions by name: what they carry out has a rule of its own.
KEY_ACTIONS = ("key", "keys", "revoke")


class KeyInput(serializers.Serializer):
    """When the keys there are now end."""

    old_keys_end_at = MomentField(required=False)


class NewKeySerializer(serializers.Serializer):
    """A new key: what it begins with, and the secret itself, which is not kept."""

    prefix = serializers.CharField()
    secret = serializers.CharField()
    valid_from = serializers.DateTimeField()


class DeviceKeySerializer(serializers.ModelSerializer):
    """A key as it is kept: what it begins with, and when it holds."""

    class Meta:
        model = DeviceKey
        fields = ["id", "prefix", "valid_from", "expires_at", "revoked_at"]
        read_only_fields = fields


@extend_schema_serializer(many=False)
class DeviceKeysSerializer(serializers.Serializer):
    results = DeviceKeySerializer(many=True)


class KeysMixin:
    """Gives the viewset of what has keys these actions. Not to be seen is 404, not to be managed 403."""

    @extend_schema(request=KeyInput, responses={201: NewKeySerializer})
    @action(detail=True, methods=["post"])
    def key(self, request, code):
        """Make a new key. The secret is in this answer only; older keys end by themselves.

        Older keys hold until `old_keys_end_at`, within 30 days (a day where it is not given). Without Idempotency-Key:
        its answer would be kept, secret and all.
        """
        given = KeyInput(data=request.data)
        given.is_valid(raise_exception=True)
        key, secret = key_rotate(self.get_object(), actor=request.user, **given.validated_data)
        answer = {"prefix": key.prefix, "secret": secret, "valid_from": key.valid_from}
        response = Response(NewKeySerializer(answer).data, status=status.HTTP_201_CREATED)
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(responses=DeviceKeysSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def keys(self, request, code):
        """The newest 100 keys, for who manages them; without their secrets, which nobody has."""
        rows = keys_of(self.get_object(), actor=request.user)[:MOST_KEYS]
        return Response(DeviceKeysSerializer({"results": rows}).data)

    @extend_schema(request=None, responses=DeviceKeySerializer, parameters=[OpenApiParameter("key", int, "path")])
    @action(detail=True, methods=["post"], url_path=r"keys/(?P<key>[0-9]{1,18})/revoke")
    @idempotent
    def revoke(self, request, code, key):
        """Make a key worthless at once; one that is already is a conflict (409)."""
        found = keys_of(self.get_object(), actor=request.user).filter(pk=key).first()
        if found is None:
            raise NotFound
        return Response(DeviceKeySerializer(key_revoke(found, actor=request.user)).data)
