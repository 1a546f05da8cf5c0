"""The simulator: plausible traffic through the real door, back-off, and a way to stop."""

import json
import random
import time
from io import StringIO
from unittest import mock

import httpx
import pytest
from django.core.management import CommandError, call_command
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from PIL import Image

from devices.commands import command_queue
from devices.demo_snapshots import SIZE
from devices.management.commands import simulate
from devices.models import Alarm, Device, DeviceCommand, DeviceProfile, ProfileCommand, Reading
from devices.scenarios import SCENARIOS
from devices.simulator import Door, Life, Simulator, StoppedError, TooManyError, demo_devices, single_message
from devices.simulator_mqtt import MqttDoor
from devices.tests.brokers import broker_of, options
from devices.tests.simulated import WEB, Clock, Noted, the_server
from governance.attachments import attachments_of


def test_half_an_hour_of_life_goes_through_the_real_door(fleet, keys):
    # given three devices and a clock that runs for half an hour
    clock, taken = Clock(1800), []
    door = Door(the_server(), keys, clock.wait)
    send = door.send
    door.send = lambda message: taken.append((message["device"], send(message)))
    # when they live
    with pytest.raises(StoppedError):
        Simulator(demo_devices(keys), door, clock=clock, rng=random.Random(7)).run()
    # then all reported about every five minutes, everything was taken, and now and then something happened
    assert all(ok for _device, ok in taken)
    for code in keys:
        assert sum(device == code for device, _ok in taken) >= 5
    assert Reading.objects.values("device").distinct().count() == 3
    assert Alarm.objects.count() >= 3
    assert set(Device.objects.values_list("clock_skewed", flat=True)) == {False}


def test_devices_do_what_they_are_told_and_say_so(fleet, keys):
    # given two commands of a device and one of another
    for profile in (fleet.cover_profile, fleet.bin.profile):
        ProfileCommand.objects.create(profile=profile, name="buzz", label="蜂鸣")
    admin = fleet.city.user("administrator")
    for device in (fleet.cover, fleet.cover, fleet.bin):
        command_queue(device, actor=admin, name="buzz")
    # when each reports once, and one of them once more
    door, rng = Door(the_server(), keys, lambda _seconds: False), random.Random(1)
    for device in [*demo_devices(["MC-001", "TB-001"]), *demo_devices(["MC-001"])]:
        assert door.send(single_message(device, "normal", rng))
    # then all was handed out once and is done
    told = DeviceCommand.objects.values_list("state", "deliveries")
    assert list(told) == [("confirmed", 1)] * 3


def test_figures_fit_the_status(fleet):
    rng = random.Random(1)
    for device in demo_devices(["MC-001", "TB-001"]):
        life = Life(device, 0)
        for _number in range(200):
            said = life.message(rng)
            for metric in device.profile.metrics.all():
                good = said["metrics"][metric.metric]
                assert metric.high is None or good <= metric.clear
                assert metric.low is None or good >= metric.clear
        for status in device.profile.statuses.all():
            life.trouble = status
            metrics = life.message(rng)["metrics"]
            for metric in device.profile.metrics.all():
                if metric.alarm == status.code:
                    bad = metrics[metric.metric]
                    assert (metric.high is None or bad >= metric.high) and (metric.low is None or bad <= metric.low)


def test_it_backs_off_while_the_server_is_away(fleet):
    # given a server that is down, then failing, then overloaded, then well
    answers = iter([httpx.ConnectError("refused"), 503, 429, 202])
    sent = []

    def answer(request):
        sent.append(json.loads(request.content))
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found, json={"accepted": 1, "duplicate": 0, "rejected": []})

    clock = Clock(1000)
    door = Door(httpx.Client(base_url=WEB, transport=httpx.MockTransport(answer)), {"MC-001": "key"}, clock.wait)
    # when a message is sent
    assert door.send({"device": "MC-001"}) is True
    # then the same message came again after growing pauses
    assert len(sent) == 4
    assert clock.waits == [1, 2, 4]


def test_a_message_too_many_comes_again_when_the_answer_says_so(fleet):
    # given a server that finds a device too talkative twice
    waits = iter([7, 5000])

    def answer(request):
        wait = next(waits, None)
        rejected = [] if wait is None else [{"index": 0, "code": "rate_limited", "detail": "", "retry_after": wait}]
        return httpx.Response(202, json={"accepted": int(wait is None), "duplicate": 0, "rejected": rejected})

    clock = Clock(1000)
    door = Door(httpx.Client(base_url=WEB, transport=httpx.MockTransport(answer)), {"MC-001": "key"}, clock.wait)
    # then it is told how long to wait, a minute at most, and nobody has waited; after that it is taken
    for seconds in (7, 60):
        with pytest.raises(TooManyError) as told:
            door.send({"device": "MC-001"})
        assert told.value.seconds == seconds
    assert door.send({"device": "MC-001"}) is True and clock.waits == []


def test_one_that_sends_too_much_keeps_nobody_else_waiting(fleet, keys):
    # given a server that finds one device too talkative, for a minute each time
    def answer(request):
        (said,) = json.loads(request.read())["readings"]
        heard.append((said["device"], clock()))
        row = {"index": 0, "code": "rate_limited", "detail": "", "retry_after": 60}
        rejected = [row] if said["device"] == "MC-001" else []
        return httpx.Response(202, json={"accepted": 1 - len(rejected), "duplicate": 0, "rejected": rejected})

    heard, clock = [], Clock(600)
    client = httpx.Client(base_url=WEB, transport=httpx.MockTransport(answer))
    door = Door(client, keys, clock.wait)
    # when they live twenty times as fast for ten minutes
    with pytest.raises(StoppedError):
        Simulator(demo_devices(keys), door, clock=clock, rng=random.Random(7), speed=20).run()
    # then it is asked again after a minute each time, and no pause was longer than a report of the others is apart
    mad = [at for code, at in heard if code == "MC-001"]
    assert 5 <= len(mad) <= 11 and all(b - a > 59.9 for a, b in zip(mad, mad[1:], strict=False))
    assert max(clock.waits) <= 16 and sum(code == "TB-001" for code, _at in heard) > 20


@pytest.mark.parametrize("status", [400, 401, 413])
def test_what_is_refused_is_given_up(caplog, status):
    transport = httpx.MockTransport(lambda request: httpx.Response(status, text="no"))
    clock = Clock(1000)
    assert Door(httpx.Client(base_url=WEB, transport=transport), {"MC-001": "key"}, clock.wait).send(
        {"device": "MC-001"}
    ) is False  # fmt: skip
    assert clock.waits == []
    assert f"MC-001 refused ({status})" in caplog.text


def test_it_stops_while_waiting_for_the_server():
    transport = httpx.MockTransport(lambda request: httpx.Response(500))
    clock = Clock(3)
    with pytest.raises(StoppedError):
        Door(httpx.Client(base_url=WEB, transport=transport), {"MC-001": "key"}, clock.wait).send({"device": "MC-001"})


def once(*arguments):
    out = StringIO()
    call_command("simulate", "--once", *arguments, stdout=out)
    return json.loads(out.getvalue())


def test_one_message_can_be_sent(demo):
    assert once("MC-001", "tilted") == {"accepted": 1, "duplicate": 0, "rejected": []}
    assert Alarm.objects.get().active
    once("MC-001", "normal")
    assert not Alarm.objects.get().active


@pytest.mark.parametrize("arguments", [("MC-404", "tilted"), ("MC-001", "flying")])
def test_a_message_that_cannot_be_meant_is_not_sent(demo, arguments):
    with pytest.raises(CommandError):
        once(*arguments)
    assert not Reading.objects.exists()


@pytest.mark.parametrize("text", [None, "", "{", "{}", "[]"])
def test_without_the_file_it_says_so(demo, text):
    demo.unlink()
    if text is not None:
        demo.write_text(text)
    with pytest.raises(CommandError, match="demo.json"):
        once("MC-001", "tilted")


def played(name, *, seconds, count=None, speed=1.0):
    """Play a scenario with the devices of the fleet; return what each sent, by code."""
    clock = Clock(seconds)
    door = Noted(clock)
    devices = demo_devices(Device.objects.values_list("code", flat=True))
    with pytest.raises(StoppedError):
        Simulator(
            devices, door, clock=clock, rng=random.Random(3), scenario=SCENARIOS[name], count=count, speed=speed
        ).run()
    return {device.code: [(at, one) for at, one in door.sent if one["device"] == device.code] for device in devices}


def test_scenarios_do_what_they_say(fleet):
    fleet.cover.profile.metrics.create(metric="water_level", label="水位", high=1.2, clear=0.9, alarm="water_high")
    # tilt: one cover, half an hour
    tilted = [
        rows for rows in played("tilt", seconds=2400).values() if any(r[1].get("status") == "tilted" for r in rows)
    ]
    assert len(tilted) == 1
    times = [at for at, one in tilted[0] if one.get("status") == "tilted"]
    assert min(times) >= 10 and max(times) < 1800
    assert tilted[0][-1][1]["status"] == "normal"
    # overflow: fills to the brim, never falls
    fills = [one["metrics"]["fill"] for _at, one in played("overflow", seconds=2400, count=1)["TB-001"]]
    assert fills == sorted(fills) and fills[-1] == 1.0
    # storm: every sensor of water, up and down
    storm = played("storm", seconds=4000)
    for code in ("MC-001", "MC-900"):
        levels = [one["metrics"]["water_level"] for _at, one in storm[code]]
        assert max(levels) > 1.2 and levels[-1] < 0.9
    # offline: once, then nothing for an hour and a half
    silent = played("offline", seconds=7000, count=3)
    for rows in silent.values():
        assert [at for at, _one in rows if 1 < at < 5400] == []
        assert rows[-1][0] > 5400
    # chatter: the device's word and its own normal in turn
    noisy = max(played("chatter", seconds=300).values(), key=len)
    assert len(noisy) >= 25
    assert {said["status"] for _at, said in noisy[1::2]} == {"normal"}
    assert len({said["status"] for _at, said in noisy[::2]} - {"normal"}) == 1


def test_a_camera_tells_what_it_sees_with_pictures(fleet, keys, tmp_path):
    # given a profile of video, and the scenario of cameras
    DeviceProfile.objects.filter(pk=fleet.cover.profile_id).update(case_source="video")
    devices = [one for one in demo_devices(keys) if one.profile.case_source == "video"]
    clock = Clock(300)
    door = Door(the_server(), keys, clock.wait)
    # when it is played through the real door
    with pytest.raises(StoppedError):
        Simulator(devices, door, clock=clock, rng=random.Random(2), scenario=SCENARIOS["camera"]).run()
    # then what it saw is an alarm with its picture, stored once for what goes on
    alarm = Alarm.objects.get()
    (picture,) = attachments_of(alarm.case or alarm)
    assert picture.content_type == "image/jpeg"
    with picture.file.open() as kept, Image.open(kept) as image:
        assert image.size == SIZE
    # and what cannot tell by pictures tells the word alone
    said = Life(devices[0], 0, trouble=devices[0].profile.statuses.exclude(code="offline").first()).message(
        random.Random(1)
    )
    assert "snapshot" in said
    line = mock.Mock(refused=False, answered=lambda _mid, _wait: True)
    quiet = MqttDoor(options(1883), keys, clock.wait)
    quiet._lines[said["device"]] = line
    assert quiet.send(said)
    assert "snapshot" not in json.loads(line.client.publish.call_args.args[1])


def test_speed_does_not_end_a_silence_before_it_is_found(fleet):
    # when life goes sixty times as fast, then devices are silent for an hour and a half all the same
    fast = played("offline", seconds=5000, count=3, speed=60)
    assert {len(said) for said in fast.values()} == {1}


def test_speed_makes_life_faster(fleet):
    slow, fast = played("chatter", seconds=300), played("chatter", seconds=30, speed=10)
    assert max(map(len, fast.values())) >= max(map(len, slow.values())) * 0.8


def test_a_scenario_with_too_few_devices_says_so(demo, monkeypatch):
    monkeypatch.setattr(simulate, "connection", mock.Mock())  # it lets go of the database, which the test needs
    for given, told in [
        ({"scenario": "storm"}, "需要 1 台设备；.* 0 台"), ({"scenario": "tilt", "count": 9}, "需要 9 台设备；.* 2 台"),
        ({"scenario": "flood"}, "--scenario: “flood”"), ({"via": "fax"}, "--via: “fax”"), ({"speed": 0}, "--speed"),
        ({"minutes": -1}, "--for"), ({"to": ["AQ-1"]}, "--to goes with"), ({"count": 2}, "--count goes with"),
        ({"via": "mqtt"}, "MQTT_URL"), ({"replay": ["x.csv"], "scenario": "tilt"}, "has no --scenario"),
    ]:  # fmt: skip
        with pytest.raises(CommandError, match=told):
            call_command("simulate", **given)
    assert not Reading.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_device_speaks_to_a_real_broker(tmp_path):
    broker = broker_of("amqtt", tmp_path)
    heard = []
    try:
        with MqttDoor(options(broker.port), {"MC-001": "key"}, lambda _seconds: False) as door:
            listener = Client(CallbackAPIVersion.VERSION2)
            listener.on_message = lambda _client, _data, message: heard.append((message.topic, message.payload))
            listener.connect("127.0.0.1", broker.port)
            listener.subscribe("jiceng/v1/+/readings", 1)
            until = time.monotonic() + 20
            listener.loop_start()
            while not heard and time.monotonic() < until:
                assert door.send({"device": "MC-001", "metrics": {"tilt": 1}})
                time.sleep(0.1)
            listener.loop_stop()
    finally:
        broker.stop()
    assert heard[0][0] == "jiceng/v1/MC-001/readings"
    assert json.loads(heard[0][1])["metrics"] == {"tilt": 1}
