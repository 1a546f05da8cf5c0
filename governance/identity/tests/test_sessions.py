"""The own sessions: listed with device and shortened address, ended one by one or all others; never anybody else's."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from knox.models import get_token_model

from governance.identity.sessions import device_of, forget_ended, network_of
from governance.identity.tests.people import (
    AUTH,
    OTHER_PHONE,
    PHONE,
    ask,
    browser,
    enter,
    error_of,
    signed_in,
)
from governance.models import Event, User
from governance.tasks import purge_sessions

pytestmark = pytest.mark.usefixtures("no_limits")
SESSIONS = f"{AUTH}sessions/"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.44"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0"


def listed(client, **options) -> list[dict]:
    answer = client.get(SESSIONS, **options)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def test_somebody_sees_the_own_sessions_and_which_one_this_is(post):
    # given somebody with a phone, a computer and an app, and somebody else
    phone = signed_in(post, HTTP_USER_AGENT=IPHONE, REMOTE_ADDR="203.0.113.77")
    computer = signed_in(post, HTTP_USER_AGENT=WINDOWS, REMOTE_ADDR="2001:db8:1:2::9")
    app = browser()
    waiting = ask(app, client="app").json()["session_token"]
    token = enter(app, post.codes()[-1], headers={"X-Session-Token": waiting}).json()["session_token"]
    signed_in(post, OTHER_PHONE)
    # when they look
    rows = listed(computer, headers={"Accept-Language": "en"})
    # then there are their three, the newest first, with shortened addresses
    assert [row.keys() for row in rows] == [{"id", "device", "address", "created_at", "last_seen_at", "current"}] * 3
    assert [row["current"] for row in rows] == [False, True, False]
    assert (rows[2]["device"], rows[2]["address"]) == ("iPhone · WeChat", "203.0.113.*")
    assert (rows[1]["device"], rows[1]["address"]) == ("Windows · Edge", "2001:db8:1:*")
    assert [row["current"] for row in listed(phone)] == [False, False, True]
    assert [row["current"] for row in listed(app, headers={"X-Session-Token": token})] == [True, False, False]
    # and the whole address is kept nowhere
    assert sorted(UserSession.objects.values_list("ip", flat=True)) == sorted(
        ["203.0.113.0", "2001:db8:1::", "127.0.0.0", "127.0.0.0"]
    )


def test_ending_a_session_signs_that_device_out(post):
    here, there = signed_in(post), signed_in(post)
    theirs, mine = listed(there)[0]["id"], listed(there)[1]["id"]
    assert here.post(f"{SESSIONS}{theirs}/end/").status_code == 204
    assert there.get("/api/v1/me/").status_code == 401
    assert [row["id"] for row in listed(here)] == [mine]
    event = Event.objects.get(name="user.sessions_ended")
    assert (event.actor, event.payload) == (User.objects.get(phone=PHONE), {"count": 1})


def test_ending_the_own_session_signs_out(post):
    client = signed_in(post)
    assert client.post(f"{SESSIONS}{listed(client)[0]['id']}/end/").status_code == 204
    assert client.get("/api/v1/me/").status_code == 401
    assert (UserSession.objects.count(), Session.objects.count()) == (0, 0)


def test_all_others_are_ended_at_once(post):
    here, *others = [signed_in(post) for _ in range(3)]
    stranger = signed_in(post, OTHER_PHONE)
    assert here.post(f"{SESSIONS}end-others/").json() == {"ended": 2}
    assert [client.get("/api/v1/me/").status_code for client in others] == [401, 401]
    assert here.get("/api/v1/me/").status_code == stranger.get("/api/v1/me/").status_code == 200


def test_an_app_ends_the_others_and_itself(post):
    app, web = browser(), signed_in(post)
    waiting = ask(app, client="app").json()["session_token"]
    token = enter(app, post.codes()[-1], headers={"X-Session-Token": waiting}).json()["session_token"]
    header = {"headers": {"X-Session-Token": token}}
    assert app.post(f"{SESSIONS}end-others/", **header).json() == {"ended": 1}
    assert web.get("/api/v1/me/").status_code == 401
    assert app.post(f"{SESSIONS}{listed(app, **header)[0]['id']}/end/", **header).status_code == 204
    assert app.get("/api/v1/me/", **header).status_code == 401


def test_sessions_of_others_cannot_be_ended(post, city):
    # given two residents, and an administrator
    mine, theirs = signed_in(post), signed_in(post, OTHER_PHONE)
    foreign = listed(theirs)[0]["id"]
    admin = browser()
    admin.force_login(city.user("administrator"), backend="governance.permissions.PersonBackend")
    before = (UserSession.objects.count(), Session.objects.count(), Event.objects.count())
    # when others than the owner end one, or one that is none
    for client in (mine, admin):
        for number in (foreign, 0, 99999999999999999999):
            assert error_of(client.post(f"{SESSIONS}{number}/end/")) == (404, "not_found", None)
    assert admin.post(f"{SESSIONS}end-others/").json() == {"ended": 0}
    # then nothing has changed
    assert (UserSession.objects.count(), Session.objects.count(), Event.objects.count()) == before
    assert theirs.get("/api/v1/me/").status_code == 200


def test_strangers_have_no_sessions():
    for method, path in (("get", ""), ("post", "1/end/"), ("post", "end-others/")):
        assert error_of(getattr(browser(), method)(f"{SESSIONS}{path}")) == (401, "not_authenticated", None)
    assert error_of(browser().post(f"{AUTH}sign-out/")) == (401, "not_authenticated", None)


def test_signing_out_ends_this_session_only(post):
    here, there = signed_in(post), signed_in(post)
    assert here.post(f"{AUTH}sign-out/").status_code == 204
    assert (here.get("/api/v1/me/").status_code, there.get("/api/v1/me/").status_code) == (401, 200)
    assert len(listed(there)) == 1


def test_a_machine_s_token_is_no_session(city):
    _row, token = get_token_model().objects.create(city.user("registrar"))
    answer = browser().post(f"{AUTH}sign-out/", headers={"Authorization": f"Token {token}"})
    assert error_of(answer) == (409, "no_session", None)


def test_a_visit_is_noted_every_quarter_of_an_hour(post):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as traveller:
        client = signed_in(post)
        traveller.shift(timedelta(minutes=10))
        client.get("/api/v1/me/")
        assert UserSession.objects.get().last_seen_at == now
        traveller.shift(timedelta(minutes=6))
        client.get("/api/v1/me/")
        assert UserSession.objects.get().last_seen_at == now + timedelta(minutes=16)
        # and the session lasts from then on
        assert Session.objects.get().expire_date > now + timedelta(days=14, minutes=10)


def test_the_list_needs_the_same_statements_for_any_number_of_sessions(post):
    client = signed_in(post)
    listed(client)

    def ask_again():
        with CaptureQueriesContext(connection) as caught:
            listed(client)
        return len(caught)

    few = ask_again()
    for _ in range(4):
        signed_in(post)
    assert ask_again() == few <= 6
    page = client.get(f"{SESSIONS}?page_size=2").json()
    assert len(page["results"]) == 2 and page["next"]
    assert len(client.get(page["next"]).json()["results"]) == 2


def test_sessions_that_ran_out_are_not_listed_and_forgotten_by_the_daily_job(post):
    client, old = signed_in(post), signed_in(post)
    key = old.cookies["jiceng_session"].value
    Session.objects.filter(session_key=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert len(listed(client)) == 1
    purge_sessions(0)
    assert UserSession.objects.count() == 1
    assert forget_ended() == 0


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (IPHONE, "iPhone · WeChat"), (WINDOWS, "Windows · Edge"), ("", "Unknown device"), ("curl/8", "Unknown device"),
        ("Mozilla/5.0 (Linux; Android 14; V2) Chrome/120 Mobile Safari/537 MicroMessenger/8 miniProgram/x",
         "Android · WeChat mini-program"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Version/17 Safari/605", "Mac · Safari"),
        ("Mozilla/5.0 (Phone; OpenHarmony 4.1) HuaweiBrowser/5 Chrome/114", "HarmonyOS · Huawei"),
        ("<script>alert(1)</script>", "Unknown device"),
    ],
)  # fmt: skip
def test_devices_are_named_in_words(agent, device):
    with translation.override("en"):
        assert device_of(agent) == device


@pytest.mark.parametrize(
    ("kept_address", "shown"), [("203.0.113.0", "203.0.113.*"), ("2001:db8:1::", "2001:db8:1:*"), ("::", ":*")]
)
def test_addresses_are_shown_shortened(kept_address, shown):
    assert network_of(kept_address) == shown


def test_a_very_long_user_agent_does_no_harm(post):
    client = signed_in(post, HTTP_USER_AGENT="iPhone " * 400)
    assert listed(client)[0]["device"] == "iPhone"
