"""The simulator: plausible traffic through the real door, back-off, and a way to stop."""

import json
import random
from io import StringIO

import httpx
import pytest
from django.core.management import CommandError, call_command

from cases.tests.api import client_of
from devices.management.commands import simulate
from devices.models import Alarm, Device, Reading
from devices.simulator import Door, Life, Simulator, StoppedError, demo_devices
from devices.tests.fleet import key_of

WEB = "http://127.0.0.1:8000"
CLIENT = httpx.Client


@pytest.fixture
def keys(fleet) -> dict[str, str]:
    return {device.code: key_of(device) for device in (fleet.cover, fleet.bin, fleet.far)}


def the_server() -> httpx.Client:
    """A client whose requests go through our whole web application."""

    def answer(request: httpx.Request) -> httpx.Response:
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
