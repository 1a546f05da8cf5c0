"""Two processes answer for one dwelling at the same moment: one answer."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from conftest import build_city
from governance.models import User
from partners.models import SurveyAnswer, SurveyAnswerSheet
from partners.surveys.tests.place import YES, build_place, lives_in

# Another process: reads who answers, and does it when told to; says the id of the sheet, or the code of the refusal.
CLERK = """
import json, sys, django
django.setup()
from governance.errors import Refused
from governance.models import User
from partners.models import Survey
from partners.surveys.answering import sheet_submit
told = json.loads(sys.stdin.readline())
survey, person = Survey.objects.get(pk=told["survey"]), User.objects.get(username=told["who"])
print("ready", flush=True)
sys.stdin.readline()
try:
    print(sheet_submit(survey, actor=person, answers=told["answers"]).pk, flush=True)
except Refused as error:
    print(error.code, flush=True)
"""


def at_once(*tasks) -> list[str]:
    """Let a process of its own carry out each task, all beginning at once; return what each was answered."""
    where = connection.get_connection_params()
    host = quote(where.get("host") or "", safe="")
    address = f"postgresql://{where.get('user', '')}@:{where.get('port') or 5432}/{where['dbname']}?host={host}"
    surroundings = {
        **os.environ, "DATABASE_URL": address, "PGPASSWORD": where.get("password") or "",
        "DJANGO_SETTINGS_MODULE": "governance.config.settings",
    }  # fmt: skip
    clerks = [
        subprocess.Popen([sys.executable, "-c", CLERK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                         env=surroundings, cwd=Path(__file__).parents[3])
        for _task in tasks
    ]  # fmt: skip
    for clerk, task in zip(clerks, tasks, strict=True):
        clerk.stdin.write(json.dumps(task) + "\n")
        clerk.stdin.flush()
    assert [clerk.stdout.readline() for clerk in clerks] == ["ready\n"] * len(tasks)
    for clerk in clerks:
        clerk.stdin.write("\n")
        clerk.stdin.flush()
    return [clerk.communicate(timeout=60)[0].strip() for clerk in clerks]


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_two_processes_give_a_dwelling_one_answer():
    # given a dwelling in which two people live
    place = build_place(build_city())
    spouse = User.objects.create_user("spouse", name="家人")
    lives_in(spouse, place.dwellings[0], "family")
    times = {"opens_at": None, "closes_at": timezone.now() + timedelta(days=5), "occurred_at": None}
    for replaceable in (False, True):
        survey = place.open(replaceable=replaceable, **times)
        task = {"survey": survey.pk, "answers": YES}
        # when both answer at the same moment
        answers = at_once(task | {"who": "owner0"}, task | {"who": "spouse"})
        # then there is one sheet with its three answers: the second is refused, or has taken the place of the first
        sheet = SurveyAnswerSheet.objects.get(survey=survey)
        assert sorted(answers) == sorted([str(sheet.pk), str(sheet.pk) if replaceable else "answered"])
        assert sheet.revision == (2 if replaceable else 1)
        assert SurveyAnswer.objects.filter(sheet=sheet).count() == 3
        # and, as no test's transaction is around it, each further step answers outside of one
        for name in ("close", "publish"):
            survey = place.step(survey, name)
