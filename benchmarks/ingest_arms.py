"""The arms of ``make bench-ingest``. Import it after ``django.setup``."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import psycopg
import uvloop
from django.db import connection

from benchmarks import city, ingest_floor, ingest_mqtt, ingest_ogc, ingest_zabbix, peers
from benchmarks.ingest_afresh import Outcome, empty, newest_event, outcome
from cases.models import CaseCategory
from devices.keys import key_issue
from devices.models import Device, DeviceProfile, Gateway, ProfileMetric, ProfileStatus, Reading
from devices.partitions import partitions_ensure
from governance.models import User

BATCH = 125
SPAN = 50  # rounds between the transitions of every device
PATH = "/api/v1/devices/readings/"
# The messages of an arm are a second apart and end about now, as those of devices do: what is an hour old is history.
LASTING = timedelta(minutes=6)


@dataclass
class Work:
    """What every arm sends: codes and ids of the devices, and the key of their gateway."""

    codes: list[str]
    ids: list[int]
    key: str
    begun: datetime | None = None
    rounds_done: int = 0

    def start(self) -> None:
        """Begin an arm: on empty tables, with messages of the last minutes, all of one hour."""
        empty(self.ids)
        _wait_for_the_hour()
        self.begun, self.rounds_done = datetime.now(UTC) - LASTING, 0
        partitions_ensure(now=self.begun)

    def due(self) -> Outcome:
        """Return what the rounds of the arm have to leave behind."""
        turns = [number // SPAN % 2 for number in range(SPAN, self.rounds_done, SPAN)]
        raised, cleared = turns.count(1), turns.count(0)
        return Outcome(raised=raised * len(self.codes), cleared=cleared * len(self.codes))

    def rounds(self, count: int) -> list[tuple[datetime, bool]]:
        """Return (time, abnormal) of the next rounds; no two rounds of an arm have the same time."""
        first = self.rounds_done
        self.rounds_done += count
        return [(self.begun + timedelta(seconds=number), (number // SPAN) % 2 == 1)
                for number in range(first, first + count)]  # fmt: skip


def prepare(devices: int) -> Work:
    """Make the devices: a profile that opens no case, behind a gateway of their own."""
    city.load()
    model = Device.objects.filter(code__startswith="MC-").order_by("code").first()
    profile = DeviceProfile.objects.create(code="bench", name="bench", category=CaseCategory.objects.first())
    ProfileStatus.objects.create(profile=profile, code="tilted", label="tilted", opens_case=False)
    ProfileMetric.objects.create(profile=profile, metric="tilt", label="tilt", high=15, clear=10, alarm="tilted")
    gateway = Gateway.objects.create(code="BENCH-INGEST", name="bench", area=model.area)
    Device.objects.bulk_create(
        Device(
            code=f"B-{number:05}", name="bench", profile=profile, area=model.area, longitude=model.longitude,
            latitude=model.latitude, unit=model.unit, gateway=gateway,
        )
        for number in range(devices)
    )  # fmt: skip
    rows = list(Device.objects.filter(gateway=gateway).order_by("code").values_list("code", "pk"))
    key = key_issue(gateway, actor=User.objects.system("devices"))[1]
    return Work([code for code, _pk in rows], [pk for _code, pk in rows], key)


def _wait_for_the_hour() -> None:
    """Wait until all messages are of one hour: what comes in for an earlier one is rolled up anew meanwhile."""
    now = datetime.now(UTC)
    left = now.replace(minute=0, second=0, microsecond=0) + LASTING - now
    if left > timedelta():
        print(f"waiting {left.total_seconds():.0f} s: the messages would be of two hours", flush=True)
        time.sleep(left.total_seconds())


def message(code: str, at: str, abnormal: bool, number: int) -> dict:
    """Return one message of two figures."""
    return {"device": code, "at": at, "metrics": {"tilt": 20.0 if abnormal else 1.0 + number % 7, "battery": 90.0}}


def batches(work: Work, messages: int, size: int) -> list[bytes]:
    """Return request bodies of ``size`` messages, in the order of their times."""
    bodies = []
    for at, abnormal in work.rounds(-(-messages // len(work.codes))):
        moment = at.isoformat()
        rows = [message(code, moment, abnormal, number) for number, code in enumerate(work.codes)]
        bodies += [json.dumps({"readings": rows[first : first + size]}).encode() for first in range(0, len(rows), size)]
    return bodies[: -(-messages // size)]


def run(name: str, work: Work, instance, *, messages: int, connections: int) -> dict:
    """Run one arm and return its figures: messages, rate, and for requests p50 and p99 of the durable answer.

    ``alarms`` and ``due``: alarms raised, and how many the messages raise. Raises ``peers.SkippedError`` when it cannot
    be run here, RuntimeError when an alarm of ours was lost.
    """
    work.start()
    if name == "copy":
        return _copy(work, messages)
    if name == "job":
        bodies = batches(work, messages, BATCH)
        seconds = ingest_floor.run(_parameters(), bodies, work)
        return {"messages": messages, "rate": messages / seconds}
    if peer := next((one for one in (ingest_ogc, ingest_zabbix) if name in one.ARMS), None):
        return peer.run(name, work, instance, messages=messages, connections=connections)
    size = BATCH if name == "http125" else 1
    since = newest_event()
    if name == "mqtt":
        found = ingest_mqtt.run(work, instance, messages=messages)
    else:
        found = _http(work, instance, batches(work, messages, size), messages, connections)
    left, due = outcome(since), work.due()
    if left != due:
        raise RuntimeError(f"{name}: {left} of the alarms, but {due} were due")
    return found | {"alarms": left.raised, "due": due.raised}


def _copy(work: Work, messages: int) -> dict:
    url = psycopg.conninfo.make_conninfo(**_parameters())
    rounds = work.rounds(-(-messages // len(work.ids)))
    start = time.perf_counter()
    with psycopg.connect(url) as raw, raw.cursor() as cursor:
        for at, _abnormal in rounds:
            for first in range(0, len(work.ids), BATCH):
                with cursor.copy("COPY devices_reading (device_id, metric, at, value, text, received_at) FROM STDIN "
                                 "(FORMAT BINARY)") as copy:  # fmt: skip
                    copy.set_types(["int8", "varchar", "timestamptz", "float8", "varchar", "timestamptz"])
                    for pk in work.ids[first : first + BATCH]:
                        copy.write_row((pk, "tilt", at, 1.0, "", at))
                        copy.write_row((pk, "battery", at, 90.0, "", at))
                raw.commit()
    return {"messages": messages, "rate": messages / (time.perf_counter() - start)}


def _parameters() -> dict:
    found = connection.get_connection_params()
    return {name: found[name] for name in ("dbname", "user", "host", "port", "password") if found.get(name)}


def _http(work: Work, instance, bodies: list[bytes], messages: int, connections: int) -> dict:
    address = urlsplit(instance.live_health)
    start = time.perf_counter()
    head = f"POST {PATH} HTTP/1.1\r\nAuthorization: Device {work.key}"
    waits = uvloop.run(peers.send((address.hostname, address.port), head, bodies, connections, _taken))
    while Reading.objects.count() < 2 * messages:
        time.sleep(0.01)
    return peers.figures(messages, time.perf_counter() - start, waits)


def _taken(status: bytes, answer: bytes) -> bool:
    return b" 202 " in status[:20] and b'"rejected":[]' in answer
