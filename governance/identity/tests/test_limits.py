"""How often codes can be asked for and tried: per phone and per address, over all processes."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings
from django.utils import timezone

from governance.identity import limits
from governance.identity.tests.people import (
    AUTH,
    OTHER_PHONE,
    PHONE,
    ask,
    browser,
    enter,
    error_of,
    sessions,
    stored,
    wrong,
)

DATABASE_CACHE = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "governance_cache"}}


@pytest.fixture
def rates(monkeypatch):
    """Set rates by scope; those not named are far away."""

    def change(**given):
        wanted = dict.fromkeys((*limits.CODE_SCOPES, limits.CODE_ADDRESS, limits.TRY_ADDRESS), "1000/hour")
        wanted |= {scope.replace("_", "-"): rate for scope, rate in given.items()}
        monkeypatch.setattr(limits.KeyThrottle, "THROTTLE_RATES", wanted)

    return change


def from_address(address):
    return browser(REMOTE_ADDR=address)


def test_one_code_a_minute_for_a_phone_from_wherever(post):
    # given a phone that was sent a code
    now = timezone.now()
    with time_machine.travel(now, tick=False) as traveller:
        ask(from_address("203.0.113.1"))
        before = stored()
        # when the next is asked for at once, from elsewhere
        again = ask(from_address("203.0.113.2"))
        # then it is refused in our shape, saying when to come again; nothing is sent or stored
        assert error_of(again) == (429, "throttled", None)
        assert 1 <= int(again["Retry-After"]) <= 60
        assert (len(post.sent), stored(), sessions()) == (1, before, 1)
        # and another phone is served
        assert ask(from_address("203.0.113.1"), OTHER_PHONE).status_code == 202
        # and the same phone after the minute
        traveller.shift(timedelta(seconds=61))
        assert ask(from_address("203.0.113.2")).status_code == 202


@pytest.mark.parametrize("scope", ["sign_in_code_hour", "sign_in_code_day"])
def test_codes_of_a_phone_are_counted_by_the_hour_and_the_day(post, rates, scope):
    rates(**{scope: "3/hour"})
    answers = [ask(from_address(f"203.0.113.{number}")).status_code for number in range(4)]
    assert answers == [202, 202, 202, 429]


def test_however_a_phone_is_written_it_is_one_phone(post, rates):
    rates(sign_in_code_hour="2/hour")
    answers = [ask(browser(), written).status_code for written in (PHONE, "+86 138 0000 1234", "138-0000-1234")]
    assert answers == [202, 202, 429]


def test_codes_asked_for_from_one_address_are_counted(post, rates):
    # given an address that asks for the codes of many
    rates(sign_in_code_address="2/hour")
    phones = [f"1380000{number:04}" for number in range(4)]
    answers = [ask(from_address("203.0.113.1"), phone).status_code for phone in phones[:3]]
    # then it is stopped, and others are not
    assert answers == [202, 202, 429]
    assert ask(from_address("203.0.113.2"), phones[3]).status_code == 202


def test_addresses_of_one_ipv6_household_are_one(post, rates):
    rates(sign_in_code_address="1/hour")
    assert ask(from_address("2001:db8:1:2::1"), PHONE).status_code == 202
    assert ask(from_address("2001:db8:1:2:ffff::9"), OTHER_PHONE).status_code == 429


def test_tries_from_one_address_are_counted_and_the_phone_is_not_locked_out(post, rates):
    # given somebody who waits for a code, and a guesser elsewhere
    rates(sign_in_try_address="3/hour")
    owner, guesser = from_address("203.0.113.1"), from_address("203.0.113.2")
    ask(owner)
    ask(guesser)
    mine, theirs = post.codes()
    answers = [enter(guesser, wrong(theirs)).status_code for _ in range(4)]
    assert answers == [400, 400, 400, 429]
    assert error_of(enter(guesser, theirs)) == (429, "throttled", None)
    # then the owner comes in all the same
    assert enter(owner, mine).status_code == 200


def test_guessing_through_new_codes_ends_with_the_codes(post, rates):
    # given a guesser with many addresses and the rates of the settings by the hour
    rates(sign_in_code_hour="5/hour")
    tries = 0
    for number in range(8):
        guesser = from_address(f"203.0.113.{number}")
        if ask(guesser).status_code == 202:
            tries += sum(error_of(enter(guesser, wrong(post.codes()[-1])))[1] == "incorrect_code" for _ in range(9))
    # then five codes with five tries each were judged: 25 of a million an hour
    assert tries == 25


def test_limits_are_counted_in_the_database_and_hold_no_phone(post, rates):
    # given the cache of the product
    rates(sign_in_code_hour="1/hour")
    with override_settings(CACHES=DATABASE_CACHE):
        call_command("createcachetable", verbosity=0)
        assert ask(from_address("203.0.113.1")).status_code == 202
        # when another process (another connection, another address) asks for the same phone
        answer = ask(from_address("203.0.113.2"))
        assert error_of(answer) == (429, "throttled", None) and int(answer["Retry-After"]) > 3000
        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(cache_key || value, ' ') FROM governance_cache")
            kept = cursor.fetchone()[0]
    assert "sign-in-code-hour" in kept and PHONE not in kept


def test_wechat_tries_are_counted_too(rates):
    rates(sign_in_try_address="2/hour")
    answers = [browser().post(f"{AUTH}wechat/", {"code": "x"}).status_code for _ in range(3)]
    assert answers == [409, 409, 429]
