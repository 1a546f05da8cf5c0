"""What the tests of notices share: the shipped rules, people told of events, and a service that takes messages."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings
from django.core.management import call_command

from governance.models import Event, Notice, NoticeChannel, NoticeRule
from governance.notices import planning, sealing

FIXTURES = [settings.BASE_DIR / "fixtures" / name for name in ("0002_notice_templates.json", "0003_notice_rules.json")]


def load_shipped():
    call_command("loaddata", *map(str, FIXTURES), verbosity=0)


@pytest.fixture
def shipped(city):
    """The city with the templates and rules that every installation begins with."""
    load_shipped()
    return city


def tell(*names) -> list[Notice]:
    """Tell people of all events so named (default: all), as the worker does, inside the test's transaction."""
    rules = {}
    for rule in NoticeRule.objects.filter(is_active=True).select_related("area", "channel"):
        rules.setdefault(rule.event, []).append(rule)
    rows = Event.objects.filter(name__in=names or rules).select_related("area").order_by("id")
    return planning.tell([row for row in rows if row.name in rules], rules)


def told(name) -> set[str]:
    """Return the user names of everybody who has a notice of events so named."""
    return set(Notice.objects.filter(event__name=name).values_list("person__username", flat=True))


def rule(**given) -> NoticeRule:
    """Make a rule; by default the lead unit's handlers are told of dispatches."""
    given = {
        "code": f"r{NoticeRule.objects.count()}", "name": "规则", "event": "case.dispatched", "recipient": "role",
        "role": "handler", "part": "lead", "template": "case_dispatched",
    } | given  # fmt: skip
    return NoticeRule.objects.create(**given)


def channel(city, address="", **given) -> NoticeChannel:
    """Make a channel of the whole city; without an address it sends text messages by the settings."""
    given = {"code": f"c{NoticeChannel.objects.count()}", "name": "渠道", "kind": "sms" if not address else "webhook",
             "area": city.city} | given  # fmt: skip
    return NoticeChannel.objects.create(address_sealed=sealing.sealed(address) if address else "", **given)


class StandIn:
    """A service on a real socket: keeps what it is sent, and answers with ``status``.

    With ``wait`` it answers only when that is set, from message number ``hangs_from`` on.
    """

    def __init__(self):
        self.bodies, self.status, self.location = [], 200, ""
        self.wait, self.hangs_from = None, 1
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                stand_in.bodies.append(json.loads(body))
                if stand_in.wait is not None and len(stand_in.bodies) >= stand_in.hangs_from:
                    stand_in.wait.wait(10)
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the sender may be dead by now
                    self.answer()

            def answer(self):
                self.send_response(stand_in.status)
                if stand_in.location:
                    self.send_header("Location", stand_in.location)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/secret-path"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def service(settings):
    """The stand-in, which the settings allow to be called although it is on this machine."""
    settings.NOTICE_INTERNAL_HOSTS = ["127.0.0.1"]
    running = StandIn()
    yield running
    running.close()
