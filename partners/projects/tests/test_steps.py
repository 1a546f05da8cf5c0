"""Every step of projects, claims and evaluations by every role: service, administration and API; a denial changes
nothing."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import NotPermitted
from governance.events import registered
from governance.scoping import grant_for
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import act, steps_of
from partners.models import Claim, Evaluation, Project

pytestmark = pytest.mark.django_db
RUNNING, OWN, NOBODY = {"manager", "manager2", "staff"}, {"lawyer"}, set()
ROLES = ("manager", "manager2", "staff", "elsewhere", "administrator", "operations_centre", "grid_worker", "lawyer",
         "baker", "judge", "resident1", "shopkeeper", "stranger")  # fmt: skip
WHY, DONE = {"reason": "经费调整"}, {"report": "办完六期", "served": 60, "sessions": 6}
# Step: by whom, from which state. ``quiet`` ones are carried out by services and processes; no door has them.
PROJECT = {
    "change": (RUNNING, "planned", {}), "publish": (RUNNING, "planned", {}),
    "open_claims": (RUNNING, "published", {}), "lapse": (NOBODY, "claiming", {}),
    "end_claims": (NOBODY, "claiming", {}), "conclude": (RUNNING, "claiming", {}),
    "begin": (RUNNING, "awarded", {}), "deliver": (NOBODY, "under_way", {}), "evaluate": (RUNNING, "delivered", {}),
    "close": (RUNNING, "evaluated", {}), "reopen": (RUNNING, "closed", WHY), "reevaluate": (RUNNING, "evaluated", WHY),
    "terminate": (RUNNING, "under_way", WHY),
}  # fmt: skip
CLAIM = {
    "award": (RUNNING, "submitted", {}), "decline": (RUNNING, "submitted", WHY), "withdraw": (OWN, "submitted", {}),
    "deliver": (RUNNING | OWN, "awarded", DONE), "quit": (OWN, "awarded", WHY), "dismiss": (RUNNING, "awarded", WHY),
}  # fmt: skip
EVALUATION = {"answer": ({"judge"}, "invited", {}), "revoke": (RUNNING, "invited", {})}
TABLES = {
    "projects": (Project, PROJECT), "projects/claims": (Claim, CLAIM), "projects/evaluations": (Evaluation, EVALUATION)
}  # fmt: skip


def test_the_tables_name_every_step_and_the_steps_are_complete():
    for model, table in TABLES.values():
        assert set(steps_of(model)) == set(table), model
        assert_steps_are_complete(model)
        assert {step.event for step in steps_of(model).values()} <= set(registered())


def made(works, model, name: str, state: str):
    """Return an object in the state that the step begins in."""
    if model is Claim:
        return works.claim(works.claiming()) if state == "submitted" else works.under_way()
    if model is Evaluation:
        return works.invite(works.delivered().project, "third", "judge")
    if name == "conclude":
        project = works.claiming(most_claims=2, exclusive=False)
        works.step(works.claim(project), "award")
        return works.fresh(project)
    project = works.in_state(state)
    if name == "evaluate":
        works.asked(project)
    return project


def given_of(name: str, given: dict) -> tuple[dict, dict]:
    """Return what the service is given, and what the doors are."""
    until = timezone.now() + timedelta(days=3)
    if name == "publish":
        return {"claim_until": until}, {"claim_until": f"{timezone.localtime(until):%Y-%m-%d %H:%M}"}
    return given, given


def press(user, row, address: str, name: str, given: dict, door: str):
    """Carry a step out through a door; return the answer."""
    if door == "api":
        return client_of(user).post(f"/api/v1/{address}/{row.pk}/transitions/{name}/", given, format="json")
    client = Client()
    client.force_login(user, backend="governance.permissions.PersonBackend")
    return client.post(reverse(f"admin:partners_{row._meta.model_name}_transition", args=[row.pk, name]), given)


@pytest.mark.parametrize(
    ("address", "name"), [(address, name) for address, (_model, table) in TABLES.items() for name in table]
)
def test_each_step_by_each_role_at_each_door(works, address, name):
    model, table = TABLES[address]
    may, state, given = table[name]
    row, step = made(works, model, name, state), steps_of(model)[name]
    assert row.state == state
    told, typed = given_of(name, given)
    fresh = model.objects.with_rows().get(pk=row.pk)
    assert {who for who in ROLES if grant_for(step.allow, fresh, works.user(who)) is not None} == may
    before = snapshot(row)
    for who in (who for who in ROLES if who not in may):
        # (what only processes do is told by them what to store; a person is refused before that is looked at)
        with pytest.raises((NotPermitted, TypeError) if step.quiet else NotPermitted), transaction.atomic():
            act(row, name, actor=works.user(who), **told)
        for door in ("api", "admin"):
            answer = press(works.user(who), row, address, name, typed, door)
            assert answer.status_code in (302, 403, 404), (who, door)
            assert snapshot(row) == before, (who, door)
    for who in sorted(may):
        for door in ("api", "admin") if who in RUNNING else ("api",):
            with transaction.atomic():
                answer = press(works.user(who), row, address, name, typed, door)
                if step.quiet:
                    assert answer.status_code in (403, 404) and snapshot(row) == before, (who, door)
                else:
                    assert answer.status_code == (200 if door == "api" else 302), (who, door, answer.content[-800:])
                    assert model.objects.get(pk=row.pk).version > row.version, (who, door)
                transaction.set_rollback(True)


def test_lists_agree_with_single_objects(works):
    works.evaluated()
    works.claim(works.claiming(), "baker")
    people = [works.user(who) for who in ROLES]
    for model in (Project, Claim, Evaluation):
        assert_relation_forms_agree(model.objects.with_rows(), people)
