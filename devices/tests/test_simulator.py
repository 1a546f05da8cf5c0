"""The simulator: plausible traffic through the real door, back-off, and a way to stop."""

import json
import random
import time
from io import StringIO
from unittest import mock

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from cases.tests.api import client_of
from devices import replay
from devices.management.commands import simulate
from devices.models import Alarm, Device, DeviceProfile, Reading
from devices.scenarios import SCENARIOS
from devices.simulator import Door, Life, Simulator, StoppedError, demo_devices
from devices.simulator_mqtt import MqttDoor
from devices.tests.brokers import broker_of, options
from devices.tests.fleet import key_of
from governance.errors import Invalid

WEB = "http://127.0.0.1:8000"
CLIENT = httpx.Client


@pytest.fixture
def keys(fleet) -> dict[str, str]:
    return {device.code: key_of(device) for device in (fleet.cover, fleet.bin, fleet.far)}


def the_server() -> httpx.Client:
    """A client whose requests go through our whole web application."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(client_of().get(request.url.path).status_code)
        headers = {"Authorization": request.headers["Authorization"]}
        found = client_of().post(request.url.path, request.content, content_type="application/json", headers=headers)
        return httpx.Response(found.status_code, content=found.content)

    return CLIENT(base_url=WEB, transport=httpx.MockTransport(answer))


class Clock:
    """Seconds that pass only when somebody waits; stops after ``until``."""

    def __init__(self, until: float):
        self.now, self.until, self.waits = 0.0, until, []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += seconds
        return self.now >= self.until


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


@pytest.fixture
def demo(settings, tmp_path, monkeypatch, keys):
    """``var/demo.json``, and requests of the command that reach our web application."""
    settings.VAR = tmp_path
    (tmp_path / "demo.json").write_text(json.dumps({"web": WEB, "device_keys": keys, "accounts": []}))
    monkeypatch.setattr(simulate.httpx, "Client", lambda **_options: the_server())
    return tmp_path / "demo.json"


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


class Noted:
    """A door that notes what is sent, with the seconds of its clock."""

    def __init__(self, clock):
        self.clock, self.sent = clock, []

    def send(self, message):
        self.sent.append((self.clock(), message))
        return True

    def pause(self, seconds):
        if self.clock.wait(seconds):
            raise StoppedError


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
    # chatter: either side of the limit in turn
    noisy = max(played("chatter", seconds=300).values(), key=len)
    assert len(noisy) >= 25


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


HEAD = "No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,DEWP,RAIN,wd,WSPM,station\n"


def record(tmp_path, text, name="air.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.fixture
def stations(fleet):
    profile = DeviceProfile.objects.create(code="air_quality", name="扬尘监测站", category=fleet.city.category)
    for code in ("AQ-001", "AQ-002"):
        Device.objects.create(
            code=code, name=code, profile=profile, area=fleet.city.grid, longitude=fleet.city.point[0],
            latitude=fleet.city.point[1], unit=fleet.city.municipal,
        )  # fmt: skip
    return demo_devices(["MC-001", "AQ-001", "AQ-002"])


def test_a_record_is_played_back_in_order_with_its_gaps_at_a_chosen_speed(stations, tmp_path):
    # given two stations; one measured nothing in the second hour
    one = record(tmp_path, HEAD + '1,2013,3,1,0,6,18,5,NA,800,88,0.1,1021,-18,0,"NW",4.4,"G"\n'
                 '2,2013,3,1,1,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,"NW",NA,"G"\n'
                 '3,2013,3,1,2,7,19,5,8,800,88,0.1,1021,-18,0,"NW",4.4,"G"\n', "one.csv")  # fmt: skip
    other = record(tmp_path, HEAD + '1,2013,3,1,1,50,60,5,8,800,88,0.1,1021,-18,0,"NW",4.4,"A"\n', "other.csv")
    clock = Clock(float("inf"))
    door = Noted(clock)
    files = replay.stations(stations, [one, other])
    assert files == {"AQ-001": one, "AQ-002": other}
    rows = [replay.rows_of(path, code) for code, path in files.items()]
    # when played an hour in two seconds
    assert replay.play(rows, door.send, clock=clock, pause=door.pause, speed=1800) == 3
    # then in time, and what was not measured is not sent
    assert [(at, said["device"], said["metrics"]["pm10"]) for at, said in door.sent] == [
        (0, "AQ-001", 18), (2, "AQ-002", 60), (4, "AQ-001", 19),
    ]  # fmt: skip
    assert "no2" not in door.sent[0][1]["metrics"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "has no column"),
        (HEAD + "1,2013,3,1,0,six,18,5,NA,800,88,0.1,1021,-18,0,NW,4,G\n", r"air.csv:2 \[PM2.5\] “six”"),
        (HEAD + "1,2013,13,1,0,6,18,5,NA,800,88,0.1,1021,-18,0,NW,4,G\n", "air.csv:2"),
    ],
)
def test_a_file_that_is_no_record_is_told_line_and_column(tmp_path, text, told):
    with translation.override("en"), pytest.raises(Invalid, match=told):
        list(replay.rows_of(record(tmp_path, text), "AQ-001"))


def test_what_a_replay_needs_is_said(stations, tmp_path):
    path = record(tmp_path, HEAD)
    with translation.override("en"):
        with pytest.raises(Invalid, match="3 files need as many devices .* AQ-001, AQ-002"):
            replay.stations(stations, [path] * 3)
        with pytest.raises(Invalid, match="MC-001"):
            replay.stations(stations, [path], ["MC-001"])
        with pytest.raises(Invalid, match="cannot be read"):
            list(replay.rows_of(tmp_path / "none.csv.gz", "AQ-001"))


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
