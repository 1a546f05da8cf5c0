"""REST door of residents' sign-in, under ``/api/v1/auth/``: codes, WeChat, the own sessions.

A browser keeps a session cookie and sends the CSRF token with every write, also before it is signed in. An app asks
with ``"client": "app"``, is given a ``session_token`` instead and sends it as ``X-Session-Token``.
"""

from contextlib import nullcontext

from django.contrib.auth import logout
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response

from governance.api.authentication import SESSION_TOKEN
from governance.api.errors import Conflicting
from governance.api.paging import NewestFirst
from governance.api.serializers import ErrorsSerializer
from governance.api.views import ApiView
from governance.identity.codes import PhoneCode, PhoneCodeProvider, code_send
from governance.identity.limits import count_try
from governance.identity.phones import phone_of
from governance.identity.providers import Identity
from governance.identity.sessions import (
    app_session,
    app_token,
    device_of,
    network_of,
    sessions_end,
    sessions_of,
    sign_in,
)
from governance.identity.wechat import WeChatCodes, WeChatProvider
from governance.models import User
from governance.scoping import roles_of

# Besides what the schema works out by itself: no CSRF token or not for this account, too often, a gateway that fails.
REFUSALS = dict.fromkeys((403, 429, 503), ErrorsSerializer)
BROWSER, APP = "browser", "app"


class CodeWishInput(serializers.Serializer):
    """``client``: ``app`` for a program without cookies."""

    phone = serializers.CharField(max_length=30)
    client = serializers.ChoiceField([BROWSER, APP], default=BROWSER)


class PhoneCodeInput(serializers.Serializer):
    phone = serializers.CharField(max_length=30)
    code = serializers.CharField(max_length=12)


class WeChatInput(serializers.Serializer):
    """``code`` of ``wx.login``; ``phone_code`` of a ``getPhoneNumber`` button, needed the first time."""

    code = serializers.CharField(max_length=200)
    phone_code = serializers.CharField(max_length=200, required=False, allow_null=True, default=None)


class CodeSentSerializer(serializers.Serializer):
    """The same whoever's phone it is. ``session_token``: for apps only, to be sent with the code."""

    valid_seconds = serializers.IntegerField()
    session_token = serializers.CharField(required=False)


class SignedInSerializer(serializers.Serializer):
    """Who is signed in. ``session_token``: for apps only, to be sent as ``X-Session-Token`` from now on."""

    name = serializers.CharField(allow_blank=True)
    roles = serializers.ListField(child=serializers.CharField())
    session_token = serializers.CharField(required=False)


class WhoSerializer(SignedInSerializer):
    """``csrf_token``: what a browser sends as ``X-CSRFToken``."""

    signed_in = serializers.BooleanField()
    csrf_token = serializers.CharField()


class SessionSerializer(serializers.Serializer):
    """One open session. ``address`` is shortened; it is not kept in full."""

    id = serializers.IntegerField()
    device = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    current = serializers.SerializerMethodField()

    def get_device(self, row) -> str:
        return device_of(row.user_agent)

    def get_address(self, row) -> str:
        return network_of(row.ip)

    def get_current(self, row) -> bool:
        return row.session_key == self.context["session_key"]


class EndedSerializer(serializers.Serializer):
    ended = serializers.IntegerField()


def described(user: User) -> dict:
    """Return what a person learns of the own account when signing in."""
    return {"name": user.name, "roles": sorted(roles_of(user))}


def session_key_of(request) -> str | None:
    """Return the key of the session that carries this request: an app's or the cookie's; None for machine tokens."""
    if hasattr(request.auth, "session_key"):
        return request.auth.session_key
    return request._request.session.session_key if request.auth is None else None


class DoorView(ApiView):
    """Base of what is asked before signing in; nobody is authenticated here, so CSRF is checked by name."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def check_browser(self, request) -> None:
        SessionAuthentication().enforce_csrf(request)


@extend_schema(tags=["auth"])
class CodeView(DoorView):
    @extend_schema(request=CodeWishInput, responses={202: CodeSentSerializer} | REFUSALS)
    def post(self, request):
        """Send a one-time code to a phone. The answer does not tell whether the phone has an account."""
        given = CodeWishInput(data=request.data)
        given.is_valid(raise_exception=True)
        phone = phone_of(given.validated_data["phone"])
        app = given.validated_data["client"] == APP
        if not app:
            self.check_browser(request)
        answer = {"valid_seconds": PhoneCodeProvider.seconds()}
        with app_session(request._request, new=True) if app else nullcontext():
            code_send(request._request, phone)
            if app:
                answer["session_token"] = app_token(request._request)
        return Response(answer, status=status.HTTP_202_ACCEPTED)


class OpeningView(DoorView):
    """Base of what opens a session."""

    def opened(self, request, identity: Identity, *, app: bool) -> Response:
        user = sign_in(request._request, identity)
        return Response(described(user) | ({"session_token": app_token(request._request)} if app else {}))


@extend_schema(tags=["auth"])
class SignInView(OpeningView):
    @extend_schema(request=PhoneCodeInput, responses={200: SignedInSerializer} | REFUSALS)
    def post(self, request):
        """Sign in with the code; the first time this makes the account. Apps send ``X-Session-Token``."""
        app = SESSION_TOKEN in request.headers
        if not app:
            self.check_browser(request)
        given = PhoneCodeInput(data=request.data)
        given.is_valid(raise_exception=True)
        phone = phone_of(given.validated_data["phone"])
        with app_session(request._request) if app else nullcontext():
            credential = PhoneCode(request._request, phone, given.validated_data["code"])
            return self.opened(request, PhoneCodeProvider().exchange(credential), app=app)


@extend_schema(tags=["auth"])
class WeChatView(OpeningView):
    @extend_schema(request=WeChatInput, responses={200: SignedInSerializer} | REFUSALS)
    def post(self, request):
        """Sign in from the WeChat mini-program. 409 ``phone_needed``: new here, ask for the phone and send it along."""
        given = WeChatInput(data=request.data)
        given.is_valid(raise_exception=True)
        count_try(request._request)
        identity = WeChatProvider().exchange(WeChatCodes(**given.validated_data))
        with app_session(request._request, new=True):
            return self.opened(request, identity, app=True)


@extend_schema(tags=["auth"])
class WhoView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(responses=WhoSerializer)
    def get(self, request):
        """Who is signed in, and the CSRF token a browser needs to sign in."""
        signed_in = request.user.is_authenticated
        who = described(request.user) if signed_in else {"name": "", "roles": []}
        return Response(who | {"signed_in": signed_in, "csrf_token": get_token(request._request)})


class OwnSessionsView(ApiView):
    """Base of what somebody does with the own sessions."""

    permission_classes = [IsAuthenticated]

    def end(self, request, rows) -> int:
        """End sessions of the caller; a browser that ends its own is signed out."""
        key = session_key_of(request)
        current = request.auth is None and rows.filter(session_key=key).exists()
        ended = sessions_end(rows, actor=request.user)
        if current:
            logout(request._request)
        return ended


@extend_schema(tags=["auth"])
class SignOutView(OwnSessionsView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request):
        """End the session that asks."""
        key = session_key_of(request)
        if key is None:
            raise Conflicting(_("A machine's token is no session."), "no_session")
        self.end(request, sessions_of(request.user).filter(session_key=key))
        if request.auth is None:
            logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["auth"])
class SessionsView(OwnSessionsView):
    pagination_class = NewestFirst
    serializer_class = SessionSerializer

    @extend_schema(responses=SessionSerializer(many=True))
    def get(self, request):
        """The own open sessions, newest first."""
        paginator = NewestFirst()
        rows = paginator.paginate_queryset(sessions_of(request.user), request, view=self)
        shown = SessionSerializer(rows, many=True, context={"session_key": session_key_of(request)})
        return paginator.get_paginated_response(shown.data)


@extend_schema(tags=["auth"])
class EndSessionView(OwnSessionsView):
    @extend_schema(request=None, responses={204: None}, parameters=[])
    def post(self, request, session_id: int):
        """End one of the own sessions."""
        if not self.end(request, sessions_of(request.user).filter(pk=session_id)):
            raise NotFound
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["auth"])
class EndOthersView(OwnSessionsView):
    @extend_schema(request=None, responses=EndedSerializer)
    def post(self, request):
        """End all own sessions but the one that asks."""
        others = sessions_of(request.user).exclude(session_key=session_key_of(request) or "")
        return Response({"ended": self.end(request, others)})
