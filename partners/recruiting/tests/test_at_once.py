"""Many at the same moment: real processes with connections of their own."""

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection

from conftest import build_city
from governance.models import User
from partners.models import OfferPlace, Partner
from partners.recruiting.tests.desk import build_desk, credit_code

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
WORKER = """
import json
import multiprocessing
import sys
import django
django.setup()
from governance.errors import Conflict
from governance.models import Area, User
from partners.models import OfferSlot
from partners.recruiting.joining import partner_apply
from partners.recruiting.slots import place_take

def act(told):
    person = User.objects.get(username=told["by"])
    try:
        if "slot" in told:
            place_take(OfferSlot.objects.get(pk=told["slot"]), actor=person)
        else:
            partner_apply(actor=person, area=Area.objects.get(pk=told["area"]), kind="resource", name="银行",
                          credit_code=told["code"])
    except Conflict as refusal:
        return refusal.code
    return "done"

def work(line):
    while (told := line.recv()) is not None:
        line.send(act(told))

context, lines = multiprocessing.get_context("fork"), []
for _ in range(8):
    mine, other = context.Pipe()
    context.Process(target=work, args=(other,), daemon=True).start()
    other.close()
    lines.append(mine)
asked = json.loads(sys.stdin.readline())
for line, told in zip(lines, asked):
    line.send(told)
print(json.dumps([line.recv() for line, _told in zip(lines, asked)]), flush=True)
"""


def at_once(asked: list[dict]) -> list[str]:
    """Let eight processes each do one thing at the same moment; return what came of each."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"]).geturl()
    env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "governance.config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", WORKER], input=json.dumps(asked) + "\n", env=env, cwd=settings.BASE_DIR,
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_places_are_given_once_to_processes_that_ask_at_the_same_moment():
    # given a date with three places, and eight people
    desk = build_desk(build_city())
    slot = desk.slot(desk.offer(desk.active("banker"), capacity=3))
    password = make_password(None)
    users = User.objects.bulk_create(User(username=f"g{n}", name=f"居民{n}", password=password) for n in range(8))
    # when all ask at once
    answers = at_once([{"slot": slot.pk, "by": user.username} for user in users])
    # then three have one, and no more
    assert sorted(answers) == ["done"] * 3 + ["full"] * 5
    slot.refresh_from_db()
    assert slot.taken == OfferPlace.objects.filter(slot=slot, state="taken").count() == 3


def test_one_organisation_applies_once_however_many_people_send_it():
    desk = build_desk(build_city())
    names = [desk.people[name].username for name in ("banker", "clerk", "lawyer", "student", "stranger", "gymnast")]
    answers = at_once([{"area": desk.area.pk, "code": credit_code(9), "by": name} for name in names])
    assert sorted(answers) == ["done"] + ["open"] * 5
    assert Partner.objects.count() == 1
