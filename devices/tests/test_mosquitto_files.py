"""A Mosquitto that lets devices in by our password and ACL files, set up as docs/mqtt.md says, and the bridge at it."""

import asyncio
import getpass
import io
import json
import re
import signal
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiomqtt
import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.utils import timezone

from benchmarks.broker import MOSQUITTO, Broker
from conftest import build_city
from devices.commands import command_queue
from devices.keys import key_revoke
from devices.models import Alarm, DeviceCommand, DeviceKey, ProfileCommand, Reading
from devices.mqtt.access import PUBLISH, SUBSCRIBE, may_act
from devices.mqtt.bridge import Bridge
from devices.mqtt.client import BridgeClient
from devices.tests.brokers import WAIT, options, running, source_of, until
from devices.tests.fleet import build_fleet, key_of
from devices.tests.things import stream
from governance.live.threads import in_thread
from governance.models import User

needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
BRIDGE = {"username": "bridge", "password": "p@ss"}
READINGS, COMMANDS = "jiceng/v1/{}/readings", "jiceng/v1/{}/commands"


@pytest.fixture(autouse=True)
def _account(settings):
    settings.MQTT_URL = "mqtt://bridge:p%40ss@127.0.0.1"


def files(folder: Path, monkeypatch, *keys: str) -> str:
    """Run the command with keys on its standard input; return what it says."""
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{key}\n" for key in keys)))
    out = io.StringIO()
    call_command("mosquitto_files", str(folder), keys=bool(keys), stdout=out)
    return out.getvalue()


def body(**said) -> bytes:
    return json.dumps({"at": timezone.now().isoformat()} | said).encode()


class Guarded(Broker):
    """Mosquitto with the settings that docs/mqtt.md shows, on a port and in folders of this test."""

    def __init__(self, folder: Path, files: Path):
        super().__init__(folder, "mosquitto")
        text = (Path(project.BASE_DIR) / "docs/mqtt.md").read_text()
        (shown,) = [
            block
            for block in re.findall(r"^```\w*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
            if "password_file" in block
        ]
        shown = shown.replace("/etc/mosquitto/jiceng", str(files)).replace("/var/lib/mosquitto/", f"{folder}/")
        shown = shown.replace("listener 1883", f"listener {self.port} 127.0.0.1")
        self.config.write_text(f"{shown}user {getpass.getuser()}\n")

    async def read_anew(self) -> None:
        """Tell it that the files changed, and wait until it has read them."""
        before = self.log.read_text().count("Reloading config")
        self.process.send_signal(signal.SIGHUP)

        async def reloaded():
            return self.log.read_text().count("Reloading config") > before

        await until(reloaded)

    def device(self, name: str, key: str, **more) -> aiomqtt.Client:
        """Return the connection of a device."""
        return aiomqtt.Client("127.0.0.1", self.port, username=name, password=key, **more)


async def try_to_say(broker: Guarded, name: str, key: str, topic: str, payload: bytes) -> None:
    """Publish where one may not: some versions put the client out, others acknowledge and let it fall."""
    with suppress(aiomqtt.MqttError):
        async with broker.device(name, key) as client:
            await client.publish(topic, payload, qos=1)


async def is_refused(broker: Guarded, name: str, key: str) -> bool:
    try:
        async with broker.device(name, key):
            return False
    except aiomqtt.MqttError as error:
        assert "authori" in str(error), error
        return True


@asynccontextmanager
async def bridge(broker: Guarded, source):
    async with running(Bridge(options(broker.port, "5", **BRIDGE), source)) as found:
        yield found


@pytest.fixture
def fleet(transactional_db):
    return build_fleet(build_city())


@pytest.fixture
def source(fleet):
    return source_of(fleet)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "jiceng"
    made.mkdir()
    return made


@pytest.fixture
def guarded(tmp_path, folder, fleet, monkeypatch):
    """A broker that knows the bridge and nobody else yet."""
    files(folder, monkeypatch)
    found = Guarded(tmp_path, folder).start()
    yield found
    found.stop()


@needs_mosquitto
@pytest.mark.django_db(transaction=True)
def test_a_device_comes_in_with_its_key_and_speaks_of_itself_only(guarded, folder, fleet, source, monkeypatch):
    far, gateway = key_of(fleet.far), key_of(fleet.gateway)
    files(folder, monkeypatch, far, gateway)
    number, foreign = stream(fleet.far).pk, stream(fleet.cover).pk
    known, acknowledge = [], BridgeClient.acknowledge

    def noted(client, mid):
        known.append(Reading.objects.count())
        acknowledge(client, mid)

    monkeypatch.setattr(BridgeClient, "acknowledge", noted)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

    async def run():
        await guarded.read_anew()
        # given wrong names and passwords let nobody in
        for name, key in [("MC-900", gateway), ("MC-900", ""), ("MC-001", far), ("nobody", far), ("bridge", far)]:
            assert await is_refused(guarded, name, key), (name, key)
        async with bridge(guarded, source) as taking:
            # when a device speaks of itself, of another, as the bridge does, and where nobody may
            async with guarded.device("MC-900", far) as device:
                for topic in (READINGS.format("MC-001"), "jiceng/v1/MC-001/status", COMMANDS.format("MC-900"),
                              f"v1.1/Datastreams({foreign})/Observations"):  # fmt: skip
                    said = body(metrics={"tilt": 40}, status="tilted", result=40)
                    await try_to_say(guarded, "MC-900", far, topic, said)
                await device.publish(READINGS.format("MC-900"), body(metrics={"tilt": 2}), qos=1)
                await device.publish(f"v1.1/Datastreams({number})/Observations", body(result=41), qos=1)
            # and a gateway of the device behind it
            async with guarded.device("GW-1", gateway) as device:
                await device.publish(READINGS.format("MC-001"), body(metrics={"tilt": 3}), qos=1)
            await try_to_say(guarded, "GW-1", gateway, READINGS.format("MC-900"), body(metrics={"tilt": 4}))
            await until(lambda: asyncio.sleep(0, taking.tally.taken == 3))
            await asyncio.sleep(0.3)
            # then what it may say is stored before it is acknowledged, and the rest does not even arrive
            assert (taking.tally.taken, taking.tally.refused) == (3, 0)

    asyncio.run(run())
    assert len(known) == 3 and all(count >= place for place, count in enumerate(known, 1))
    stored = Reading.objects.values_list("device__code", "value")
    assert set(stored) == {("MC-900", 2.0), ("MC-900", 41.0), ("MC-001", 3.0)}
    assert Alarm.objects.get().device == fleet.far


@needs_mosquitto
@pytest.mark.django_db(transaction=True)
def test_a_new_key_takes_the_place_of_the_old_one_and_a_revoked_one_ends(guarded, folder, fleet, source, monkeypatch):
    old = key_of(fleet.far)
    files(folder, monkeypatch, old)

    async def run():
        await guarded.read_anew()
        assert not await is_refused(guarded, "MC-900", old)
        # when its key is rotated
        new = await in_thread(key_of, fleet.far)
        await in_thread(files, folder, monkeypatch, new)
        await guarded.read_anew()
        # then the old one lets nobody in, the new one does
        assert await is_refused(guarded, "MC-900", old)
        async with bridge(guarded, source) as taking, guarded.device("MC-900", new) as device:
            await device.publish(READINGS.format("MC-900"), body(metrics={"tilt": 2}), qos=1)
            await until(lambda: asyncio.sleep(0, taking.tally.taken == 1))
        # and once it is revoked and the files are made anew, nobody is let in by that name
        key = await in_thread(DeviceKey.objects.latest, "pk")
        await in_thread(lambda: key_revoke(key, actor=User.objects.system("devices")))
        said = await in_thread(files, folder, monkeypatch)
        assert said.splitlines()[0].startswith("MC-900")
        await guarded.read_anew()
        assert await is_refused(guarded, "MC-900", new)

    asyncio.run(run())
    assert Reading.objects.count() == 1


@needs_mosquitto
@pytest.mark.django_db(transaction=True)
def test_commands_reach_their_device_only_and_its_answer_comes_back(guarded, folder, fleet, source, monkeypatch):
    ProfileCommand.objects.create(profile=fleet.cover_profile, name="buzz", label="蜂鸣")
    far, cover = key_of(fleet.far), key_of(fleet.cover)
    files(folder, monkeypatch, far, cover)
    command = command_queue(fleet.far, actor=fleet.city.user("administrator"), name="buzz")

    async def run():
        await guarded.read_anew()
        async with guarded.device("MC-900", far) as device, guarded.device("MC-001", cover) as other:
            # given both listen, the other one to what is not for it
            for one in (device, other):
                await one.subscribe(COMMANDS.format("MC-900"), qos=1)
            async with bridge(guarded, source), asyncio.timeout(WAIT):
                heard = json.loads((await anext(device.messages)).payload)
                # when the other answers for it, and then it does itself
                said = json.dumps({"id": heard["id"], "done": False}).encode()
                await try_to_say(guarded, "MC-001", cover, f"{COMMANDS.format('MC-900')}/result", said)
                said = json.dumps({"id": heard["id"], "done": True}).encode()
                await device.publish(f"{COMMANDS.format('MC-900')}/result", said, qos=1)
                await until(lambda: in_thread(DeviceCommand.objects.filter(state="confirmed").exists))
                assert not len(other.messages)

    asyncio.run(run())
    command.refresh_from_db()
    assert command.state == "confirmed"


@pytest.mark.django_db
def test_the_files_say_what_a_broker_that_asks_is_told(folder, fleet, monkeypatch):
    # given a device with a key, one behind a gateway, and one without any
    files(folder, monkeypatch, key_of(fleet.far), key_of(fleet.gateway))
    user, said = "", []
    for line in (folder / "acl").read_text().splitlines():
        if line.startswith("user "):
            user = line.removeprefix("user ")
        elif line:
            _topic, access, topic = line.split(" ", 2)
            said.append((user, PUBLISH if access == "write" else SUBSCRIBE, topic))
    assert {user for user, _action, _topic in said} == {"bridge", "MC-900", "GW-1"}
    # then nobody may more than there, and each device of the gateway has all its topics
    assert [one for one in said if one[2] != COMMANDS.format("+") and not may_act(*one)] == []
    assert ("GW-1", PUBLISH, f"v1.1/Datastreams({stream(fleet.cover).pk})/Observations") in said
    assert ("GW-1", SUBSCRIBE, COMMANDS.format("TB-001")) in said
    names = [line.partition(":")[0] for line in (folder / "passwords").read_text().splitlines()]
    assert names == ["GW-1", "MC-900", "bridge"]


@pytest.mark.django_db
def test_lines_of_others_stay_and_nobody_else_reads_the_passwords(folder, fleet, monkeypatch):
    passwords = folder / "passwords"
    files(folder, monkeypatch, key_of(fleet.far))
    assert passwords.stat().st_mode & 0o777 == 0o600
    passwords.chmod(0o640)
    # given a line of somebody else's client, and one of a device that no key in force of ours made
    passwords.write_text(passwords.read_text() + "dashboard:$7$101$c2FsdA==$eA==\nMC-001:$7$101$c2FsdA==$eA==\n")
    said = files(folder, monkeypatch)
    names = [line.partition(":")[0] for line in passwords.read_text().splitlines()]
    assert names == ["MC-900", "bridge", "dashboard"]
    assert said.splitlines()[0].startswith("MC-001") and said.splitlines()[-1].startswith("3 ")
    assert passwords.stat().st_mode & 0o777 == 0o640


@pytest.mark.django_db
@pytest.mark.parametrize(("url", "keys", "told"), [
    ("mqtt://127.0.0.1", [], "MQTT_URL"), ("mqtt://bridge:p@127.0.0.1", ["nothing"], "keys"),
])  # fmt: skip
def test_what_is_missing_is_told_and_nothing_is_written(folder, fleet, monkeypatch, settings, url, keys, told):
    settings.MQTT_URL = url
    with pytest.raises(CommandError, match=told):
        files(folder, monkeypatch, *keys)
    assert list(folder.iterdir()) == []
    with pytest.raises(CommandError, match="there is no folder"):
        files(folder / "none", monkeypatch)
