"""Many at the same moment: real processes with connections of their own."""

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from conftest import build_city
from partners.models import Claim, Earning, ProjectOutcome
from partners.projects.tests.works import build_works

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
WORKER = """
import json
import multiprocessing
import sys
import django
django.setup()
from governance.errors import Conflict
from governance.models import User
from governance.workflow import act
from partners.models import Claim, Project

def work(line):
    while (told := line.recv()) is not None:
        person = User.objects.get(username=told["by"])
        model = Claim if told["step"] == "award" else Project
        try:
            act(model.objects.get(pk=told["pk"]), told["step"], actor=person)
            line.send("done")
        except Conflict as refusal:
            line.send("refused")

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


def test_an_exclusive_project_is_awarded_once_however_many_award_at_the_same_moment():
    # given one exclusive project claimed by two partners
    works = build_works(build_city())
    project = works.claiming()
    claims = [works.claim(project), works.claim(project, "baker")]
    # when eight award it at once, four each
    names = [works.user(name).username for name in ("manager", "manager2", "staff", "manager")]
    answers = at_once([{"step": "award", "pk": claims[n % 2].pk, "by": names[n % 4]} for n in range(8)])
    # then one has it
    assert sorted(answers) == ["done"] + ["refused"] * 7
    assert sorted(Claim.objects.values_list("state", flat=True)) == ["awarded", "declined"]


def test_a_project_is_paid_once_however_many_close_it_at_the_same_moment():
    works = build_works(build_city())
    claim = works.evaluated(5)
    name = works.user("manager").username
    answers = at_once([{"step": "close", "pk": claim.project_id, "by": name}] * 8)
    assert sorted(answers) == ["done"] + ["refused"] * 7
    assert (ProjectOutcome.objects.count(), Earning.objects.count(), works.house.points("lawyer")) == (1, 1, 50)
