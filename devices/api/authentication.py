"""How devices and gateways sign in: ``Authorization: Device <key>``."""

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission

from devices.keys import Credential, credential_of

SCHEME = "Device"


class DeviceAuthentication(BaseAuthentication):
    """Recognises the key; the request's user is then a ``Credential``."""

    def authenticate(self, request):
        scheme, _space, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != SCHEME.lower().encode():
            return None
        found = credential_of(secret.decode()) if secret.isascii() and secret else None
        if found is None:
            raise AuthenticationFailed(_("This key is unknown, expired or revoked."), "invalid_key")
        return found, found

    def authenticate_header(self, request):
        return SCHEME


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
