"""Contract tests every app's workflow and scope must pass; and programs that run at the same moment."""

import json
import os
import subprocess
import sys
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from governance.models import Event
from governance.scoping import grant_for, grants_of, visible_q
from governance.workflow import steps_of


def assert_relation_forms_agree(queryset, users) -> None:
    """Check that list and single-object forms of a model's visibility rule give the same rows to each user."""
    rows = list(queryset.all())
    rule = queryset.VISIBLE if hasattr(queryset, "VISIBLE") else queryset.all().VISIBLE
    for user in users:
        found = visible_q(rule, user)
        listed = set(queryset.filter(found).values_list("pk", flat=True)) if found is not None else set()
        held = {row.pk for row in rows if grant_for(rule, row, user) is not None}
        assert listed == held, f"{user}: list shows {listed}, objects say {held} ({grants_of(user)})"


def assert_steps_are_complete(model) -> None:
    """Check that every step leads between known states, has a label, a registered event, and somebody who may."""
    states = {value for value, _ in model._meta.get_field("state").flatchoices}
    for step in steps_of(model).values():
        assert set(step.sources) <= states, step.name
        assert step.target is None or step.target in states, step.name
        assert step.allow, f"{step.name}: nobody may"
        assert str(step.label), step.name
        assert step.reason or not step.backward, f"{step.name}: a backward step needs a reason"


def snapshot(obj) -> dict:
    """Return everything a denial must leave alone: the object's columns and how many events there are about it."""
    fresh = type(obj)._default_manager.get(pk=obj.pk)
    columns = {field.attname: getattr(fresh, field.attname) for field in fresh._meta.concrete_fields}
    events = Event.objects.filter(subject_type=obj._meta.label_lower, subject_id=obj.pk).count()
    return columns | {"_events": events}


def processes_at_once(program: str, *todo, timeout: float = 120) -> list:
    """Let a process of its own run ``program`` for each of ``todo``, all beginning at once; return what each answered.

    A program has Django's settings and the database of the test. It reads its share, a line of JSON, prints "ready",
    waits for another line, and prints its answer as a line of JSON.
    """
    where = connection.get_connection_params()
    host = quote(where.get("host") or "", safe="")
    address = f"postgresql://{where.get('user', '')}@:{where.get('port') or 5432}/{where['dbname']}?host={host}"
    surroundings = {
        **os.environ, "DATABASE_URL": address, "PGPASSWORD": where.get("password") or "",
        "DJANGO_SETTINGS_MODULE": "governance.config.settings",
    }  # fmt: skip
    workers = [
        subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                         env=surroundings, cwd=settings.BASE_DIR)
        for _share in todo
    ]  # fmt: skip
    for worker, share in zip(workers, todo, strict=True):
        worker.stdin.write(json.dumps(share) + "\n")
        worker.stdin.flush()
    assert [worker.stdout.readline() for worker in workers] == ["ready\n"] * len(todo)
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    return [json.loads(worker.communicate(timeout=timeout)[0]) for worker in workers]
