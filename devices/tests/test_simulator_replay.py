"""Recorded air quality is played back into devices, as fast as they may send, and is stored as it was measured."""

import csv
import gzip
import json
import logging
from datetime import timedelta
from itertools import islice
from unittest import mock

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone, translation

from devices import replay
from devices.management.commands import simulate
from devices.models import Device, DeviceProfile, Reading
from devices.profile_rules import forget_rules
from devices.simulator import Door, StoppedError, TooManyError, demo_devices
from devices.tests.fleet import key_of
from devices.tests.simulated import WEB, Clock, Noted, Passing, the_server
from governance.errors import Invalid
from governance.exchange.tests.material import REAL

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


@pytest.fixture
def played(stations, demo, keys, monkeypatch):
    """The command's --replay into AQ-001, over HTTP into our web application; the profile lets it be quick."""
    monkeypatch.setattr(simulate, "connection", mock.Mock())  # it lets go of the database, which the test needs
    monkeypatch.setattr(simulate.signal, "signal", mock.Mock())
    profile = DeviceProfile.objects.get(code="air_quality")
    DeviceProfile.objects.filter(pk=profile.pk).update(most_per_minute=600_000)
    forget_rules()
    keys["AQ-001"] = key_of(Device.objects.get(code="AQ-001"))
    demo.write_text(json.dumps({"web": WEB, "device_keys": keys}))
    yield lambda path, **more: call_command("simulate", replay=[str(path)], to=["AQ-001"], speed=1e9, **more)
    forget_rules()


def stored(metric: str) -> list[float]:
    """Return what is stored of a metric of AQ-001, in the order in which it was sent."""
    rows = Reading.objects.filter(device__code="AQ-001", metric=metric)
    return list(rows.order_by("at").values_list("value", flat=True))


def packed(path, lines):
    with gzip.open(path, "wt") as file:
        file.writelines(lines)
    return path


def test_a_packed_file_is_stored_through_the_command_and_http(played, tmp_path, caplog):
    # given three hours of a station, in one of which PM10 was not measured
    path = packed(tmp_path / "air.csv.gz", [
        HEAD, '1,2013,3,1,0,6,18,5,7,800,88,0.1,1021,-18,0,"NW",4.4,"G"\n',
        '2,2013,3,1,1,7,NA,5,7,800,88,0.2,1021,-18,0,"NW",4.4,"G"\n',
        '3,2013,3,1,2,8,20,5,7,800,88,0.3,1021,-18,0,"NW",4.4,"G"\n',
    ])  # fmt: skip
    # when it is played
    with caplog.at_level(logging.INFO, "devices.simulator"):
        played(path)
    # then each figure is stored once, as news, and the real speed is said
    assert (stored("pm25"), stored("pm10"), stored("air_temperature")) == ([6, 7, 8], [18, 20], [0.1, 0.2, 0.3])
    device = Device.objects.get(code="AQ-001")
    assert (device.refused, device.clock_skewed, device.latest.get(metric="pm10").value) == (0, False, 20)
    assert "3 messages taken: 2.0 hours of the record" in caplog.text


@pytest.mark.skipif(not REAL.exists(), reason="shared/data is not here")
def test_the_record_of_a_real_station_is_stored_as_it_was_measured(played, tmp_path):
    # given the first hundred hours of Gucheng
    with gzip.open(REAL / "air_quality_Gucheng.csv.gz", "rt") as file:
        lines = list(islice(file, 101))
    rows = list(csv.DictReader(lines))
    # when they are played
    played(packed(tmp_path / "gucheng.csv.gz", lines))
    # then every figure that was measured is stored, in its order
    for column, metric in [("PM10", "pm10"), ("PM2.5", "pm25"), ("TEMP", "air_temperature"), ("WSPM", "wind_speed")]:
        assert stored(metric) == [float(row[column]) for row in rows if row[column] != "NA"], column


def hours(number):
    """Yield the rows of so many hours."""
    start = timezone.now().replace(tzinfo=None)
    for hour in range(number):
        yield replay.Row(start + timedelta(hours=hour), "AQ-001", {"pm10": float(hour)})


def test_it_is_played_no_faster_than_a_device_may_send_and_that_is_said(stations, caplog):
    # given a station that may send 60 messages a minute, as all may by default
    device = Device.objects.get(code="AQ-001")
    keys = {"AQ-001": key_of(device)}
    with time_machine.travel(timezone.now() + timedelta(seconds=1), tick=False) as traveller:
        clock = Passing(traveller)
        door = Door(the_server(), keys, clock.wait)
        # when ten times as many are asked for
        with caplog.at_level(logging.INFO, "devices.simulator"):
            speed = replay.allowed_speed(36_000, [device])
            assert replay.play([hours(150)], door.send, clock=clock, pause=door.pause, speed=speed) == 150
    # then none was one too many, and the speed it really had is said
    device.refresh_from_db()
    assert (device.refused, len(stored("pm10"))) == (0, 150)
    assert (speed, clock.now) == (3600, 149)
    assert "36000 times as fast would be too much" in caplog.text
    assert "149.0 hours of the record in 149.0 s, 3600 times as fast" in caplog.text


def test_what_was_one_too_many_all_the_same_comes_again(stations, caplog):
    # given a sender that does not keep the pace
    device = Device.objects.get(code="AQ-001")
    keys = {"AQ-001": key_of(device)}
    with time_machine.travel(timezone.now() + timedelta(seconds=1), tick=False) as traveller:
        clock = Passing(traveller)
        door = Door(the_server(), keys, clock.wait)
        with caplog.at_level(logging.INFO, "devices.simulator"):
            assert replay.play([hours(70)], door.send, clock=clock, pause=door.pause, speed=1e9) == 70
    # then it waited as the answers said, and lost nothing
    device.refresh_from_db()
    assert device.refused > 0 and len(stored("pm10")) == 70
    assert 8 <= clock.now <= 12
    assert "sends too much, again in" in caplog.text


def test_one_that_must_wait_keeps_no_other_waiting_and_its_own_order(stations):
    # given two stations of four hours each, of which one may not send its second message for seven seconds
    clock = Clock(float("inf"))
    door, start = Noted(clock), timezone.now().replace(tzinfo=None)

    def send(message):
        if message["device"] == "AQ-001" and message["metrics"]["pm10"] == 1 and clock() < 9:
            raise TooManyError(9 - clock())
        return door.send(message)

    rows = [[replay.Row(start + timedelta(hours=hour), code, {"pm10": float(hour)}) for hour in range(4)]
            for code in ("AQ-001", "AQ-002")]  # fmt: skip
    # when they are played, an hour in two seconds
    assert replay.play(rows, send, clock=clock, pause=door.pause, speed=1800) == 8
    # then the other one kept its times, and what had waited came after that, in its order
    sent = {code: [(at, said["metrics"]["pm10"]) for at, said in door.sent if said["device"] == code]
            for code in ("AQ-001", "AQ-002")}  # fmt: skip
    assert sent["AQ-002"] == [(0, 0), (2, 1), (4, 2), (6, 3)]
    assert sent["AQ-001"] == [(0, 0), (9, 1), (9, 2), (9, 3)]


def test_the_real_speed_is_said_when_it_is_stopped(caplog):
    clock = Clock(10)
    with caplog.at_level(logging.INFO, "devices.simulator"), pytest.raises(StoppedError):
        door = Noted(clock)
        replay.play([hours(100)], door.send, clock=clock, pause=door.pause, speed=1800)
    assert "5 messages taken: 4.0 hours of the record in 10.0 s, 1440 times as fast" in caplog.text
