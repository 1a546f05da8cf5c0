"""What the tests of signing in share: clients, the messages that were sent, and everything a refusal must leave."""

import re

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from rest_framework.test import APIClient

from governance import sms
from governance.models import Event, LinkedIdentity, User

AUTH = "/api/v1/auth/"
PHONE, OTHER_PHONE = "13800001234", "13800001235"  # the pattern of the fixtures of cases.tests


class Post:
    """A gateway that keeps what it is given."""

    def __init__(self):
        self.sent: list[tuple[str, str]] = []

    def send(self, phone, text, *, values):
        self.sent.append((phone, text))

    def codes(self, phone=PHONE) -> list[str]:
        found = [re.search(r"\b\d{6}\b", text) for to, text in self.sent if to == phone]
        return [match[0] for match in found if match]


@pytest.fixture
def post(monkeypatch) -> Post:
    """Text messages arrive here."""
    kept = Post()
    monkeypatch.setattr(sms, "gateway", lambda: kept)
    return kept


def browser(**options) -> APIClient:
    return APIClient(**options)


def ask(client, /, phone=PHONE, **given):
    return client.post(f"{AUTH}code/", {"phone": phone} | given)


def enter(client, code, phone=PHONE, **options):
    return client.post(f"{AUTH}sign-in/", {"phone": phone, "code": code}, **options)


def signed_in(post, phone=PHONE, **options) -> APIClient:
    """A browser in which the owner of ``phone`` has signed in."""
    client = browser(**options)
    assert ask(client, phone).status_code == 202
    assert enter(client, post.codes(phone)[-1], phone).status_code == 200
    return client


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def error_of(response) -> tuple:
    """Return status, code and field of the one error of an answer in our shape."""
    body = response.json()
    assert body.keys() == {"type", "errors"}, body
    [error] = body["errors"]
    return response.status_code, error["code"], error["attr"]


def stored() -> tuple:
    """Everything a refused sign-in must leave alone."""
    rows = (User, LinkedIdentity, UserSession, Event)
    return tuple(model.objects.count() for model in rows)


def sessions() -> int:
    return Session.objects.count()
