"""Many approvals at the same moment, by real processes: caps hold, and a record is approved once."""

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from conftest import build_city
from partners.earning.tests.house import build_house
from partners.ledger.audit import invariants_broken
from partners.models import Account, Earning, EarningRule

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
WORKER = """
import json
import sys
import django
django.setup()
from governance.errors import Refused
from governance.models import User
from partners.earning.records import record_approve
from partners.models import ServiceRecord

actor = User.objects.get(username=sys.argv[1])
print("ready", flush=True)
told = []
for pk in json.loads(sys.stdin.readline()):
    try:
        record_approve(ServiceRecord.objects.with_rows().get(pk=pk), actor=actor)
        told.append("done")
    except Refused as refusal:
        told.append(refusal.code)
print(json.dumps(told), flush=True)
"""
WORKERS = 6


def worker(name: str) -> subprocess.Popen:
    parts = urlsplit(os.environ["DATABASE_URL"])
    address = parts._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "governance.config.settings"}
    return subprocess.Popen([sys.executable, "-c", WORKER, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            text=True, env=environment, cwd=settings.BASE_DIR)  # fmt: skip


def raced(work: list[tuple[str, list[int]]]) -> list[str]:
    """Start a process each, let them all begin at the same moment, return what became of every approval."""
    running = [(worker(name), ids) for name, ids in work]
    for process, _ids in running:
        assert process.stdout.readline().strip() == "ready"
    for process, ids in running:
        process.stdin.write(json.dumps(ids) + "\n")
        process.stdin.flush()
    told = [json.loads(process.stdout.readline()) for process, _ids in running]
    for process, _ids in running:
        process.kill()  # it has said what it did
        process.communicate()
    return [one for line in told for one in line]


def test_caps_hold_however_many_approve_at_once_and_each_record_counts_once():
    # given 24 records of 10 points on one day, with a cap of 95 a day
    house = build_house(build_city())
    EarningRule.objects.create(kind=house.kinds["consultation"], area=house.area, points=10, day_cap=95,
                               valid_from="2026-01-01")  # fmt: skip
    rows = [house.record().pk for _number in range(24)]
    # when six processes approve all of them at the same moment, in different orders
    names = ["h-manager", "h-manager2", "community_staff"] * 2
    told = raced([(name, rows[turn * 4 :] + rows[: turn * 4]) for turn, name in enumerate(names)])
    # then each was approved once, and the day has exactly its cap
    assert told.count("done") == len(rows)
    assert set(told) == {"done", "conflict"}
    assert Account.objects.get(pk=house.partners["lawyer"].account_id).available == 95
    assert sum(Earning.objects.values_list("points", flat=True)) == 95
    assert not invariants_broken()
