"""Live push in a storm: alarms of a grid and their cases are told together, and no event is lost."""

import asyncio
import time

import pytest

from cases.models import Case
from devices.models import Alarm, AlarmStorm, ProfileStatus
from devices.profile_rules import forget_rules
from devices.tests.fleet import at, message
from devices.tests.test_storms import bins, fill
from governance.live import coalescing
from governance.live.threads import in_thread
from governance.models import Event
from governance.tests.live_clients import live

pytestmark = pytest.mark.django_db(transaction=True)


def low(fleet, codes, minute=0.0):
    """Batteries are low: alarms that open no case."""
    fleet.ingest(*[message(minute, code, metrics={"battery": 5}) for code in codes], received_at=at(minute))


STORMY = ("devices.alarm", "devices.alarmstorm", "cases.case")


@pytest.fixture
def rain(fleet):
    """From three full bins of a grid on it is one matter, as for waterlogging in the profiles we bring."""
    ProfileStatus.objects.filter(code="full").update(storm_count=3)
    forget_rules()
    yield fleet
    forget_rules()


def raised():
    return list(Event.objects.filter(name="alarm.raised").order_by("id").values_list("id", flat=True))


def stormy():
    """All that happened to alarms, storms and cases."""
    return list(Event.objects.filter(subject_type__in=STORMY).order_by("id").values_list("id", flat=True))


def ids_in(said) -> list[int]:
    """Return the ids of the events that a message tells of."""
    if said["type"] == "event":
        return [said["id"]]
    return said.get("ids", [event["id"] for event in said.get("events", [])])


async def told(socket, ids):
    """Read until all of ``ids`` were told; return the messages that told of any of them."""
    found, missing = [], set(ids)
    while missing:
        said = await socket.next()
        assert said["type"] != "closed", said
        if missing & set(ids_in(said)):
            found.append(said)
            missing -= set(ids_in(said))
    return found


async def after(running, user, cursor, count):
    """Return the ids of so many events of storms that somebody gets who comes back by a cursor."""
    socket, seen = await running.staff(user, after=str(cursor)), []
    while len(seen) < count:
        said = await socket.next()
        events = said.get("events", [said] if said["type"] == "event" else [])
        seen += [event["id"] for event in events if event["subject"]["type"] in STORMY]
    return seen


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
        assert await after(running, user, hello, 80) == ids


async def test_eighty_alarms_with_their_case_are_one_message_and_each_event_is_there_to_be_read(rain):
    user = rain.city.user("operations_centre")
    codes = await in_thread(bins, rain, 80)
    async with live() as running:
        socket = await running.follow(user)
        hello = running.relay.position[1]
        # when 80 bins of a grid are full at once and become one case
        await in_thread(fill, rain, codes)
        ids, case = await in_thread(stormy), await in_thread(Case.objects.get)
        # then alarms, evidence, storm and case are one message that leads to the alarms and names everything
        (update,) = await told(socket, ids)
        grid = rain.city.grid
        assert (update["type"], update["count"], update["ids"]) == ("update", len(ids), ids)
        assert update["names"]["alarm.raised"] == update["names"]["case.evidence_added"] == 80
        assert update["url"].endswith(f"/devices/alarm/?area={grid.pk}") and update["area"] == grid.name
        assert update["about"]["cases.case"] == [case.pk] and update["subjects"] == update["about"]["devices.alarm"]
        assert update["label"] == "告警产生 × 80 · 案件 × 1 · 告警风暴 × 1"
        # and by the cursor from before every event comes whole
        assert await after(running, user, hello, len(ids)) == ids


async def test_eighty_alarms_with_cases_one_after_the_other_are_told_four_times_a_second_at_most(rain):
    user = rain.city.user("operations_centre")
    codes = await in_thread(bins, rain, 80)
    async with live() as running:
        socket = await running.follow(user)
        hello = running.relay.position[1]
        begun = time.monotonic()
        # when 80 bins fill one by one: the first have cases of their own, which are put under that of the grid
        for place, code in enumerate(codes):
            await in_thread(fill, rain, [code], place / 100)
        ids = await in_thread(stormy)
        found = await told(socket, ids)
        lasted = time.monotonic() - begun
        # then no more than four messages a second tell of the grid, whatever happened there
        assert (await in_thread(AlarmStorm.objects.get)).alarms == 80
        assert await in_thread(Case.objects.filter(parent__isnull=False).count) == 2
        assert len(found) <= lasted / coalescing.GAP + 1
        # and each event is told once, and comes again by the cursor from before
        assert sorted(number for said in found for number in ids_in(said)) == ids
        assert await after(running, user, hello, len(ids)) == ids


async def test_an_alarm_and_its_case_are_one_message_in_which_each_event_is_whole(fleet):
    async with live() as running:
        socket = await running.follow(fleet.city.user("operations_centre"))
        await in_thread(fill, fleet, ["TB-001"])
        (said,) = await told(socket, await in_thread(stormy))
        case = await in_thread(Case.objects.get)
        assert said["type"] == "events" and said["cursor"] == said["events"][-1]["cursor"]
        numbers = {event["name"]: event["number"] for event in said["events"]}
        assert (numbers["alarm.raised"], numbers["case.reported"]) == ("TB-001", case.number)


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
