"""Sending over a real socket: once, at the rate, again after failures, held at night, without telling secrets."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from conftest import build_city
from governance.errors import Conflict, NotPermitted, Unavailable
from governance.models import Delivery, Event, Notice, NoticeChannel, NoticePreference, User
from governance.notices import loop, sending
from governance.notices.services import channel_test, delivery_retry
from governance.notices.tests.conftest import channel

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
NIGHT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # midnight


def message(row, title="标题", **given) -> Delivery:
    return Delivery.objects.create(channel=row, title=title, body="内容", **given)


def to_phone(city, row, *, urgency="normal") -> Delivery:
    handler = city.user("handler")
    User.objects.filter(pk=handler.pk).update(phone="+99913800001")
    notice = Notice.objects.create(person=handler, title="标题", body="内容", urgency=urgency)
    return message(row, notice=notice, urgency=urgency)


def fresh(delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


def test_a_message_arrives_and_is_logged_as_sent(city, service):
    row = message(channel(city, service.address))
    assert sending.drain(row.channel_id) == 1
    assert (service.bodies[0]["title"], service.bodies[0]["message"]) == ("标题", "内容")
    row = fresh(row)
    assert (row.state, row.attempts, row.last_error) == ("sent", 1, "") and row.sent_at
    # and it is not sent again
    assert sending.drain(row.channel_id) == 0 and len(service.bodies) == 1


def test_a_service_that_fails_is_tried_again_with_growing_gaps_and_given_up(city, service):
    service.status = 500
    row = message(channel(city, service.address))
    gaps = []
    with time_machine.travel(NOON, tick=False) as clock:
        Delivery.objects.update(next_try_at=NOON, created_at=NOON)
        for number in range(1, sending.MOST_TRIES + 1):
            assert sending.drain(row.channel_id) == 1
            row = fresh(row)
            assert row.attempts == number
            if row.state == "failed":
                gaps.append(row.next_try_at - timezone.now())
                assert sending.drain(row.channel_id) == 0  # not before its time
                clock.move_to(row.next_try_at)
    assert row.state == "given_up" and len(service.bodies) == sending.MOST_TRIES
    for number, gap in enumerate(gaps):
        least = min(sending.FIRST_GAP * 2**number, sending.LONGEST_GAP)
        assert least <= gap <= least * 1.5
    # then one event tells that the channel fails, however many messages are given up
    other = message(row.channel, attempts=sending.MOST_TRIES)
    sending.drain(row.channel_id)
    assert fresh(other).state == "given_up"
    assert Event.objects.filter(name="notice_channel.failed").count() == 1
    # and the first that goes through ends the outage
    service.status = 200
    message(row.channel)
    sending.drain(row.channel_id)
    assert NoticeChannel.objects.get(pk=row.channel_id).failing_since is None


def test_a_redirect_is_not_followed(city, service):
    service.status, service.location = 302, "http://127.0.0.1:1/"
    row = message(channel(city, service.address))
    sending.drain(row.channel_id)
    assert fresh(row).state == "failed"


def test_the_rate_holds_for_a_minute(city, service):
    row = channel(city, service.address, rate=3)
    for number in range(5):
        message(row, str(number))
    with time_machine.travel(timezone.now() + timedelta(seconds=1), tick=False) as clock:
        assert sending.drain(row.pk) == 3
        clock.shift(30)
        assert sending.drain(row.pk) == 0
        clock.shift(31)
        assert sending.drain(row.pk) == 2
    assert len(service.bodies) == 5


def test_urgent_messages_go_first(city, service):
    row = channel(city, service.address, rate=1)
    message(row, "普通")
    message(row, "紧急", urgency="urgent")
    sending.drain(row.pk)
    assert [body["title"] for body in service.bodies] == ["紧急"]


def test_a_phone_is_left_in_peace_at_night(city):
    row = to_phone(city, channel(city))
    Delivery.objects.update(created_at=NIGHT, next_try_at=NIGHT)
    with time_machine.travel(NIGHT, tick=False) as clock:
        assert sending.drain(row.channel_id) == 0
        held = fresh(row)
        assert (held.state, held.attempts) == ("held", 0)
        # then it goes out when the quiet hours end, at seven in Shanghai
        assert held.next_try_at == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
        clock.move_to(held.next_try_at)
        assert sending.drain(row.channel_id) == 1
    assert fresh(row).state == "sent"


def test_an_urgent_message_rings_at_night_unless_the_person_says_no(city):
    row = to_phone(city, channel(city), urgency="urgent")
    Delivery.objects.update(created_at=NIGHT, next_try_at=NIGHT)
    with time_machine.travel(NIGHT, tick=False):
        NoticePreference.objects.create(person=city.user("handler"), urgent_any_time=False)
        assert sending.drain(row.channel_id) == 0 and fresh(row).state == "held"
        Delivery.objects.update(state="waiting", next_try_at=NIGHT)
        NoticePreference.objects.update(urgent_any_time=True)
        assert sending.drain(row.channel_id) == 1 and fresh(row).state == "sent"


def test_old_news_and_phones_that_are_gone_are_not_sent(city):
    row = channel(city)
    old = message(row, created_at=timezone.now() - timedelta(hours=25))
    assert sending.drain(row.pk) == 0 and fresh(old).state == "given_up"
    gone = to_phone(city, row, urgency="urgent")
    User.objects.filter(username="handler").update(phone=None)
    sending.drain(row.pk)
    assert fresh(gone).state == "failed"


def test_a_channel_switched_off_sends_nothing(city, service):
    row = message(channel(city, service.address, is_active=False))
    assert sending.due_channels() == [] and sending.drain(row.channel_id) == 0
    assert fresh(row).state == "waiting" and not service.bodies


def test_what_a_killed_worker_took_is_sent_by_the_next_and_its_late_answer_changes_nothing(city, service):
    # given a worker that took a message and fell silent
    row = message(channel(city, service.address))
    taken = sending.take(row.channel_id)
    assert fresh(row).state == "sending" and sending.take(row.channel_id) is None
    with time_machine.travel(timezone.now() + sending.LEASE + timedelta(seconds=1), tick=False):
        # when its time is over, then the next sends it
        assert sending.drain(row.channel_id) == 1
    assert fresh(row).state == "sent"
    # and if the first one comes back after all, nothing changes
    sending.settle(taken, "too late")
    assert fresh(row).state == "sent" and fresh(row).last_error == ""


def test_an_address_that_can_no_longer_be_read_says_so(city, service, settings):
    row = message(channel(city, service.address))
    settings.SECRET_KEY = "another key " * 5
    sending.drain(row.channel_id)
    assert fresh(row).state == "failed" and fresh(row).last_error and not service.bodies


def test_secrets_are_neither_logged_nor_stored(city, service, caplog):
    caplog.set_level(logging.DEBUG, "governance")
    service.status = 403
    row = message(channel(city, service.address))
    sending.drain(row.channel_id)
    assert "secret-path" not in caplog.text
    stored = NoticeChannel.objects.filter(pk=row.channel_id).values().get()
    assert "secret-path" not in str(stored) and "secret-path" not in str(Delivery.objects.values().get())


def test_a_host_that_moved_into_the_own_network_is_not_called(city, service, settings):
    row = message(channel(city, service.address))
    settings.NOTICE_INTERNAL_HOSTS = []
    sending.drain(row.channel_id)
    assert fresh(row).state == "failed" and not service.bodies


def test_a_channel_is_tried_by_those_who_may_change_it(city, service):
    row = channel(city, service.address)
    channel_test(row, actor=city.user("administrator"))
    assert len(service.bodies) == 1 and Event.objects.filter(name="notice_channel.tested").count() == 1
    for somebody in (city.user("handler"), city.outsider("administrator"), city.user("resident")):
        with pytest.raises(NotPermitted):
            channel_test(row, actor=somebody)
    service.status = 500
    with pytest.raises(Unavailable):
        channel_test(row, actor=city.user("administrator"))
    assert len(service.bodies) == 2 and Event.objects.filter(name="notice_channel.tested").count() == 1


def test_what_was_given_up_is_sent_once_more_by_those_who_may(city, service):
    row = message(channel(city, service.address), state="given_up", attempts=8)
    for somebody in (city.user("dispatcher"), city.outsider("administrator")):
        with pytest.raises(NotPermitted):
            delivery_retry(row, actor=somebody)
    assert fresh(row).state == "given_up"
    delivery_retry(row, actor=city.user("administrator"))
    with pytest.raises(Conflict):
        delivery_retry(row, actor=city.user("administrator"))
    assert sending.drain(row.channel_id) == 1 and fresh(row).state == "sent"


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_message_once_and_keep_the_rate(transactional_db, service):
    made = build_city()
    row = channel(made, service.address, rate=7)
    for number in range(12):
        message(row, str(number))
    start = threading.Barrier(4)

    def work(_number):
        try:
            start.wait()
            return sending.drain(row.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(work, range(4)))
    assert sent == 7
    titles = [body["title"] for body in service.bodies]
    assert len(titles) == len(set(titles)) == 7


@pytest.mark.django_db(transaction=True)
def test_a_channel_that_hangs_does_not_hold_up_the_others(transactional_db, service):
    made = build_city()
    hanging, quick = channel(made, service.address), channel(made)
    service.wait = threading.Event()
    slow = message(hanging)
    fast = to_phone(made, quick, urgency="urgent")
    NoticePreference.objects.create(person=made.user("handler"), quiet_from=None, quiet_to=None)
    # when the worker's thread runs, and one service does not answer
    thread, stop = loop.start()
    try:
        until(lambda: fresh(fast).state == "sent" and service.bodies)
        assert fresh(slow).state == "sending"
        service.wait.set()
        until(lambda: fresh(slow).state == "sent")
    finally:
        service.wait.set()
        stop.set()
        thread.join(30)
    assert not thread.is_alive() and len(service.bodies) == 1


def until(condition) -> None:
    for _ in range(1500):
        if condition():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it did not happen")
