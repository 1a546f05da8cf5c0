"""Chattering and rain with two processes at once: one maintenance case, one case of the grid."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from cases.models import Case
from conftest import build_city
from devices.models import Alarm, AlarmStorm, DeviceProfile, ProfileStatus, Shelving
from devices.profile_rules import forget_rules
from devices.tests.fleet import at, build_fleet, message
from devices.tests.test_ingest_concurrent import at_once
from devices.tests.test_storms import bins

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = 1 / 60
# Another process: reads batches from its first line on, and stores them one after the other when told to.
SENDER = """
import json, sys, django
django.setup()
from datetime import datetime
from devices.ingest import readings_ingest
from devices.keys import Credential
told = json.loads(sys.stdin.readline())
print("ready", flush=True)
sys.stdin.readline()
for batch in told["batches"]:
    readings_ingest(credential=Credential(0, gateway_id=told["gateway"]), messages=batch,
                    received_at=datetime.fromisoformat(told["at"]))
print("done", flush=True)
"""


@pytest.fixture
def fleet():
    fleet = build_fleet(build_city())
    DeviceProfile.objects.update(chatter_category=fleet.city.category)
    ProfileStatus.objects.filter(code="full").update(storm_count=5)
    forget_rules()
    yield fleet
    forget_rules()


def in_processes(fleet, parts, moment):
    """Send the batches of each part from a process of its own, all beginning at once."""
    where = connection.get_connection_params()
    host = quote(where.get("host") or "", safe="")
    address = f"postgresql://{where.get('user', '')}@:{where.get('port') or 5432}/{where['dbname']}?host={host}"
    surroundings = {
        **os.environ, "DATABASE_URL": address, "PGPASSWORD": where.get("password") or "",
        "DJANGO_SETTINGS_MODULE": "governance.config.settings",
    }  # fmt: skip
    senders = [
        subprocess.Popen(
            [sys.executable, "-c", SENDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=surroundings, cwd=Path(__file__).parents[2],
        )
        for _part in parts
    ]  # fmt: skip
    for sender, batches in zip(senders, parts, strict=True):
        told = {"gateway": fleet.gateway.pk, "at": moment.isoformat(), "batches": batches}
        sender.stdin.write(json.dumps(told) + "\n")
        sender.stdin.flush()
    assert [sender.stdout.readline() for sender in senders] == ["ready\n"] * len(parts)
    for sender in senders:
        sender.stdin.write("\n")
        sender.stdin.flush()
    assert [sender.communicate(timeout=60)[0] for sender in senders] == ["done\n"] * len(parts)


def test_two_processes_open_one_case_of_each(fleet):
    # given rain over 40 bins, and a cover that flaps, told by two processes that take turns
    codes = bins(fleet, 40)
    flaps = [message(n * 2 * SECOND, status=("tilted", "normal")[n % 2]) for n in range(20)]
    parts = [
        [[message(n * SECOND, codes[n], status="full"), flaps[n // 2]] for n in range(half, 40, 2)] for half in (0, 1)
    ]
    # when both send at once
    in_processes(fleet, parts, at(1))
    # then the rain is one storm, and all later alarms belong to its case
    storm = AlarmStorm.objects.get()
    assert Alarm.objects.filter(alarm_type="full").count() == storm.alarms == 40
    assert Case.objects.filter(parent=storm.case).count() <= 4
    assert (
        Alarm.objects.filter(alarm_type="full").exclude(case=storm.case).exclude(case__parent=storm.case).count() == 0
    )
    # and the cover was shelved once, with one case for its owner
    assert Shelving.objects.get().chattering
    fleet.cover.refresh_from_db()
    known = {storm.case_id, fleet.cover.chatter_case_id, *Alarm.objects.values_list("case", flat=True)}
    assert set(Case.objects.values_list("pk", flat=True)) == known - {None}


def test_many_connections_mixed_neither_hang_nor_open_two(fleet):
    codes = bins(fleet, 30)
    lock, minute = threading.Lock(), [0.0]

    def send(number):
        with lock:
            minute[0] += 1
            now = minute[0] * SECOND
        word = "normal" if number % 3 == 2 else "full"
        messages = [
            message(now, codes[number % 30], status=word),
            message(now, codes[(number * 7) % 30], status="full"),
        ]
        return fleet.ingest(*messages[:: 1 if number % 2 else -1], received_at=at(now)).accepted

    at_once([lambda number=number: send(number) for number in range(90)])
    assert AlarmStorm.objects.filter(ended_at=None).count() == 1
    assert Case.objects.filter(origin__has_key="storm").count() == 1
    assert not Alarm.objects.filter(case__isnull=True, inhibited="", late=False).exists()
