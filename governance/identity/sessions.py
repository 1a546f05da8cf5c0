"""Residents' sessions: opening one, listing them with what device it was, and ending them.

allauth.usersessions keeps a row per session; the session itself is Django's. An app has no cookies: it sends the key of
its session in ``X-Session-Token``, as allauth's headless mode does.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless import app_settings as headless
from allauth.headless.constants import Client
from allauth.headless.internal.authkit import authentication_context
from allauth.headless.internal.decorators import mark_request_as_headless
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance import events
from governance.errors import Invalid, NotPermitted
from governance.identity.codes import CODE_OVER
from governance.identity.people import AS_RESIDENT, SIGNED_IN, resident_of
from governance.identity.providers import Identity
from governance.models import User
from governance.transactions import atomically

ENDED = events.register("user.sessions_ended", gettext_lazy("Sessions ended"))
SEEN = "resident_seen"  # key of the session: when its owner was last noted as here, seconds since 1970
NOTED_EVERY = timedelta(minutes=15)

SYSTEMS = [
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS|OpenHarmony", "HarmonyOS"), ("Android", "Android"),
    ("Windows", "Windows"), ("Macintosh|Mac OS X", "Mac"), ("Linux", "Linux"),
]  # fmt: skip
PROGRAMS = [
    ("miniProgram|MiniProgram", gettext_lazy("WeChat mini-program")), ("MicroMessenger", gettext_lazy("WeChat")),
    ("DingTalk", gettext_lazy("DingTalk")), ("QQBrowser", "QQ"), ("UCBrowser", "UC"), ("HuaweiBrowser", "Huawei"),
    ("MiuiBrowser", "Xiaomi"), ("Edg", "Edge"), ("Firefox|FxiOS", "Firefox"), ("Chrome|CriOS", "Chrome"),
    ("Safari", "Safari"),
]  # fmt: skip


@receiver(user_logged_in)
def _full_length(sender, request, **_given) -> None:
    """A session that waited for a code was short-lived; one that somebody signed in with lasts as long as any."""
    if request is not None:
        request.session.set_expiry(None)


@contextmanager
def app_session(request: HttpRequest, *, new: bool = False) -> Iterator[None]:
    """Work with the session of an app, named by ``X-Session-Token``, or with a ``new`` one, instead of the cookie's.

    Raises Invalid for a token that is no session.
    """
    if new:
        request.META.pop("HTTP_X_SESSION_TOKEN", None)
    mark_request_as_headless(request, Client.APP)
    try:
        with authentication_context(request):
            yield
    except ImmediateHttpResponse as error:
        raise Invalid(CODE_OVER, field="code", code="code_expired") from error


def app_token(request: HttpRequest) -> str:
    """Return what the app sends as ``X-Session-Token`` from now on; inside ``app_session`` only."""
    return headless.TOKEN_STRATEGY.create_session_token(request)


def sign_in(request: HttpRequest, identity: Identity) -> User:
    """Open a session for a proven identity, with a new key; makes the account the first time.

    Raises as ``resident_of``.
    """
    with atomically():
        user = resident_of(identity)
        clear_login(request)
        record_authentication(request, user, method="code" if identity.provider == "phone" else identity.provider)
        perform_login(request, Login(user=user))
        if request.user.pk != user.pk:
            raise NotPermitted(_("This account cannot sign in here. Staff sign in with user name and password."))
        request.session[SEEN] = int(time.time())
        request.session.save()
        events.record(SIGNED_IN, user, actor=user, grant=AS_RESIDENT, payload={"by": identity.provider})
    return user


def note_seen(session: SessionBase) -> bool:
    """Note that the owner of a resident's session is here, at most every ``NOTED_EVERY``; tell whether it was noted."""
    seen = session.get(SEEN)
    if seen is None or time.time() - seen < NOTED_EVERY.total_seconds():
        return False
    session[SEEN] = int(time.time())
    UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())
    return True


class SeenMiddleware:
    """Notes residents' visits; costs nothing for anybody else."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.session.accessed and request.session.session_key:
            note_seen(request.session)
        return response


def sessions_of(user: User) -> QuerySet[UserSession]:
    """Return the person's sessions that are still open."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return UserSession.objects.filter(user=user, session_key__in=alive).order_by("-id")


def sessions_end(rows: QuerySet[UserSession], *, actor: User) -> int:
    """End some of the person's own sessions (of ``sessions_of``); returns how many."""
    with atomically():
        ended = list(rows.filter(user=actor).select_for_update(of=("self",)))
        for row in ended:
            row.end()
        if ended:
            events.record(ENDED, actor, actor=actor, grant=AS_RESIDENT, payload={"count": len(ended)})
    return len(ended)


def forget_ended() -> int:
    """Delete what is kept about sessions that are no more; for a periodic job. Returns how many."""
    gone, _by_model = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return gone


def device_of(user_agent: str) -> str:
    """Say in a few words what device and program a browser's own description means."""
    found = [
        next((str(name) for pattern, name in known if re.search(pattern, user_agent)), "")
        for known in (SYSTEMS, PROGRAMS)
    ]
    return " · ".join(part for part in found if part) or _("Unknown device")


def network_of(ip: str) -> str:
    """Return a stored (shortened) address as it is shown: 203.0.113.*."""
    if ":" in ip:
        return ip.removesuffix("::").removesuffix(":") + ":*"
    return ip.rpartition(".")[0] + ".*"
