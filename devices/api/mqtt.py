"""What brokers ask: the HTTP authentication and authorisation of EMQX and of mosquitto-go-auth (docs/mqtt.md).

Answered with 200 whatever the answer is: EMQX takes every other status as "ask somebody else".
"""

import base64
import hmac
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from devices.mqtt.access import PUBLISH, SUBSCRIBE, may_act, may_connect
from governance.api.authentication import KeyAuthentication
from governance.api.views import ApiView


@dataclass(frozen=True)
class Broker:
    """Stands in for the user of a broker's request."""

    pk: str = "broker"
    is_authenticated: bool = True


class BrokerAuthentication(KeyAuthentication):
    """``Authorization: Broker <secret>``, or the secret as password of HTTP Basic, where a broker can do no other."""

    scheme = "Broker"

    def recognised(self, secret):
        known = settings.MQTT_BROKER_SECRET
        return Broker() if known and hmac.compare_digest(secret.encode(), known.encode()) else None

    def authenticate(self, request):
        scheme, _space, given = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"basic":
            return super().authenticate(request)
        try:
            secret = base64.b64decode(given, validate=True).decode().partition(":")[2]
        except ValueError:
            secret = ""
        found = self.recognised(secret)
        return (found, found) if found else None


class IsBroker(BasePermission):
    """The request came with the secret of the broker."""

    def has_permission(self, request, view):
        return isinstance(request.user, Broker)


class BrokerScheme(OpenApiAuthenticationExtension):
    target_class = BrokerAuthentication
    name = "brokerSecret"

    def get_security_definition(self, auto_schema):
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Broker <secret>`."}


# How mosquitto-go-auth says what a client wants: read, write, both, subscribe.
WANTED = {1: [SUBSCRIBE], 2: [PUBLISH], 3: [PUBLISH, SUBSCRIBE], 4: [SUBSCRIBE]}


class SignInSerializer(serializers.Serializer):
    """Who wants in. A client without user name or password is refused."""

    username = serializers.CharField(allow_blank=True, allow_null=True, trim_whitespace=False)
    password = serializers.CharField(allow_blank=True, allow_null=True, trim_whitespace=False)


class WishSerializer(serializers.Serializer):
    """What a client wants: ``action`` (EMQX) or ``acc`` (mosquitto-go-auth), and where."""

    username = serializers.CharField(allow_blank=True, allow_null=True, trim_whitespace=False)
    topic = serializers.CharField(trim_whitespace=False)
    action = serializers.RegexField(f"^({PUBLISH}|{SUBSCRIBE})$", required=False)
    acc = serializers.ChoiceField(list(WANTED), required=False)

    def validate(self, given):
        if ("action" in given) == ("acc" in given):
            raise serializers.ValidationError({"action": _("Say either “action” or “acc”.")}, "required")
        return given


class VerdictSerializer(serializers.Serializer):
    """The same answer in the words of EMQX (``result``) and of mosquitto-go-auth (``ok``)."""

    result = serializers.ChoiceField(["allow", "deny"])
    is_superuser = serializers.BooleanField()
    ok = serializers.BooleanField()
    error = serializers.CharField(allow_blank=True)


class BrokerView(ApiView):
    authentication_classes = [BrokerAuthentication]
    permission_classes = [IsBroker]

    def verdict(self, allowed: bool) -> Response:
        """Answer a question of a broker."""
        result = "allow" if allowed else "deny"
        return Response({"result": result, "is_superuser": False, "ok": allowed, "error": "" if allowed else "denied"})


@extend_schema(tags=["devices"])
class MqttSignInView(BrokerView):
    @extend_schema(request=SignInSerializer, responses=VerdictSerializer)
    def post(self, request):
        """May this client sign in? The user name is the code of a device or gateway, the password its key."""
        given = SignInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self.verdict(may_connect(given.validated_data["username"] or "", given.validated_data["password"] or ""))


@extend_schema(tags=["devices"])
class MqttAccessView(BrokerView):
    @extend_schema(request=WishSerializer, responses=VerdictSerializer)
    def post(self, request):
        """May this client publish on, or subscribe to, this topic?"""
        given = WishSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        actions = [said["action"]] if "action" in said else WANTED[said["acc"]]
        return self.verdict(all(may_act(said["username"] or "", action, said["topic"]) for action in actions))
