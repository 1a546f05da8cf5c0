"""``manage.py mqtt`` as a process: killed in mid-load it loses nothing; it says what it lacks; it stops in order."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from cases.models import CaseSource, IntakeSource
from conftest import build_city
from devices.keys import key_issue
from devices.models import Alarm, Reading
from devices.mqtt.options import Options
from devices.tests.brokers import WAIT, broker_of, publish, until
from devices.tests.fleet import build_fleet
from governance.config.supervisor import commands, environment
from governance.errors import Invalid
from governance.live.threads import in_thread
from governance.models import User

MESSAGES = 400


@pytest.fixture
def mosquitto(tmp_path):
    found = broker_of("mosquitto", tmp_path)
    yield found
    found.stop()


def start(port: int) -> subprocess.Popen:
    """Start a bridge on the test database."""
    found = connection.get_connection_params()
    url = f"postgresql://{found.get('user', '')}@/{found['dbname']}?host={found['host']}"
    if found.get("port"):
        url += f"&port={found['port']}"
    more = {"DATABASE_URL": url, "MQTT_URL": f"mqtt://127.0.0.1:{port}", "MQTT_IN_FLIGHT": "50"}
    return subprocess.Popen([sys.executable, "manage.py", "mqtt"], cwd=settings.BASE_DIR, env=os.environ | more)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_killed_in_mid_load_every_message_is_stored_once(transactional_db, mosquitto):
    fleet = build_fleet(build_city())
    key_issue(fleet.far, actor=User.objects.system("devices"))
    IntakeSource.objects.create(
        code="mqtt", name="MQTT", kind=CaseSource.SENSOR, unit=fleet.city.centre, area=fleet.city.city
    )
    began = timezone.now() - timedelta(hours=1)
    messages = [
        ("jiceng/v1/MC-900/readings", json.dumps(
            {"at": (began + timedelta(seconds=number)).isoformat(), "metrics": {"tilt": 40 if number == 200 else 1}}
        ).encode())
        for number in range(MESSAGES)
    ]  # fmt: skip

    async def at_least(count):
        async def condition():
            return await in_thread(Reading.objects.count) >= count

        await until(condition)

    async def run():
        process = start(mosquitto.port)
        try:
            # given a subscription
            async with asyncio.timeout(WAIT):
                await publish(mosquitto.port, messages[0])
                while await in_thread(Reading.objects.count) == 0:
                    await publish(mosquitto.port, messages[0])
                    await asyncio.sleep(0.2)
            # when the bridge is killed while messages come, and another follows it
            sending = asyncio.ensure_future(publish(mosquitto.port, *messages[1:]))
            await at_least(50)
            process.kill()
            process.wait()
            await sending
            process = start(mosquitto.port)
            await at_least(MESSAGES)
            # then all is there, and told to stop it leaves in order
            process.send_signal(signal.SIGTERM)
            assert process.wait(WAIT) == 0
        finally:
            process.kill()
            process.wait()

    asyncio.run(run())
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


def test_the_supervisor_starts_the_bridge_where_there_is_a_broker():
    assert commands(environment({"MQTT_URL": "mqtt://broker"}))["mqtt"][-1] == "mqtt"
    assert "mqtt" not in commands(environment({}))
