"""How devices and gateways sign in: ``Authorization: Device <key>``."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.permissions import BasePermission

from devices.keys import Credential, credential_of
from governance.api.authentication import KeyAuthentication


class DeviceAuthentication(KeyAuthentication):
    """Recognises the key; the request's user is then a ``Credential``."""

    scheme = "Device"

    def recognised(self, secret):
        return credential_of(secret)


class IsDevice(BasePermission):
    """The request came with the key of a device or gateway."""

    def has_permission(self, request, view):
        return isinstance(request.user, Credential)


class DeviceScheme(OpenApiAuthenticationExtension):
    target_class = DeviceAuthentication
    name = "deviceKey"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Device <key>`; `manage.py issue_device_key` makes one.",
        }
