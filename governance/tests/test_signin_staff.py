"""Staff sign in as before: at the admin, with a password, locked out after too many tries."""

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import BACKEND_SESSION_KEY
from django.core.cache import cache
from django.test import Client

from conftest import PASSWORD
from governance.identity.tests.people import ask, browser, enter, post
from governance.models import User

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
__all__ = ["post"]


@pytest.fixture(autouse=True)
def _nothing_counted():
    """Rate limits start at nothing."""
    cache.clear()


def give(client, username, password, **options):
    return client.post(LOGIN, {"username": username, "password": password, "next": "/admin/"}, **options)


def test_staff_sign_in_with_their_password(city):
    client = Client()
    assert give(client, "dispatcher", PASSWORD).status_code == 302
    assert client.session[BACKEND_SESSION_KEY] == "governance.permissions.PersonBackend"
    assert client.get("/admin/").status_code == 200
    assert client.session.get_expiry_age() > 13 * 24 * 3600


def test_the_admin_session_is_of_full_length_after_a_code_was_asked_for_in_the_same_browser(city, post):
    client = Client()
    client.post("/r/sign-in/", {"phone": "13800001234"})
    assert client.session.get_expiry_age() <= 900
    give(client, "dispatcher", PASSWORD)
    assert client.session.get_expiry_age() > 13 * 24 * 3600


def test_wrong_passwords_lock_out(city):
    client = Client()
    answers = [give(client, "dispatcher", "wrong").status_code for _ in range(5)]
    assert answers[:4] == [200] * 4 and answers[4] == 429
    assert give(client, "dispatcher", PASSWORD).status_code == 429
    assert AccessAttempt.objects.get(username="dispatcher").failures_since_start >= 5
    # and another person at the same machine is not meant
    assert give(client, "registrar", PASSWORD).status_code == 302


def test_a_resident_with_a_code_does_not_enter_the_admin(city, post):
    client = browser()
    ask(client)
    enter(client, post.codes()[0])
    assert client.get("/admin/").status_code == 302
    assert client.get("/api/v1/cases/").json() == {"next": None, "previous": None, "results": []} or (
        client.get("/api/v1/cases/").status_code == 403
    )


def test_an_account_made_by_a_code_has_no_password_to_guess(city, post):
    client = browser()
    ask(client)
    enter(client, post.codes()[0])
    username = User.objects.get(phone="13800001234").username
    for password in ("", "!", "13800001234"):
        assert give(Client(), username, password).status_code == 200


def test_codes_do_not_undo_a_lock_out(city, post):
    client = Client()
    for _ in range(5):
        give(client, "dispatcher", "wrong")
    resident = browser()
    ask(resident)
    enter(resident, post.codes()[0])
    assert give(Client(), "dispatcher", PASSWORD).status_code == 429
