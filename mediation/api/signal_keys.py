"""Keys of sources of signals by REST: listed, issued (older ones end by themselves), revoked."""

from datetime import timedelta

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.access_keys import LONGEST_OVERLAP, OVERLAP
from mediation.models import SignalKey
from mediation.prevention.keys import signal_key_issue, signal_key_revoke, signal_keys_of

HOUR = timedelta(hours=1)


class SignalKeySerializer(serializers.ModelSerializer):
    """A key of a source: what it begins with and when it holds, never the secret."""

    class Meta:
        model = SignalKey
        fields = ["id", "prefix", "valid_from", "expires_at", "revoked_at"]
        read_only_fields = fields


class SignalKeyInput(serializers.Serializer):
    """``overlap_hours``: how long older keys stay valid, time to change the source over; 0: they end now."""

    overlap_hours = serializers.IntegerField(default=OVERLAP // HOUR, min_value=0, max_value=LONGEST_OVERLAP // HOUR)


class NewSignalKeySerializer(SignalKeySerializer):
    """A new key, with the secret itself, which is not kept: it is in this answer only."""

    secret = serializers.CharField()

    class Meta(SignalKeySerializer.Meta):
        fields = [*SignalKeySerializer.Meta.fields, "secret"]
        read_only_fields = fields


def _unkept(answer: dict | list, code: int = status.HTTP_200_OK) -> Response:
    response = Response(answer, status=code)
    response["Cache-Control"] = "no-store"
    return response


class KeysOfSource:
    """What the viewset of sources answers about their keys; administrators of the area of a source alone may."""

    @extend_schema(methods=["GET"], responses=SignalKeySerializer(many=True))
    @extend_schema(methods=["POST"], request=SignalKeyInput, responses={201: NewSignalKeySerializer})
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def keys(self, request, code):
        """The keys of a source, newest first; `POST` makes one. Its secret is in that answer only."""
        source = self.get_object()
        if request.method != "POST":
            return _unkept(SignalKeySerializer(signal_keys_of(source, actor=request.user), many=True).data)
        given = SignalKeyInput(data=request.data)
        given.is_valid(raise_exception=True)
        overlap = given.validated_data["overlap_hours"] * HOUR
        key, secret = signal_key_issue(source, actor=request.user, overlap=overlap)
        return _unkept(SignalKeySerializer(key).data | {"secret": secret}, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=SignalKeySerializer)
    @action(detail=True, methods=["post"], url_path=r"keys/(?P<key>[0-9]{1,18})/revoke")
    def revoke_key(self, request, code, key):
        """Make a key of a source worthless at once."""
        found = get_object_or_404(signal_keys_of(self.get_object(), actor=request.user), pk=key)
        return _unkept(SignalKeySerializer(signal_key_revoke(found, actor=request.user)).data)
