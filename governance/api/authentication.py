"""How callers of the API sign in: machines with a token, people with the session of the admin."""

from django.utils.translation import gettext as _
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed


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


AUTHENTICATION = [TokenAuthentication, SessionAuthentication]
