"""Signing in from the WeChat mini-program, against a local stand-in of the documented exchange."""

import logging

import pytest
from django.core.cache import cache

from governance.errors import Unavailable
from governance.identity import wechat
from governance.identity.providers import Identity
from governance.identity.tests import stand_in
from governance.identity.tests.people import AUTH, OTHER_PHONE, PHONE, browser, error_of, sessions, stored
from governance.identity.tests.stand_in import APPID, OPENID, SECRET
from governance.identity.wechat import WeChatCodes, WeChatProvider
from governance.models import Appointment, Event, LinkedIdentity, User

pytestmark = pytest.mark.usefixtures("no_limits")
LOGIN, TOKEN, PHONE_NUMBER = "/sns/jscode2session", "/cgi-bin/stable_token", "/wxa/business/getuserphonenumber"


@pytest.fixture
def weixin(settings, monkeypatch):
    """The servers, asked instead of the real ones; patience is short."""
    monkeypatch.setattr(wechat, "SECONDS", 0.5)
    with stand_in.running() as known:
        settings.WECHAT_API, settings.WECHAT_APPID, settings.WECHAT_SECRET = known.address, APPID, SECRET
        yield known


def come(weixin, *, openid=OPENID, phone=None, **options):
    """Somebody opens the mini-program; with ``phone`` they pressed the phone button too."""
    given = {"code": "login-code"}
    weixin.logins["login-code"] = openid
    if phone:
        given["phone_code"] = "phone-code"
        weixin.phones["phone-code"] = weixin.phone(phone)
    return browser(**options).post(f"{AUTH}wechat/", given)


def test_the_first_time_the_phone_is_needed_and_nothing_is_stored(weixin):
    before = stored()
    answer = come(weixin)
    assert error_of(answer) == (409, "phone_needed", "phone_code")
    assert (stored(), sessions()) == (before, 0)


def test_with_the_phone_the_account_is_made_and_linked(weixin):
    # when somebody new gives the phone too
    answer = come(weixin, phone=PHONE, enforce_csrf_checks=True)
    # then the mini-program gets a token, and no cookie
    assert answer.status_code == 200 and not answer.cookies
    assert answer.json().keys() == {"name", "roles", "session_token"}
    user = User.objects.get(phone=PHONE)
    link = LinkedIdentity.objects.get()
    assert (link.user, link.provider, link.subject) == (user, "wechat", OPENID)
    events = Event.objects.filter(subject_type="governance.user").order_by("id")
    assert [(event.name, event.payload) for event in events] == [
        ("user.registered", {"by": "wechat"}), ("user.identity_linked", {"provider": "wechat"}),
        ("user.signed_in", {"by": "wechat"}),
    ]  # fmt: skip
    assert not any(OPENID in str(event.payload) for event in events)
    me = browser().get("/api/v1/me/", headers={"X-Session-Token": answer.json()["session_token"]})
    assert me.json()["username"] == user.username
    # and neither the session key nor the openid is in the answer
    assert OPENID not in answer.content.decode() and "session_key" not in answer.content.decode()


def test_a_known_person_needs_no_phone(weixin):
    come(weixin, phone=PHONE)
    answer = come(weixin)
    assert answer.status_code == 200
    assert (User.objects.filter(is_system=False).count(), LinkedIdentity.objects.count()) == (1, 1)
    assert weixin.asked[PHONE_NUMBER] == 1


def test_a_resident_known_by_phone_is_linked(weixin):
    user = User.objects.create_user("neighbour", phone=PHONE, name="邻居")
    answer = come(weixin, phone=PHONE)
    assert (answer.status_code, answer.json()["name"]) == (200, "邻居")
    assert LinkedIdentity.objects.get().user == user


def test_a_known_person_keeps_the_account_whatever_phone_comes_along(weixin):
    come(weixin, phone=PHONE)
    come(weixin, phone=OTHER_PHONE)
    assert LinkedIdentity.objects.get().user.phone == PHONE
    assert not User.objects.filter(phone=OTHER_PHONE).exists()


@pytest.mark.parametrize(("number", "country", "kept"), [(PHONE, 86, PHONE), ("5550100", "999", "+9995550100")])
def test_phones_come_with_their_country(weixin, number, country, kept):
    weixin.logins["a"], weixin.phones["b"] = OPENID, weixin.phone(number, country)
    assert WeChatProvider().exchange(WeChatCodes("a", "b")) == Identity("wechat", OPENID, kept)


@pytest.mark.parametrize("how", ["is_staff", "is_superuser", "appointed", "closed"])
@pytest.mark.parametrize("known", [True, False])
def test_staff_and_closed_accounts_are_not_opened(city, weixin, how, known):
    # given an account that is staff's or closed, linked before or not
    user = User.objects.create_user("somebody", phone=PHONE)
    if known:
        LinkedIdentity.objects.create(user=user, provider="wechat", subject=OPENID)
    if how == "appointed":
        Appointment.objects.create(user=user, unit=city.municipal, role="handler", area=city.city)
    else:
        User.objects.filter(pk=user.pk).update(**({"is_active": False} if how == "closed" else {how: True}))
    before = stored()
    # when they come by WeChat, then it is refused and nothing stored
    assert error_of(come(weixin, phone=PHONE)) == (403, "permission_denied", None)
    assert (stored(), sessions()) == (before, 0)


def test_a_code_is_good_once(weixin):
    come(weixin, phone=PHONE)
    before = stored()
    again = browser().post(f"{AUTH}wechat/", {"code": "login-code"})
    assert error_of(again) == (400, "invalid", "code")
    assert stored() == before


def test_a_wrong_phone_code_is_named(weixin):
    weixin.logins["a"] = OPENID
    before = stored()
    answer = browser().post(f"{AUTH}wechat/", {"code": "a", "phone_code": "wrong"})
    assert error_of(answer) == (400, "invalid", "phone_code")
    assert stored() == before


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        (40029, (400, "invalid", "code")), (40163, (400, "invalid", "code")), (40226, (400, "blocked", "code")),
        (45011, (503, "wechat_failed", None)), (-1, (503, "wechat_failed", None)),
        (40013, (503, "wechat_failed", None)), (40125, (503, "wechat_failed", None)),
        (500, (503, "wechat_failed", None)), ("slow", (503, "wechat_failed", None)),
        (b"{broken", (503, "wechat_failed", None)), (b"\xff\xfe\x00", (503, "wechat_failed", None)),
        (b"[]", (503, "wechat_failed", None)), (b"null", (503, "wechat_failed", None)),
        (b"{}", (503, "wechat_failed", None)), (b'{"openid": 5}', (503, "wechat_failed", None)),
        (b'{"openid": ""}', (503, "wechat_failed", None)), (b"", (503, "wechat_failed", None)),
    ],
)  # fmt: skip
def test_what_goes_wrong_at_signing_in_is_told(weixin, odd, expected):
    weixin.odd[LOGIN] = odd
    before = stored()
    assert error_of(come(weixin, phone=PHONE)) == expected
    assert (stored(), sessions()) == (before, 0)


@pytest.mark.parametrize("path", [TOKEN, PHONE_NUMBER])
@pytest.mark.parametrize(
    "odd", [45011, -1, 503, "slow", b"{broken", b"{}", b'{"phone_info": "x"}', b'{"phone_info": {}}']
)
def test_what_goes_wrong_with_the_phone_is_told_and_leaves_nothing(weixin, path, odd):
    weixin.odd[path] = odd
    before = stored()
    assert error_of(come(weixin, phone=PHONE)) == (503, "wechat_failed", None)
    assert (stored(), sessions()) == (before, 0)
    # and the next try works
    weixin.odd.clear()
    assert come(weixin, phone=PHONE).status_code == 200


def test_a_server_that_is_not_there(weixin, settings):
    settings.WECHAT_API = "http://127.0.0.1:9"
    assert error_of(come(weixin)) == (503, "wechat_failed", None)


def test_the_phone_of_another_mini_program_is_not_believed(weixin):
    weixin.logins["a"], weixin.phones["b"] = OPENID, weixin.phone(PHONE, appid="wx9999999999999999")
    with pytest.raises(Unavailable):
        WeChatProvider().exchange(WeChatCodes("a", "b"))


def test_the_access_token_is_asked_for_once_and_renewed_when_it_ends(weixin):
    # given two people who come with their phones
    come(weixin, phone=PHONE)
    come(weixin, openid="second", phone=OTHER_PHONE)
    assert weixin.asked[TOKEN] == 1
    # when the token ends before its time, then it is renewed once and the person notices nothing
    weixin.end_tokens()
    assert come(weixin, openid="third", phone="13800001236").status_code == 200
    assert weixin.asked[TOKEN] == 2
    assert cache.get(wechat.TOKEN_KEY) == weixin.token


def test_nothing_secret_is_logged(weixin, caplog):
    caplog.set_level(logging.DEBUG, logger="governance")
    for odd in (40029, -1, 500, b"{broken"):
        weixin.odd[LOGIN] = odd
        come(weixin, phone=PHONE)
    ours = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("governance"))
    assert "/sns/jscode2session" in ours
    assert SECRET not in ours and "login-code" not in ours and PHONE not in ours


def test_without_a_mini_program_the_door_says_so(settings):
    assert error_of(browser().post(f"{AUTH}wechat/", {"code": "a"})) == (409, "wechat_not_configured", None)


@pytest.mark.parametrize("given", [{}, {"code": ""}, {"code": "x" * 201}, {"code": None}, {"code": ["a"]}])
def test_input_that_is_no_code_is_named(given):
    assert error_of(browser().post(f"{AUTH}wechat/", given))[::2] == (400, "code")
