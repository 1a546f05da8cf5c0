"""Two clerks at the same moment: real processes with connections of their own."""

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from conftest import build_city
from property.models import Ballot, BallotReading
from property.tests.neighbourhood import build_neighbourhood
from property.voting.tests.votes import voting

NUMBERS = 8
CLERK = """
import sys
import django
django.setup()
from governance.errors import Conflict
from governance.models import User
from property.models import Resolution
from property.voting.papers import ballot_read
resolution = Resolution.objects.with_rows().get(pk=int(sys.argv[1]))
clerk = User.objects.get(username=sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for number in range(1, int(sys.argv[3]) + 1):
    try:
        print(ballot_read(resolution, actor=clerk, number=number, choice="for").stage, flush=True)
    except Conflict as refusal:
        print(refusal.code, flush=True)
"""


def at_the_same_moment(resolution, clerks: list[str]) -> list[list[str]]:
    """Let each clerk read all papers in a process of its own, begun together; what each of their readings came to."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "governance.config.settings"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CLERK, str(resolution.pk), clerk, str(NUMBERS)], cwd=settings.BASE_DIR,
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for clerk in clerks
    ]  # fmt: skip
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate(timeout=60)[0].split() for process in processes]


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_two_clerks_enter_the_same_ballots_at_the_same_moment():
    # given a vote, and two people who begin with the same paper at once
    place = build_neighbourhood(build_city())
    resolution = voting(place)
    came = at_the_same_moment(resolution, ["organiser", "community_staff"])
    # then each ballot is one paper, read by the two, and complete
    assert sorted(stage for told in came for stage in told) == ["complete"] * NUMBERS + ["read_once"] * NUMBERS
    assert list(Ballot.objects.values_list("sheet", "stage")) == [(1, "complete")] * NUMBERS
    assert BallotReading.objects.values("read_by").distinct().count() == 2
