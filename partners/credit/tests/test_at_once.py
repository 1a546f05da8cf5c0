"""Computing at the same moment, by real processes: one file, one computation."""

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from conftest import build_city
from governance.workflow import act
from partners.credit.tests.files import build_files
from partners.earning.records import record_approve
from partners.models import CreditComputation, CreditNote, CreditProfile

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
WORKER = """
import json
import sys
import django
django.setup()
from datetime import date
from django.utils import timezone
from governance.models import User
from partners.credit.computing import profile_compute
from partners.credit.notes import notes_from_facts
from partners.models import Partner

clock = User.objects.system("timers")
print("ready", flush=True)
partner = Partner.objects.with_rows().get(pk=json.loads(sys.stdin.readline()))
today = timezone.localdate()
notes = notes_from_facts(partner, date(today.year, 1, 1), today, actor=clock)
print(json.dumps([len(notes), profile_compute(partner, today.year, actor=clock).current.number]), flush=True)
"""


def worker() -> subprocess.Popen:
    parts = urlsplit(os.environ["DATABASE_URL"])
    address = parts._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "governance.config.settings"}
    return subprocess.Popen([sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            text=True, env=environment, cwd=settings.BASE_DIR)  # fmt: skip


def test_those_who_compute_at_once_make_one():
    # given a partner with a service, and one whose approval was reversed: a fact to be told
    files = build_files(build_city())
    files.work(2)
    record = files.house.record()

    act(record_approve(record, actor=files.user("manager2")), "reverse", actor=files.user("manager"), reason="查无此事")
    running = [worker() for _number in range(3)]
    for process in running:
        assert process.stdout.readline().strip() == "ready"
    # when three processes compute its file at the same moment
    for process in running:
        process.stdin.write(f"{files.partner().pk}\n")
        process.stdin.flush()
    told = [json.loads(process.stdout.readline()) for process in running]
    for process in running:
        process.communicate(timeout=20)
    # then there is one note, one file, one computation
    assert sum(notes for notes, _number in told) == 1
    assert {number for _notes, number in told} == {1}
    assert (CreditNote.objects.count(), CreditProfile.objects.count(), CreditComputation.objects.count()) == (1, 1, 1)
