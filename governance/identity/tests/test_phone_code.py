"""Signing in with a phone and a one-time code: what works, and everything that must not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from governance.identity.tests.people import (
    AUTH,
    OTHER_PHONE,
    PHONE,
    ask,
    browser,
    enter,
    error_of,
    sessions,
    signed_in,
    stored,
    wrong,
)
from governance.models import Appointment, Event, User

COOKIE = configured.SESSION_COOKIE_NAME


def test_the_first_sign_in_makes_the_account(post):
    # given a phone nobody here has
    client = browser()
    # when its owner asks for a code and types it in
    asked = ask(client)
    [code] = post.codes()
    assert User.objects.filter(phone=PHONE).first() is None
    answer = enter(client, code)
    # then there is a resident's account with a random name and no password, and the session is theirs
    assert (asked.status_code, asked.json()) == (202, {"valid_seconds": 300})
    assert (answer.status_code, answer.json()) == (200, {"name": "", "roles": ["resident"]})
    user = User.objects.get(phone=PHONE)
    assert not (user.is_staff or user.is_superuser or user.is_system or user.has_usable_password())
    assert PHONE not in user.username
    assert client.get("/api/v1/me/").json()["username"] == user.username
    events = Event.objects.filter(subject_type="governance.user", subject_id=user.pk).order_by("id")
    assert [(event.name, event.actor, event.role, event.payload) for event in events] == [
        ("user.registered", user, "resident", {"by": "phone"}), ("user.signed_in", user, "resident", {"by": "phone"}),
    ]  # fmt: skip


def test_the_second_sign_in_finds_the_account(post, no_limits):
    signed_in(post)
    signed_in(post)
    assert User.objects.filter(phone=PHONE).count() == 1


WRITTEN = ["138 0000 1234", "+86 138-0000-1234", "0086 13800001234", "（138）00001234", "１３８００００１２３４"]


@pytest.mark.parametrize("written", WRITTEN)
def test_a_phone_may_be_written_as_people_do(post, written):
    client = browser()
    assert ask(client, written).status_code == 202
    assert enter(client, post.codes()[0], written).status_code == 200
    assert User.objects.get(is_system=False).phone == PHONE


@pytest.mark.parametrize("phone", ["", "12345", "abc", "1380000123x", "+", "9" * 30, "12800001234", None, ["1"]])
def test_what_is_no_phone_is_named(post, phone):
    before = stored()
    for answer in (ask(browser(), phone), enter(browser(), "123456", phone)):
        assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == "phone"
    assert (post.sent, stored(), sessions()) == ([], before, 0)


def test_a_code_is_tried_five_times_at_most(post):
    # given a code, and somebody who guesses
    client = browser()
    ask(client)
    [code] = post.codes()
    for _try in range(5):
        assert error_of(enter(client, wrong(code))) == (400, "incorrect_code", "code")
    # when then the right one is given, it is void
    before = stored()
    assert error_of(enter(client, code)) == (400, "code_expired", "code")
    assert stored() == before


def test_the_right_code_after_some_wrong_ones_is_good(post):
    client = browser()
    ask(client)
    [code] = post.codes()
    for _try in range(4):
        enter(client, wrong(code))
    assert enter(client, code).status_code == 200


def test_a_code_works_once(post):
    client = browser()
    ask(client)
    waiting = client.cookies[COOKIE].value
    [code] = post.codes()
    assert enter(client, code).status_code == 200
    # when somebody sends it again, in the same browser or with the session that had waited for it
    again, old = enter(client, code), browser()
    old.cookies[COOKIE] = waiting
    # then there is no code any more
    assert error_of(again) == error_of(enter(old, code)) == (400, "code_expired", "code")


def test_a_code_is_for_the_browser_that_asked(post):
    ask(browser())
    assert error_of(enter(browser(), post.codes()[0])) == (400, "code_expired", "code")


def test_a_code_is_for_the_phone_it_was_sent_to(post):
    # given codes for two phones in two browsers
    mine, theirs = browser(), browser()
    ask(mine, PHONE)
    ask(theirs, OTHER_PHONE)
    before = stored()
    # when I give my code for their phone, their code for mine, or their code for their phone in my browser
    my_code, their_code = post.codes()[0], post.codes(OTHER_PHONE)[0]
    for code, phone in ((my_code, OTHER_PHONE), (their_code, PHONE), (their_code, OTHER_PHONE)):
        assert error_of(enter(mine, code, phone)) == (400, "incorrect_code", "code")
    assert stored() == before
    # then each still has the own one
    assert enter(mine, my_code).status_code == 200
    assert enter(theirs, their_code, OTHER_PHONE).status_code == 200


def test_asking_for_another_phone_voids_the_first_code(post):
    client = browser()
    ask(client, PHONE)
    ask(client, OTHER_PHONE)
    assert error_of(enter(client, post.codes()[0], PHONE)) == (400, "incorrect_code", "code")
    assert enter(client, post.codes(OTHER_PHONE)[0], OTHER_PHONE).status_code == 200
    assert not User.objects.filter(phone=PHONE).exists()


def test_a_code_ends_after_five_minutes(post):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as traveller:
        client, late = browser(), browser()
        ask(client)
        ask(late, OTHER_PHONE)
        traveller.move_to(now + timedelta(seconds=300))
        assert enter(client, post.codes()[0]).status_code == 200
        traveller.move_to(now + timedelta(seconds=301))
        assert error_of(enter(late, post.codes(OTHER_PHONE)[0], OTHER_PHONE)) == (400, "code_expired", "code")


def test_a_session_that_waits_for_a_code_is_forgotten_soon_and_one_signed_in_is_not(post):
    client = browser()
    ask(client)
    assert Session.objects.get().expire_date < timezone.now() + timedelta(minutes=16)
    enter(client, post.codes()[0])
    assert Session.objects.get().expire_date > timezone.now() + timedelta(days=13)


def test_the_code_is_not_readable_where_it_waits(post):
    ask(browser())
    kept = Session.objects.get().get_decoded()
    assert post.codes()[0] not in str(kept) and PHONE in str(kept)


def test_signing_in_changes_the_session_key(post):
    # given a session whose key somebody else planted, and knows
    client = browser()
    ask(client)
    planted = client.cookies[COOKIE].value
    # when the person signs in
    enter(client, post.codes()[0])
    # then that key opens nothing
    assert client.cookies[COOKIE].value != planted
    assert not Session.objects.filter(session_key=planted).exists()
    spy = browser()
    spy.cookies[COOKIE] = planted
    assert spy.get("/api/v1/me/").status_code == 401


def outside(answer) -> tuple:
    """What whoever asked can see."""
    return answer.status_code, answer.json(), set(answer.cookies), set(answer.headers)


def closed(city) -> User:
    return User.objects.create_user("closed", phone=PHONE, is_active=False)


def worker(city) -> User:
    return User.objects.create_user("worker", phone=PHONE, is_staff=True)


def appointed(city) -> User:
    user = User.objects.create_user("appointed", phone=PHONE)
    Appointment.objects.create(user=user, unit=city.municipal, role="handler", area=city.city)
    return user


def superuser(city) -> User:
    return User.objects.create_user("super", phone=PHONE, is_superuser=True)


def system(city) -> User:
    return User.objects.create_user("system:x", phone=PHONE, is_system=True)


@pytest.mark.parametrize("account", [closed, worker, appointed, superuser, system])
def test_staff_and_closed_accounts_get_no_code_and_nobody_can_tell(city, post, account):
    # given an account that must not be opened by a text message, and a phone nobody has
    account(city)
    before = stored()
    clients = browser(), browser()
    # when codes are asked for both
    mine, strangers = ask(clients[0]), ask(clients[1], OTHER_PHONE)
    # then both answers are the same, both take a message, and theirs holds no code
    assert (mine.status_code, mine.json(), set(mine.cookies)) == (
        strangers.status_code,
        strangers.json(),
        set(strangers.cookies),
    )
    assert [phone for phone, _text in post.sent] == [PHONE, OTHER_PHONE]
    assert post.codes() == []
    # and no code at all is right, in the very words a wrong one gets
    for code in ("000000", "", "123456", wrong(post.codes(OTHER_PHONE)[0])):
        refused, wrong_one = enter(clients[0], code), enter(clients[1], code, OTHER_PHONE)
        assert (refused.status_code, refused.json()) == (wrong_one.status_code, wrong_one.json())
    assert stored() == before


def test_who_is_appointed_while_the_code_is_on_its_way_is_not_signed_in(city, post):
    # given a resident with a code
    user = User.objects.create_user("neighbour", phone=PHONE)
    client = browser()
    ask(client)
    # when they become staff before they type it in
    Appointment.objects.create(user=user, unit=city.municipal, role="handler", area=city.city)
    before = stored()
    # then the right code does not open the account
    assert error_of(enter(client, post.codes()[0])) == (403, "permission_denied", None)
    assert (stored(), client.get("/api/v1/me/").status_code) == (before, 401)


@pytest.mark.parametrize("change", ["appointed", "is_staff", "is_superuser", "is_active"])
def test_a_resident_s_session_ends_when_the_person_becomes_staff_or_is_closed(city, post, change):
    # given a resident who is signed in
    client = signed_in(post)
    user = User.objects.get(phone=PHONE)
    assert client.get("/api/v1/me/").status_code == 200
    # when they are appointed, or the account is closed
    if change == "appointed":
        Appointment.objects.create(user=user, unit=city.municipal, role="dispatcher", area=city.city)
    else:
        User.objects.filter(pk=user.pk).update(**{change: change != "is_active"})
    # then the session that a text message opened is none of theirs any more
    assert client.get("/api/v1/me/").status_code == 401
    assert client.get("/api/v1/cases/").status_code == 401
    assert client.get("/admin/").status_code == 302


def test_csrf_is_asked_for_before_and_after_signing_in(post):
    # given a browser that checks
    client = browser(enforce_csrf_checks=True)
    before = stored()
    assert error_of(ask(client)) == (403, "permission_denied", None)
    assert (post.sent, stored()) == ([], before)
    # when it sends the token it was given
    token = client.get(AUTH).json()["csrf_token"]
    assert ask(client, headers=None).status_code == 403
    header = {"headers": {"X-CSRFToken": token}}
    assert client.post(f"{AUTH}code/", {"phone": PHONE}, **header).status_code == 202
    assert error_of(enter(client, post.codes()[0])) == (403, "permission_denied", None)
    assert enter(client, post.codes()[0], **header).status_code == 200
    # then signing out needs the new one
    assert client.post(f"{AUTH}sign-out/").status_code == 403
    assert client.post(f"{AUTH}sign-out/", **header).status_code == 403
    fresh = {"headers": {"X-CSRFToken": client.get(AUTH).json()["csrf_token"]}}
    assert client.post(f"{AUTH}sign-out/", **fresh).status_code == 204


def test_an_app_uses_a_token_and_no_cookie(post):
    # given a program without cookies
    app = browser(enforce_csrf_checks=True)
    asked = ask(app, client="app")
    assert asked.status_code == 202 and not asked.cookies
    waiting = asked.json()["session_token"]
    # when it sends the code with the token
    answer = enter(app, post.codes()[0], headers={"X-Session-Token": waiting})
    token = answer.json()["session_token"]
    # then it is signed in by the new token, the old one is worth nothing, and there is no cookie
    assert answer.status_code == 200 and not answer.cookies and token != waiting
    assert app.get("/api/v1/me/", headers={"X-Session-Token": token}).status_code == 200
    for bad in (waiting, "x" * 32, "", "é" * 4, "../x"):
        assert app.get("/api/v1/me/", headers={"X-Session-Token": bad}).status_code == 401, bad
    assert error_of(enter(app, post.codes()[0], headers={"X-Session-Token": waiting})) == (400, "code_expired", "code")
    # and can write without a CSRF token, and sign out
    assert app.post(f"{AUTH}sign-out/", headers={"X-Session-Token": token}).status_code == 204
    assert app.get("/api/v1/me/", headers={"X-Session-Token": token}).status_code == 401


def test_a_staff_session_is_no_token(city):
    staff = browser()
    staff.force_login(city.user("dispatcher"), backend="governance.permissions.PersonBackend")
    key = staff.cookies[COOKIE].value
    assert staff.get("/api/v1/me/").status_code == 200
    assert browser().get("/api/v1/me/", headers={"X-Session-Token": key}).status_code == 401


def test_signing_in_over_a_staff_session_replaces_it(city, post):
    client = browser()
    client.force_login(city.user("dispatcher"), backend="governance.permissions.PersonBackend")
    key = client.cookies[COOKIE].value
    ask(client)
    enter(client, post.codes()[0])
    assert client.get("/api/v1/me/").json()["appointments"] == []
    assert not Session.objects.filter(session_key=key).exists()


def together(*calls) -> list:
    """Run calls at the same moment, each with a connection of its own."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_first_sign_ins_at_the_same_moment_make_one_account(post, no_limits):
    # given one phone asked for in four browsers
    clients = [browser() for _ in range(4)]
    for client in clients:
        ask(client)
    # when all codes are typed in at the same moment
    answers = together(*[lambda pair=pair: enter(*pair) for pair in zip(clients, post.codes(), strict=True)])
    # then there is one account, and all are signed in to it
    assert [answer.status_code for answer in answers] == [200] * 4
    assert User.objects.filter(phone=PHONE).count() == 1
    assert Event.objects.filter(name="user.registered").count() == 1
    assert all(client.get("/api/v1/me/").status_code == 200 for client in clients)


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_are_all_counted(post, no_limits):
    # given one waiting session in eight programs that guess together
    client = browser()
    ask(client)
    [code] = post.codes()
    guessers = []
    for _ in range(8):
        guessers.append(browser())
        guessers[-1].cookies[COOKIE] = client.cookies[COOKIE].value
    # when they send eight wrong codes
    answers = together(*[lambda one=one: enter(one, wrong(code)) for one in guessers])
    # then five were judged, the others came too late
    assert sorted(error_of(answer)[1] for answer in answers) == ["code_expired"] * 3 + ["incorrect_code"] * 5
    assert error_of(enter(client, code))[1] == "code_expired"


@pytest.mark.django_db(transaction=True)
def test_a_code_sent_twice_at_the_same_moment_is_spent_once(post, no_limits):
    client, twin = browser(), browser()
    ask(client)
    twin.cookies[COOKIE] = client.cookies[COOKIE].value
    answers = together(*[lambda one=one: enter(one, post.codes()[0]) for one in (client, twin)])
    assert sorted(answer.status_code for answer in answers) == [200, 400]
