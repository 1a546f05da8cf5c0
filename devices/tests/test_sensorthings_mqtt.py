"""Observations by MQTT through real brokers: they end in the one ingest, as those that come by HTTP."""

import asyncio
import json

import pytest

from cases.models import Case, DeadLetter
from devices.models import Alarm, Reading
from devices.mqtt.bridge import Bridge
from devices.tests.brokers import BROKERS, broker_of, keyed_fleet, options, publish, running, source_of, until
from devices.tests.fleet import at
from devices.tests.things import post, stream

pytestmark = pytest.mark.django_db(transaction=True)
TOPIC = "v1.1/Datastreams({})/Observations"


@pytest.fixture(params=BROKERS)
def broker(request, tmp_path):
    found = broker_of(request.param, tmp_path)
    yield found
    found.stop()


def said(result, minutes=0.0, **more) -> bytes:
    return json.dumps({"phenomenonTime": at(minutes).isoformat(), "result": result} | more).encode()


def test_observations_are_stored_judged_and_known_again_whatever_way_they_come(broker, transactional_db):
    fleet = keyed_fleet()
    source = source_of(fleet)
    tilt, word, full = (stream(*of).pk for of in [(fleet.far,), (fleet.cover, "status"), (fleet.bin, "fill")])
    good = [(TOPIC.format(tilt), said(2)), (TOPIC.format(word), said("tilted")), (TOPIC.format(full), said(0.95, 1))]
    bad = [
        (TOPIC.format(tilt), b"{", "parse_error"), (TOPIC.format(tilt), said("wet"), "invalid_value"),
        (TOPIC.format(tilt), b"{}", "required"), (TOPIC.format(99), said(1), "unknown_device"),
        ("v1.1/Things/Observations", said(1), "unknown_topic"),
    ]  # fmt: skip

    async def run():
        bridge = Bridge(options(broker.port), source)
        async with running(bridge):
            # when devices tell of a figure and of a word, and some of what nobody understands
            await publish(broker.port, *good, *((topic, payload) for topic, payload, _code in bad))
            # and one of them again
            await publish(broker.port, good[0])
            await until(lambda: asyncio.sleep(0, bridge.tally.refused == len(bad) and bridge.tally.repeated == 1))
            assert bridge.tally.taken == len(good)

    asyncio.run(run())
    # then each is a reading, the word opens a case, and what could not be taken is kept with its reason
    assert set(Reading.objects.values_list("device__code", "metric", "value", "text")) == {
        ("MC-900", "tilt", 2.0, ""), ("MC-001", "status", None, "tilted"), ("TB-001", "fill", 0.95, ""),
    }  # fmt: skip
    assert {alarm.alarm_type for alarm in Alarm.objects.all()} == {"tilted", "full"}
    assert Case.objects.filter(alarms__device=fleet.cover).get().source == "sensor"
    letters = DeadLetter.objects.order_by("id").values_list("external_id", "errors__0__code")
    assert list(letters) == [(topic, code) for topic, _payload, code in bad]
    # and by HTTP the same observation is known, under the same address
    response = post(fleet.far, f"Datastreams({tilt})/Observations", json.loads(said(2)))
    assert (response.status_code, response.json()["result"]) == (201, 2.0)
    assert Reading.objects.count() == len(good)
