"""Text messages: the gateways, what happens when they fail, and what is never logged."""

import hashlib
import hmac
import json
import logging
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.conf import settings as configured

from governance import sms
from governance.errors import Unavailable
from governance.identity.tests.people import PHONE, ask, browser, enter, error_of, sessions, stored


class Relay:
    """A relay of an operator on this machine: keeps what it is sent, answers with ``status``."""

    def __init__(self):
        self.status = 200
        self.got: list[tuple[dict, bytes]] = []


@pytest.fixture
def relay(settings):
    known = Relay()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.got.append((dict(self.headers.items()), body))
            self.send_response(known.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    settings.SMS_GATEWAY, settings.SMS_GATEWAY_SECRET = f"http://127.0.0.1:{server.server_port}/sms", "shared secret"
    yield known
    server.shutdown()
    server.server_close()


def said(caplog) -> str:
    return " ".join(record.getMessage() for record in caplog.records)


def test_in_development_the_code_is_in_the_log(settings, caplog):
    settings.SMS_GATEWAY = "log"
    caplog.set_level(logging.INFO, logger="governance.sms")
    client = browser()
    ask(client)
    [line] = [record.getMessage() for record in caplog.records if record.name == "governance.sms"]
    code = next(word for word in line.replace("。", " ").split() if word[:6].isdigit() and len(word) >= 6)[:6]
    assert enter(client, code).status_code == 200
    assert PHONE not in line and "138****1234" in line


@pytest.mark.parametrize("address", ["", "log"])
def test_in_production_no_code_is_ever_logged(settings, caplog, address):
    # given production without a gateway, or with the one of development
    settings.PRODUCTION, settings.SMS_GATEWAY = True, address
    caplog.set_level(logging.DEBUG)
    before = stored()
    # when a code is asked for
    client = browser()
    answer = ask(client)
    # then the person is told, nothing is stored, and neither code nor phone is in the log
    assert error_of(answer) == (503, "sms_not_configured", None)
    assert (stored(), sessions(), client.cookies) == (before, 0, {})
    assert not any(word.isdigit() and len(word) == 6 for word in said(caplog).split())
    assert PHONE not in said(caplog)


def test_a_relay_gets_signed_json(relay):
    sms.send_code(PHONE, "验证码 123456", values={"code": "123456"})
    [(headers, body)] = relay.got
    assert json.loads(body) == {"phone": PHONE, "text": "验证码 123456", "values": {"code": "123456"}}
    signed = headers["X-Jiceng-Timestamp"].encode() + b"." + body
    assert headers["X-Jiceng-Signature"] == "sha256=" + hmac.new(b"shared secret", signed, hashlib.sha256).hexdigest()


def test_the_whole_way_through_a_relay(relay):
    client = browser()
    assert ask(client).status_code == 202
    code = json.loads(relay.got[0][1])["values"]["code"]
    assert enter(client, code).status_code == 200


@pytest.mark.parametrize("status", [400, 401, 302, 500])
def test_a_relay_that_refuses_leaves_nothing_half_done(relay, caplog, status):
    relay.status = status
    caplog.set_level(logging.DEBUG)
    before = stored()
    client = browser()
    assert error_of(ask(client)) == (503, "sms_failed", None)
    assert (stored(), sessions(), client.cookies) == (before, 0, {})
    assert f"HTTP {status}" in said(caplog) and "138****1234" in said(caplog)
    assert PHONE not in " ".join(record.getMessage() for record in caplog.records if record.levelno >= logging.INFO)


def test_a_failed_message_keeps_the_code_that_was_sent_before(relay, monkeypatch):
    # given a code that arrived
    monkeypatch.setattr("governance.identity.limits._count", lambda request, scope, key: None)
    client = browser()
    ask(client)
    code = json.loads(relay.got[0][1])["values"]["code"]
    # when the next cannot be sent, then the first is still good
    relay.status = 500
    assert ask(client).status_code == 503
    assert enter(client, code).status_code == 200


def test_a_relay_that_is_not_there(settings):
    settings.SMS_GATEWAY = "http://127.0.0.1:9/"
    assert error_of(ask(browser())) == (503, "sms_failed", None)


def test_staff_phones_fail_in_the_same_words(settings, city):
    settings.SMS_GATEWAY = "http://127.0.0.1:9/"
    type(city.user("handler")).objects.filter(pk=city.user("handler").pk).update(phone=PHONE)
    assert error_of(ask(browser())) == (503, "sms_failed", None)


def test_apprise_addresses_get_the_number(settings, monkeypatch, caplog):
    # given a service apprise knows, with the place of the number in its address
    sent = []

    class Service:
        def add(self, address):
            sent.append(address)
            return "nonsense" not in address

        def notify(self, body):
            sent.append(body)
            return "refuse" not in sent[0]

    monkeypatch.setattr(sms.apprise, "Apprise", Service)
    settings.SMS_GATEWAY = "service://key@{phone}"
    sms.send_code("+99900000051", "text")
    assert sent == ["service://key@%2B99900000051", "text"]
    for address in ("refuse://{phone}", "nonsense://{phone}"):
        sent.clear()
        settings.SMS_GATEWAY = address
        with pytest.raises(Unavailable):
            sms.send_code(PHONE, "text")
    assert PHONE not in said(caplog)


def test_apprise_itself_is_called_as_it_wants(settings, relay):
    # given apprise's own JSON service, which really sends
    settings.SMS_GATEWAY = settings.SMS_GATEWAY.replace("http://", "json://") + "/{phone}"
    sms.send_code(PHONE, "验证码 123456")
    assert "验证码 123456" in json.loads(relay.got[0][1])["message"]
    relay.status = 500
    with pytest.raises(Unavailable):
        sms.send_code(PHONE, "x")


@pytest.mark.parametrize(
    ("environment", "warned"),
    [
        ({}, True), ({"SMS_GATEWAY": "log"}, True), ({"SMS_GATEWAY": "https://relay.example/sms"}, True),
        ({"SMS_GATEWAY": "clicksend://user:key@10000000000"}, True),
        ({"SMS_GATEWAY": "https://relay.example/sms", "SMS_GATEWAY_SECRET": "s"}, False),
        ({"SMS_GATEWAY": "clicksend://user:key@{phone}"}, False),
    ],
)  # fmt: skip
def test_the_deployment_check_asks_for_a_gateway(settings, environment, warned):
    settings.SMS_GATEWAY = environment.get("SMS_GATEWAY", "")
    settings.SMS_GATEWAY_SECRET = environment.get("SMS_GATEWAY_SECRET", "")
    assert [warning.id for warning in sms.gateway_is_set(None)] == ([sms.UNSET] if warned else [])


def test_check_deploy_shows_the_warning(tmp_path):
    environment = os.environ | {
        "JICENG_PRODUCTION": "1", "JICENG_SECRET_KEY": "check-" + "0123456789abcdefghij" * 4,
        "ALLOWED_HOSTS": "jiceng.example", "JICENG_VAR": str(tmp_path), "SMS_GATEWAY": "",
    }  # fmt: skip
    command = [sys.executable, "manage.py", "check", "--deploy"]
    done = subprocess.run(command, cwd=configured.BASE_DIR, env=environment, capture_output=True, text=True)
    assert sms.UNSET in done.stderr, done.stdout + done.stderr
