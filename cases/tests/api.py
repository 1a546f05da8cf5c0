"""What the tests of the cases API share: signed-in clients, and cases brought into a state by the people who may."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from rest_framework.test import APIClient, ForceAuthClientHandler

from cases.models import Case, CaseState
from governance.workflow import act

CASES = "/api/v1/cases/"


# Loading the middleware takes longer than most requests (whitenoise walks through all static files).
_handlers: dict[bool, ForceAuthClientHandler] = {}


def client_of(user=None, *, enforce_csrf_checks=False, **options) -> APIClient:
    """Return a client with a real session of ``user`` (None: nobody signed in)."""
    client = APIClient(**options)
    client.handler = _handlers.setdefault(enforce_csrf_checks, ForceAuthClientHandler(enforce_csrf_checks))
    if user is not None:
        client.cookies[settings.SESSION_COOKIE_NAME] = session_of(user)
    return client


def session_of(user) -> str:
    """Return the key of a session in which ``user`` is signed in, without what signing in writes besides it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "governance.permissions.PersonBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


def url_of(case, rest="") -> str:
    return f"{CASES}{case.number}/{rest}"


def press(user, case, name, data=None, **options):
    """POST transition ``name`` as ``user`` and return the response."""
    return client_of(user).post(url_of(case, f"transitions/{name}/"), data or {}, format="json", **options)


def in_state(city, state: str) -> Case:
    """Return a case of the resident in ``state``; from dispatched on, municipal leads and urban supervises.

    Beside the states there are ``extension_asked``, ``suspension_asked`` and ``appealed``, all being handled.
    """
    resident = city.user("resident")
    case = city.report(actor=resident, reporter=resident, reporter_name="张小明", reporter_phone="13800001234")
    for name, role, given in WAYS[state]:
        values = {key: getattr(city, value) for key, value in given.items() if key in ("category", "standard")}
        if "into" in given:
            values["into"] = city.report(description="井盖被压歪")
        act(case, name, actor=city.user(role), **(given | values))
    return Case.objects.with_rows().get(pk=case.pk)


ACCEPT = ("accept", "registrar", {"category": "category"})
DISPATCHED = [("accept", "registrar", {"standard": "standard"})]
HANDLING = [*DISPATCHED, ("start", "handler", {})]
SUBMITTED = [*HANDLING, ("submit", "handler", {"result": "已扶正"})]
INSPECTED = [*SUBMITTED, ("inspect", "grid_worker", {})]
SOON = (timezone.now() + timedelta(days=20)).isoformat()
SUSPENSION_ASKED = [
    *HANDLING,
    ("ask_suspension", "handler", {"until": datetime.fromisoformat(SOON), "reason": "等材料"}),
]
RETURN = ("return", "handler", {"reason": "不归我们管"})
CLOSED = [*INSPECTED, ("close", "registrar", {})]
WAYS = {
    CaseState.REPORTED: [],
    CaseState.VERIFIED: [("verify", "grid_worker", {})],
    CaseState.ACCEPTED: [ACCEPT],
    CaseState.REJECTED: [("reject", "registrar", {"reason": "不属实"})],
    CaseState.DISPATCHED: DISPATCHED,
    CaseState.HANDLING: HANDLING,
    CaseState.SUBMITTED: SUBMITTED,
    CaseState.INSPECTED: INSPECTED,
    CaseState.CLOSED: CLOSED,
    CaseState.RETURNED: [*DISPATCHED, RETURN],
    CaseState.ARBITRATION: [*DISPATCHED, RETURN, ("refer", "registrar", {"reason": "互相推"})],
    CaseState.SUSPENDED: [*SUSPENSION_ASKED, ("suspend", "dispatcher", {})],
    "extension_asked": [
        *HANDLING,
        ("ask_extension", "handler", {"amount": 1, "counted_in": "work_day", "reason": "雨"}),
    ],
    "suspension_asked": SUSPENSION_ASKED,
    "appealed": [*HANDLING, ("appeal", "handler", {"ground": "overdue", "reason": "断电"})],
    CaseState.REWORKED: [*SUBMITTED, ("rework", "grid_worker", {"reason": "没修好"})],
    CaseState.REOPENED: [*CLOSED, ("reopen", "registrar", {"reason": "又坏了"})],
    CaseState.MERGED: [("merge", "registrar", {"into": "another case"})],
    CaseState.CANCELLED: [("cancel", "registrar", {"reason": "重复"})],
}
