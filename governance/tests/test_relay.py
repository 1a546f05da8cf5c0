"""The relay and the journal against real connections: nothing skipped, nothing held up, nothing lost."""

import asyncio

import psycopg
import pytest
from django.db import connection

from governance.live import journal
from governance.live.relay import own_parameters
from governance.live.threads import in_thread
from governance.models import Heartbeat, User
from governance.tests.live_clients import WAIT, live, until, writer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def actor(transactional_db):
    return User.objects.system("test")


async def read_all(after, limit=journal.PIECE):
    events, end = [], after
    async for piece in journal.pieces(after, limit=limit):
        events += piece.events
        end = piece.end
    return events, end


def ids(events):
    return [event.id for event in events]


async def test_a_late_commit_is_not_skipped_and_does_not_hold_up_later_transactions(actor):
    # given a long transaction that has written first and is still open
    start = await in_thread(journal.now)
    async with writer(actor) as slow, writer(actor) as quick:
        late = await slow.write(1)
        early = await quick.write(2)
        await quick.commit()
        # when the table is read meanwhile, and again after the long one committed
        first, reached = await read_all(start)
        between = await quick.write(3)
        await quick.commit()
        await slow.commit()
        second, reached = await read_all(reached)
    # then the later transaction was not held up, the late one is not skipped, nothing comes twice
    assert ids(first) == early
    assert ids(second) == late + between
    assert (await read_all(reached))[0] == []  # the place itself moves with whatever else the server does


async def test_a_rolled_back_transaction_is_never_seen(actor):
    start = await in_thread(journal.now)
    async with writer(actor) as undone, writer(actor) as kept:
        await undone.write(1)
        events = await kept.write(2)
        await kept.commit()
        await undone.connection.rollback()
    assert ids((await read_all(start))[0]) == events


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_every_cursor_on_the_way_leads_to_exactly_the_rest(actor, limit):
    # given transactions of different sizes, one of them still open
    start = await in_thread(journal.now)
    async with writer(actor) as open_one, writer(actor) as other:
        await open_one.write(9)
        written = []
        for count in (1, 3, 2):
            written.append(await other.write(1, count))
            await other.commit()
        # when they are read in pieces
        events, _end = await read_all(start, limit)
        assert ids(events) == sum(written, [])
        # then reading on from the cursor of each event brings the transactions not yet wholly read
        for event in events:
            rest = [group for group in written if event.id < group[-1]]
            assert ids((await read_all(event.cursor))[0]) == sum(rest, [])


async def test_rows_numbered_in_the_future_do_not_come_again_and_again(actor):
    """After a restore from a dump rows carry the old server's transaction numbers."""
    start = await in_thread(journal.now)

    def restored():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO governance_event"
                " (tx, name, subject_type, subject_id, actor_id, role, payload, occurred_at)"
                " VALUES ('99999999999', 'case.noted', 'cases.case', 1, %s, 'system', '{}', now())",
                [actor.pk],
            )

    await in_thread(restored)
    assert (await read_all(start))[0] == []


async def test_a_lost_connection_is_replaced_and_nothing_is_lost_or_sent_twice(actor):
    async with live() as running, writer(actor) as source:
        relay = running.relay
        before = await source.write(1)
        await source.commit()
        await until(lambda: relay.number == 1)
        # given the database ends the connection of the relay
        ended = relay.watching_pid
        async with await psycopg.AsyncConnection.connect(**own_parameters(), autocommit=True) as other:
            await other.execute("SELECT pg_terminate_backend(%s)", [ended])
        # when something happens before the relay is back, and after
        between = await source.write(2)
        await source.commit()
        await until(lambda: relay.watching_pid not in (None, ended))
        after = await source.write(3)
        await source.commit()
        await until(lambda: sum(len(batch.events) for batch in relay.batches.values()) >= 3)
        # then each event was handed on once, in order
        handed_on = [event.id for batch in relay.batches.values() for event in batch.events]
        assert handed_on == before + between + after


async def test_a_huge_transaction_is_handed_on_in_pieces_and_a_socket_begins_only_at_its_end(actor):
    async with live() as running, writer(actor) as source:
        _number, start = running.relay.position
        written = await source.write(1, 2 * journal.PIECE + 1)
        await source.commit()
        await until(lambda: running.relay.number == 3)
        batches = list(running.relay.batches.values())
        assert [len(batch.events) for batch in batches] == [journal.PIECE, journal.PIECE, 1]
        assert sum((ids(batch.events) for batch in batches), []) == written
        assert [batch.end for batch in batches[:2]] == [start, start]
        assert running.relay.position == (3, batches[2].end)


async def test_a_relay_that_works_says_so(actor):
    async with live():
        async with asyncio.timeout(WAIT):
            while not await in_thread(Heartbeat.objects.filter(process="live").exists):
                await asyncio.sleep(0.01)


async def test_old_batches_are_let_go(actor):
    async with live(kept=2) as running, writer(actor) as source:
        for number in range(1, 5):
            await source.write(1)
            await source.commit()
            await until(lambda number=number: running.relay.number == number)
        assert list(running.relay.batches) == [3, 4]
