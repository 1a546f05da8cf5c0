"""Live push in a storm: alarms of a grid are told together, and no event is lost."""

import asyncio
import time

import pytest

from devices.models import Alarm
from devices.tests.fleet import at, message
from devices.tests.test_storms import bins
from governance.live import coalescing
from governance.live.threads import in_thread
from governance.models import Event
from governance.tests.live_clients import live

pytestmark = pytest.mark.django_db(transaction=True)


def low(fleet, codes, minute=0.0):
    """Batteries are low: alarms that open no case."""
    fleet.ingest(*[message(minute, code, metrics={"battery": 5}) for code in codes], received_at=at(minute))


def raised():
    return list(Event.objects.filter(name="alarm.raised").order_by("id").values_list("id", flat=True))


async def told(socket, ids):
    """Read until all of ``ids`` were told; return the messages about alarms."""
    found, missing = [], set(ids)
    while missing:
        said = await socket.next()
        if said["type"] == "event" and said["subject"]["type"] == "devices.alarm":
            found.append(said)
            missing.discard(said["id"])
        elif said["type"] == "events":
            missing -= {event["id"] for event in said["events"]}
        elif said["type"] == "update":
            found.append(said)
            missing -= set(said["ids"])
    return found


async def test_eighty_alarms_of_a_batch_are_one_update_that_leads_to_their_list(fleet):
    user, stranger = fleet.city.user("dispatcher"), fleet.city.outsider("dispatcher")
    codes = await in_thread(bins, fleet, 80)
    async with live() as running:
        socket, other = await running.follow(user), await running.staff(stranger)
        hello = running.relay.position[1]
        # when 80 sensors of a grid raise an alarm at once
        await in_thread(low, fleet, codes)
        ids = await in_thread(raised)
        # then one message says how many, of what, and where they are
        (update,) = await told(socket, ids)
        grid = fleet.city.grid
        assert (update["type"], update["count"], update["names"]) == ("update", 80, {"alarm.raised": 80})
        assert (update["ids"], update["area"]) == (ids, grid.name)
        assert update["url"].endswith(f"/devices/alarm/?area={grid.pk}")
        assert len(update["subjects"]) == 80 and "80" in update["label"]
        # and people of elsewhere hear nothing of it
        assert (await other.next())["type"] == "hello"
        assert await other.has_nothing()
        # and who comes back by the cursor from before gets every event
        again = await running.staff(user, after=str(hello))
        back, seen = [], []
        while len(seen) < 80:
            back = await again.next()
            seen += [event["id"] for event in back.get("events", [back] if back["type"] == "event" else [])
                     if event["name"] == "alarm.raised"]  # fmt: skip
        assert seen == ids


async def test_one_alarm_is_told_by_itself(fleet):
    async with live() as running:
        socket = await running.follow(fleet.city.user("dispatcher"))
        await in_thread(low, fleet, ["TB-001"])
        (event,) = await told(socket, await in_thread(raised))
        assert (event["type"], event["name"], event["number"]) == ("event", "alarm.raised", "TB-001")


async def test_eighty_alarms_one_after_the_other_are_told_four_times_a_second_at_most(fleet):
    codes = await in_thread(bins, fleet, 80)
    async with live() as running:
        socket = await running.follow(fleet.city.user("dispatcher"))
        begun = time.monotonic()
        # when they come one by one, within a second or as fast as this machine can
        for place, code in enumerate(codes):
            await in_thread(low, fleet, [code], place / 100)
        ids = await in_thread(raised)
        found = await told(socket, ids)
        # then no more than four messages a second told of the grid, and all are told
        lasted = time.monotonic() - begun
        assert len(found) <= lasted / coalescing.GAP + 1
        assert sum(said.get("count", 1) for said in found) == 80 == await in_thread(Alarm.objects.count)


async def test_a_grid_just_told_of_holds_up_no_other(fleet, monkeypatch):
    # given a gap so long that nobody would wait for its end
    monkeypatch.setattr(coalescing, "GAP", 600.0)
    here, (there,) = await in_thread(bins, fleet, 1), await in_thread(bins, fleet, 1, fleet.city.other_grid)
    async with live() as running:
        socket = await running.follow(fleet.city.user("dispatcher"))
        # when an alarm was told in one grid, then one in another is told at once
        for code in (*here, there):
            await in_thread(low, fleet, [code])
            (event,) = await told(socket, (await in_thread(raised))[-1:])
            assert (event["type"], event["number"]) == ("event", code)


async def test_what_comes_while_a_grid_waits_is_told_as_one(fleet, monkeypatch):
    monkeypatch.setattr(coalescing, "GAP", 3.0)
    first, *more = await in_thread(bins, fleet, 6)
    async with live() as running:
        socket = await running.follow(fleet.city.user("dispatcher"))
        await in_thread(low, fleet, [first])
        await told(socket, await in_thread(raised))
        # when five more come one by one, the first of them seen by the relay before the last is there
        for place, code in enumerate(more):
            await in_thread(low, fleet, [code], place / 100)
            await asyncio.sleep(2 * running.relay.pause)
        # then they are one message
        (update,) = await told(socket, (await in_thread(raised))[1:])
        assert (update["type"], update["count"]) == ("update", 5)
