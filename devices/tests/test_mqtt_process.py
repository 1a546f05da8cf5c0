"""``manage.py mqtt`` as a process: killed in mid-load it loses nothing; it says what it lacks; it stops in order."""

import asyncio
import json
import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from cases.models import CaseSource, IntakeSource
from conftest import build_city
from devices.keys import key_issue
from devices.models import Alarm, Reading
from devices.mqtt.options import Options
from devices.tests.brokers import WAIT, broker_of, publish, until
from devices.tests.fleet import build_fleet
from governance.errors import Invalid
from governance.live import threads
from governance.live.threads import in_thread
from governance.models import User

MESSAGES = 400


@pytest.fixture
def mosquitto(tmp_path):
    found = broker_of("mosquitto", tmp_path)
    yield found
    found.stop()


def bridge(port: int, begin) -> None:
    """The life of a process that runs the command once ``begin`` is set, as if it were freshly started."""
    threads.THREADS = ThreadPoolExecutor(max_workers=4)  # those of the parent are not here
    settings.MQTT_URL, settings.MQTT_IN_FLIGHT = f"mqtt://127.0.0.1:{port}", "50"
    begin.wait()
    call_command("mqtt")


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_killed_in_mid_load_every_message_is_stored_once(transactional_db, mosquitto):
    fleet = build_fleet(build_city())
    key_issue(fleet.far, actor=User.objects.system("devices"))
    of = {"unit": fleet.city.centre, "area": fleet.city.city}
    IntakeSource.objects.create(code="mqtt", name="MQTT", kind=CaseSource.SENSOR, **of)
    began = timezone.now() - timedelta(hours=1)
    said = [{"at": (began + timedelta(seconds=number)).isoformat(), "metrics": {"tilt": 40 if number == 200 else 1}}
            for number in range(MESSAGES)]  # fmt: skip
    messages = [("jiceng/v1/MC-900/readings", json.dumps(one).encode()) for one in said]
    # given two bridges, the second of which waits
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    begins = [fork.Event(), fork.Event()]
    first, second = (fork.Process(target=bridge, args=(mosquitto.port, begin)) for begin in begins)
    for process in (first, second):
        process.start()

    async def at_least(count):
        async def condition():
            return await in_thread(Reading.objects.count) >= count

        await until(condition)

    async def run():
        begins[0].set()
        while await in_thread(Reading.objects.count) == 0:
            await publish(mosquitto.port, messages[0])
            await asyncio.sleep(0.1)
        # when the first is killed while messages come, and the second follows it
        sending = asyncio.ensure_future(publish(mosquitto.port, *messages[1:]))
        await at_least(20)
        first.kill()
        first.join(WAIT)
        assert await in_thread(Reading.objects.count) < MESSAGES
        await sending
        begins[1].set()
        await at_least(MESSAGES)

    try:
        asyncio.run(asyncio.wait_for(run(), 3 * WAIT))
        # then all is there, and told to stop it leaves in order
        os.kill(second.pid, signal.SIGTERM)
        second.join(WAIT)
        assert (first.exitcode, second.exitcode) == (-signal.SIGKILL, 0)
    finally:
        for process in (first, second):
            process.kill()
            process.join()
    assert Reading.objects.count() == MESSAGES
    assert Alarm.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"MQTT_URL": "http://broker"}, "MQTT_URL"),
        ({"MQTT_URL": "mqtt://"}, "MQTT_URL"),
        ({"MQTT_URL": "mqtt://broker:99999"}, "MQTT_URL"),
        ({"MQTT_VERSION": "4"}, "MQTT_VERSION"),
        ({"MQTT_VERSION": "3.1.1", "MQTT_SHARED_GROUP": "g"}, "MQTT_SHARED_GROUP"),
        ({"MQTT_SHARED_GROUP": "a/b"}, "MQTT_SHARED_GROUP"),
        ({"MQTT_IN_FLIGHT": "0"}, "MQTT_IN_FLIGHT"),
        ({"MQTT_IN_FLIGHT": "many"}, "MQTT_IN_FLIGHT"),
        ({"MQTT_URL": "mqtts://broker", "MQTT_CA_FILE": "/nowhere.pem"}, "MQTT_CA_FILE"),
    ],
)
def test_settings_that_cannot_be_are_named(settings, given, field):
    settings.MQTT_URL = "mqtt://broker"
    for name, value in given.items():
        setattr(settings, name, value)
    with pytest.raises(Invalid) as refused:
        Options.from_settings()
    assert refused.value.field == field


def test_an_address_is_read(settings):
    settings.MQTT_URL = "mqtts://bridge:p%40ss@broker.example"
    found = Options.from_settings()
    assert (found.host, found.port, found.username, found.password) == ("broker.example", 8883, "bridge", "p@ss")
    assert found.tls is not None


@pytest.mark.django_db
def test_the_command_says_what_it_lacks(settings):
    for url, told in [("", "MQTT_URL is not set"), ("http://x", "MQTT_URL: "), ("mqtt://x", "named source “mqtt”")]:
        settings.MQTT_URL = url
        with pytest.raises(CommandError, match=told):
            call_command("mqtt", stdout=StringIO())
