"""How callers of the API sign in: machines with a token, people with a session, residents' apps with its key."""

from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.contrib.auth import BACKEND_SESSION_KEY
from django.utils.translation import gettext as _
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from governance.identity.adapter import BACKEND
from governance.identity.sessions import note_seen

SESSION_TOKEN = "X-Session-Token"


class TokenAuthentication(KnoxAuthentication):
    """``Authorization: Token <token>``; ``manage.py issue_api_token`` makes one."""

    def authenticate_credentials(self, token: bytes):
        # knox decodes the header without a guard: other bytes would be a server error.
        if not token.isascii():
            raise AuthenticationFailed(_("Invalid token."))
        return super().authenticate_credentials(token)


class TokenScheme(KnoxTokenScheme):
    target_class = TokenAuthentication
    name = "apiToken"


class SessionTokenAuthentication(BaseAuthentication):
    """``X-Session-Token: <key>``: what a resident's app was given at sign-in. ``request.auth`` is the session."""

    def authenticate(self, request):
        token = request.headers.get(SESSION_TOKEN)
        if not token:
            return None
        found = authenticate_by_x_session_token(token) if token.isalnum() else None
        if found is None or found[1].get(BACKEND_SESSION_KEY) != BACKEND:
            raise AuthenticationFailed(_("You are not signed in any more."))
        user, session = found
        if note_seen(session):
            session.save()
        return user, session

    def authenticate_header(self, request):
        return SESSION_TOKEN


class SessionTokenScheme(OpenApiAuthenticationExtension):
    target_class = SessionTokenAuthentication
    name = "sessionToken"

    def get_security_definition(self, auto_schema):
        return {"type": "apiKey", "in": "header", "name": SESSION_TOKEN}


class KeyAuthentication(BaseAuthentication):
    """``Authorization: <scheme> <key>`` of a machine; the request's user is then what ``recognised(key)`` returns."""

    scheme: str

    def recognised(self, secret: str):
        """Return who sends, an object with ``pk`` and ``is_authenticated``, or None for a key that lets nobody in."""
        raise NotImplementedError  # pragma: no cover - each kind of machine has its own keys

    def authenticate(self, request):
        scheme, _space, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != self.scheme.lower().encode():
            return None
        found = self.recognised(secret.decode()) if secret.isascii() and secret else None
        if found is None:
            raise AuthenticationFailed(_("This key is unknown, expired or revoked."), "invalid_key")
        return found, found

    def authenticate_header(self, request):
        return self.scheme


AUTHENTICATION = [TokenAuthentication, SessionTokenAuthentication, SessionAuthentication]
