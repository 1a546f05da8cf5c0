"""``/ws/v1/events/``: who gets in, who gets what, and that a client misses nothing."""

import asyncio
from datetime import timedelta

import pytest
from channels.layers import get_channel_layer
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import override_settings
from django.utils import timezone

from governance import events
from governance.live import audience, descriptions, journal, staff
from governance.live.cursor import Snapshot
from governance.live.threads import in_thread
from governance.models import Appointment, Role, User
from governance.scoping import Grant
from governance.tests.live_clients import WAIT, cookie_of, live, until, writer

pytestmark = pytest.mark.django_db(transaction=True)

OWN_PAGE = settings.WEB_ORIGINS[0]


def note(case) -> int:
    """Record an event about a case and return its id."""
    return events.record("case.noted", case, actor=User.objects.system("test"), grant=Grant(Role.SYSTEM)).pk


async def ids_of_next(socket, count: int) -> list[int]:
    return [message["id"] for message in await socket.events(count)]


# Who gets in


async def test_nobody_who_is_not_signed_in(city):
    async with live() as running:
        socket = await running.socket("/ws/v1/events/", origin=OWN_PAGE).open()
        assert await socket.refused() == ("not_authenticated", 4401)
        assert running.relay.sockets == 0


async def test_nobody_who_is_not_staff(city):
    async with live() as running:
        socket = await running.staff(city.user("resident"))
        assert await socket.refused() == ("permission_denied", 4403)


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", OWN_PAGE.replace("http:", "https:"), OWN_PAGE + "0", "http://localhost.evil.example:8000",
     "http://localhost", "http://localhost:port", "null", ""],
)  # fmt: skip
async def test_no_page_of_another_origin_not_even_with_a_valid_cookie(city, origin):
    async with live() as running:
        cookie = await in_thread(cookie_of, city.user("dispatcher"))
        for path in ("/ws/v1/events/", "/ws/v1/reports/x/"):
            message = await running.socket(path, cookie=cookie, origin=origin).answer()
            assert message["type"] == "websocket.close"


async def test_own_pages_and_programs_without_an_origin(city):
    async with live() as running:
        for origin in (*settings.WEB_ORIGINS, None):
            socket = await running.staff(city.user("dispatcher"), origin=origin)
            assert (await socket.next())["type"] == "hello"


async def test_an_address_that_does_not_exist_is_refused(city):
    async with live() as running:
        assert (await running.socket("/ws/v1/other/").answer())["type"] == "websocket.close"


@pytest.mark.parametrize("cursor", ["x", "1_2_3", "%00", "1_2_%27", "9" * 5000])
async def test_a_malformed_cursor_is_refused(city, cursor):
    async with live() as running:
        socket = await running.staff(city.user("dispatcher"), after=cursor)
        assert await socket.refused() == ("bad_cursor", 4400)


async def test_a_cursor_of_another_database_is_refused(city):
    async with live() as running:
        socket = await running.staff(city.user("dispatcher"), after="5000000000_5000000000_")
        assert await socket.refused() == ("unknown_cursor", 4400)


# Who gets what


async def test_an_event_comes_with_what_a_page_shows(city):
    async with live() as running:
        socket = await running.follow(city.user("dispatcher"))
        case = await in_thread(city.open)
        message = await socket.until("event")
    assert message["name"] == "case.reported"
    assert message["subject"] == {"type": "cases.case", "id": case.pk, "number": case.number}
    assert message["label"]
    assert message["at"]
    assert message["payload"]["number"] == case.number
    assert Snapshot.parse(message["cursor"])


async def test_labels_come_in_the_language_of_the_persons_pages(city):
    async with live() as running:
        user = city.user("dispatcher")
        english = await running.staff(user, headers=[(b"accept-language", b"en")])
        chinese = await running.staff(user, headers=[(b"accept-language", b"zh-CN")])
        for socket in (english, chinese):
            await socket.until("hello")
        case = await in_thread(city.report)
        await in_thread(note, case)
        labels = [[message["label"] for message in await socket.events(2)] for socket in (english, chinese)]
    assert labels[0] == ["Reported", "Note"]
    assert all(label.isascii() is False for label in labels[1])


@pytest.mark.parametrize(
    "stranger", ["outside_grid_worker", "outside_community_staff", "outside_handler", "outside_supervisor"]
)
async def test_people_of_another_area_or_unit_get_nothing(city, stranger):
    # given somebody in charge and somebody with the same role in another area or unit
    async with live() as running:
        insider = await running.follow(city.user("operations_centre"))
        outsider = await running.follow(city.people[stranger])
        # when something happens to a case of the first
        case = await in_thread(city.open)
        await in_thread(note, case)
        await insider.events(4)
        # then the second gets nothing, not live and not by asking for the past
        assert await outsider.has_nothing()
        again = await running.staff(city.people[stranger], after="1_1_")
        assert [(await again.next())["type"] for _ in range(2)] == ["hello", "cursor"]


async def test_events_of_things_nobody_is_known_to_see_go_to_nobody(city):
    async with live() as running, writer(User.objects.model(pk=city.user("handler").pk)) as source:
        socket = await running.follow(city.user("administrator"))
        for label in ("governance.timer", "gone.model"):
            await source.write(1, label=label)
        await source.commit()
        case = await in_thread(city.report)
        assert (await socket.until("event"))["subject"]["id"] == case.pk


async def test_a_revoked_appointment_ends_delivery_at_once(city):
    async with live() as running:
        user = city.user("community_staff")
        socket = await running.follow(user)
        watcher = await running.follow(city.user("operations_centre"))
        case = await in_thread(city.report)
        await socket.until("event")
        # when the appointment ends while the socket stays open
        yesterday = timezone.localdate() - timedelta(days=1)
        await in_thread(Appointment.objects.filter(user=user).update, valid_from=yesterday, valid_to=yesterday)
        await in_thread(note, case)
        await watcher.events(2)
        # then the next event already does not come
        assert await socket.has_nothing()


async def test_a_closed_account_is_put_out_with_the_next_event(city):
    async with live() as running:
        user = city.user("dispatcher")
        socket = await running.follow(user)
        await in_thread(User.objects.filter(pk=user.pk).update, is_active=False)
        await in_thread(city.report)
        assert await socket.refused() == ("not_authenticated", 4401)
        await socket.wait(timeout=WAIT)
        assert not running.relay.listeners


@pytest.mark.parametrize("how", ["sign_out", "expiry", "password", "demotion"])
async def test_the_end_of_a_session_ends_the_socket(city, how, monkeypatch):
    monkeypatch.setattr(staff, "SESSION_LOOK", 0.0)
    user = city.user("dispatcher")

    def end():
        if how == "sign_out":
            Session.objects.all().delete()
        elif how == "expiry":
            Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        elif how == "password":
            changed = User.objects.get(pk=user.pk)
            changed.set_password("another one entirely")
            changed.save()
        else:
            User.objects.filter(pk=user.pk).update(is_staff=False)

    # given a relay that looks around often
    async with live(poll=0.1) as running:
        socket = await running.follow(user)
        # when the session ends and nothing else happens, then the socket is closed
        await in_thread(end)
        assert await socket.refused() == ("not_authenticated", 4401)


async def test_a_batch_costs_the_same_for_any_number_of_people(city, django_assert_num_queries, monkeypatch):
    """Statements: users, roles, the cases and their units; worded once for all."""
    people = [city.people[name] for name in ("dispatcher", "registrar", "handler", "outside_handler", "grid_worker")]
    async with live() as running:
        for person in [*people, people[0]]:
            await running.follow(person)
        assert running.relay.listeners[people[0].pk, settings.LANGUAGE_CODE] == 2
        assert len(running.relay.listeners) == len(people)
        case = await in_thread(city.open)
        events_of_case = await running.sockets[0].events(3)
        told = [event for batch in running.relay.batches.values() for event in batch.events]

        def asked():
            with django_assert_num_queries(4):
                return audience.view(told, list(running.relay.listeners))

        worded, described = [], descriptions.described
        monkeypatch.setattr(descriptions, "described", lambda *given: worded.append(given[0]) or described(*given))
        view = await in_thread(asked)
        assert worded == ["cases.case"]
        about_case = {event.id for event in told if event.subject_id == case.pk}
        assert about_case == {message["id"] for message in events_of_case}
        outsider = city.people["outside_handler"].pk
        assert view.visible == {person.pk: about_case if person.pk != outsider else set() for person in people}


async def test_leaving_leaves_nothing_behind(city):
    async with live() as running:
        socket = await running.follow(city.user("dispatcher"))
        assert running.relay.sockets == 1
        await socket.disconnect()
        assert running.relay.sockets == 0
        assert not running.relay.listeners
        assert not getattr(get_channel_layer(), "groups", None)  # a Redis keeps its own


# That nothing is missed


async def test_a_client_that_comes_back_gets_exactly_what_it_missed(city):
    user = city.user("dispatcher")
    async with live() as running:
        case = await in_thread(city.report)
        first = await running.follow(user)
        seen = await in_thread(note, case)
        message = await first.event(seen)
        # given it was away while three things happened
        await first.disconnect()
        missed = [await in_thread(note, case) for _ in range(3)]
        await until(
            lambda: missed[-1] in {event.id for batch in running.relay.batches.values() for event in batch.events}
        )
        # when it comes back with the last cursor it got
        second = await running.staff(user, after=message["cursor"])
        assert await second.next() == {"type": "hello", "cursor": message["cursor"]}
        # then it gets these, is told that it is up to date, and follows on
        assert await ids_of_next(second, 3) == missed
        assert (await second.next())["type"] == "cursor"
        assert await ids_of_next(second, 0) == []
        later = await in_thread(note, case)
        assert await ids_of_next(second, 1) == [later]


async def test_a_client_comes_back_to_another_process_and_misses_nothing(city):
    """The live process was killed and started again; the old process's last cursor still counts."""
    user = city.user("dispatcher")
    case = await in_thread(city.report)
    async with live() as running:
        socket = await running.staff(user)
        cursor = (await socket.until("hello"))["cursor"]
    missed = [await in_thread(note, case) for _ in range(3)]
    async with live() as running:
        socket = await running.staff(user, after=cursor)
        got = await ids_of_next(socket, 3)
        while not set(missed) <= set(got):  # what a younger database makes it repeat, the client drops
            got += await ids_of_next(socket, 1)
        assert got[-3:] == missed


async def test_a_late_commit_reaches_open_sockets_and_returning_clients(city):
    # given a long transaction that wrote first
    user = city.user("dispatcher")
    case = await in_thread(city.report)
    async with live() as running, writer(await in_thread(User.objects.system, "test")) as slow:
        socket = await running.follow(user)
        late = await slow.write(case.pk, 2)
        # when something else happens meanwhile, it comes through
        early = await in_thread(note, case)
        message = await socket.event(early)
        # and when the long one commits, its events come too, also for who was away just then
        await slow.commit()
        assert await ids_of_next(socket, 2) == late
        returned = await running.staff(user, after=message["cursor"])
        assert await ids_of_next(returned, 2) == late


@pytest.mark.parametrize("kept", [64, 1])
async def test_what_the_layer_drops_is_not_lost(city, kept):
    # given a layer that lost every message for a while (its queue was full), and a relay that keeps few batches
    user = city.user("dispatcher")
    case = await in_thread(city.report)
    async with live(kept=kept) as running:
        socket = await running.follow(user)
        layer, lost = get_channel_layer(), []
        working, layer.group_send = layer.group_send, lambda *message: lost.append(message) or _nothing()
        missed = []
        for _ in range(5):
            missed.append(await in_thread(note, case))
            await until(lambda: running.relay.number == len(missed))
        assert await socket.has_nothing()
        assert len(lost) >= 5
        # when a message gets through again
        layer.group_send = working
        later = await in_thread(note, case)
        # then everything comes, once, in order
        assert await ids_of_next(socket, 6) == [*missed, later]
        assert await socket.has_nothing()


async def test_without_any_news_a_dropped_message_is_made_up_for_by_the_next_look(city):
    user = city.user("dispatcher")
    case = await in_thread(city.report)
    async with live(poll=0.2) as running:
        socket = await running.follow(user)
        layer = get_channel_layer()
        working, layer.group_send = layer.group_send, lambda *message: _nothing()
        missed = await in_thread(note, case)
        assert await socket.has_nothing()
        layer.group_send = working
        assert await ids_of_next(socket, 1) == [missed]


async def test_many_events_at_once_come_bundled_and_few_singly(city):
    user = city.user("dispatcher")
    case = await in_thread(city.report)
    async with live() as running, writer(await in_thread(User.objects.system, "test")) as source:
        socket = await running.follow(user)
        # given a transaction of 230 events, as an import writes them
        written = await source.write(case.pk, 230)
        await source.commit()
        bundles = [await socket.next() for _ in range(3)]
        # then they come in three messages, in order, each with the cursor of its last event
        assert [message["type"] for message in bundles] == ["events"] * 3
        assert [len(message["events"]) for message in bundles] == [100, 100, 30]
        assert [event["id"] for message in bundles for event in message["events"]] == written
        assert all(message["cursor"] == message["events"][-1]["cursor"] for message in bundles)
        # and ten at once come as ten messages
        few = await source.write(case.pk, 10)
        await source.commit()
        assert [(await socket.next())["id"] for _ in range(10)] == few


async def test_clients_that_come_back_together_share_one_reading(city, monkeypatch):
    # given four people away with the same cursor, and one of another area with it too
    names = ("dispatcher", "registrar", "operations_centre", "administrator", "outside_grid_worker")
    people = [city.people[name] for name in names]
    case = await in_thread(city.report)
    async with live() as running:
        socket = await running.follow(people[0])
        cursor = (await socket.event(await in_thread(note, case)))["cursor"]
        await socket.disconnect()
        missed = [await in_thread(note, case) for _ in range(3)]
        await until(
            lambda: missed[-1] in {event.id for batch in running.relay.batches.values() for event in batch.events}
        )
        reads, loads, read, load = [], [], journal.read, descriptions.load
        monkeypatch.setattr(journal, "read", lambda *given, **more: reads.append(given) or read(*given, **more))
        monkeypatch.setattr(descriptions, "load", lambda *given: loads.append(given) or load(*given))
        # when they come back at the same moment
        sockets = await asyncio.gather(*(running.staff(person, after=cursor) for person in people))
        got = [await ids_of_next(one, 3) for one in sockets[:4]]
        # then the table was read once for all, each got what is theirs, and the stranger nothing
        assert got == [missed] * 4
        assert [(await sockets[4].next())["type"] for _ in range(2)] == ["hello", "cursor"]
        assert len(loads) == 1
        assert len([given for given in reads if given[0] == Snapshot.parse(cursor)]) == 1


async def test_a_reading_that_failed_is_tried_again_by_the_next_client(city, monkeypatch):
    user = city.user("dispatcher")
    case = await in_thread(city.report)
    async with live() as running:
        cursor = (await (await running.staff(user)).until("hello"))["cursor"]
        missed = await in_thread(note, case)
        await until(lambda: missed in {event.id for batch in running.relay.batches.values() for event in batch.events})
        monkeypatch.setattr(journal, "read", _database_is_away)
        first = await running.staff(user, after=cursor)
        await first.until("hello")
        assert await first.next() == {"type": "closed", "code": 1013}
        monkeypatch.undo()
        second = await running.staff(user, after=cursor)
        while (await second.until("event"))["id"] != missed:  # a young database repeats a little
            pass


async def test_a_slow_reader_is_dropped_and_does_not_delay_the_others(city, monkeypatch):
    monkeypatch.setattr("governance.live.sockets.SLOWEST", 0.2)
    case = await in_thread(city.report)
    async with live() as running:
        slow = await running.follow(city.user("dispatcher"))
        quick = await running.follow(city.user("registrar"))
        # given a reader that takes nothing any more
        slow._output_queue.put = lambda message: _for_ever()
        # when something happens, the other gets it
        written = await in_thread(note, case)
        assert await ids_of_next(quick, 1) == [written]
        # then the slow one's connection is ended and nothing of it is kept
        await slow.wait(timeout=WAIT)
        assert running.relay.sockets == 1


async def test_a_client_of_a_live_server_without_database_is_asked_to_come_later(city):
    async with live() as running:
        cookie = await in_thread(cookie_of, city.user("dispatcher"))
        running.relay._ready.clear()
        running.relay.where = _too_long
        socket = await running.socket("/ws/v1/events/", cookie=cookie).open()
        assert await socket.next() == {"type": "closed", "code": 1013}


@override_settings(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})
async def test_two_live_processes_each_tell_their_own_sockets(city):
    """Also on one shared layer nobody gets an event twice."""
    case = await in_thread(city.report)
    async with live() as one, live() as other:
        sockets = [await running.follow(city.user("dispatcher")) for running in (one, other)]
        written = await in_thread(note, case)
        for socket in sockets:
            assert await ids_of_next(socket, 1) == [written]
            assert await socket.has_nothing()


def _database_is_away(*_given, **_more):
    raise OperationalError("away")


async def _nothing():
    await asyncio.sleep(0)


async def _for_ever():
    await asyncio.sleep(3600)


async def _too_long(wait=0):
    raise TimeoutError
