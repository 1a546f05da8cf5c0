"""Every step of credit files by every role: through the service, the administration and the API; a denial changes
nothing."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from cases.tests.api import client_of
from governance.errors import NotPermitted
from governance.events import registered
from governance.scoping import grant_for
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import act, steps_of
from partners.credit.tests.files import YESTERDAY, make_formula
from partners.models import CreditAppeal, CreditCandidate, CreditFormula, CreditList, CreditNote

pytestmark = pytest.mark.django_db
RUNNING, OWN, NOBODY = {"manager", "manager2", "staff"}, {"lawyer"}, set()
ROLES = ("lawyer", "baker", "resident", "shopkeeper", "grid_worker", "elsewhere", "operations_centre", "administrator",
         "manager", "manager2", "staff", "stranger")  # fmt: skip
WHY = {"reason": "已核实"}
# Step: by whom, from which state, with what. A fact is recorded by ``manager``, so another one decides its appeal.
FORMULA = {
    "put_in_force": (RUNNING | {"administrator"}, "draft", {}),
    "replace": (RUNNING | {"administrator"}, "in_force", {"valid_to": None}),
}
NOTE = {"tell": (RUNNING, "recorded", {}), "answer": (OWN, "told", WHY), "annul": (RUNNING, "told", WHY)}
APPEAL = {
    "uphold": (RUNNING, "open", WHY), "decline": (RUNNING, "open", WHY), "withdraw": (OWN, "open", {}),
    "remind": (NOBODY, "open", {}),
}  # fmt: skip
LIST = {"publish": (RUNNING, "deciding", {}), "withdraw": (RUNNING, "deciding", WHY)}
CANDIDATE = {
    "choose": (RUNNING, "proposed", WHY), "pass_over": (RUNNING, "proposed", WHY), "reopen": (RUNNING, "chosen", WHY)
}  # fmt: skip
TABLES = {
    "formulas": (CreditFormula, FORMULA), "notes": (CreditNote, NOTE), "appeals": (CreditAppeal, APPEAL),
    "lists": (CreditList, LIST), "candidates": (CreditCandidate, CANDIDATE),
}  # fmt: skip
# Who may by the rule, and is refused by what it is about.
RECORDER = {("appeals", "uphold"): {"manager"}, ("appeals", "decline"): {"manager"}}


def test_the_tables_name_every_step_and_the_steps_are_complete():
    for model, table in TABLES.values():
        assert set(steps_of(model)) == set(table), model
        assert_steps_are_complete(model)
        assert {step.event for step in steps_of(model).values()} <= set(registered())


def made(files, model, name: str):
    """Return an object in the state that the step begins in."""
    if model is CreditFormula:
        row = make_formula(files.house.area, "step")
        return row if name == "put_in_force" else act(row, "put_in_force", actor=files.user("staff"))
    if model is CreditNote:
        return files.untold() if name == "tell" else files.note()
    if model is CreditAppeal:
        return files.appeal()
    files.profile()
    row = files.list()
    candidate = row.candidates.get()
    if name in ("publish", "reopen"):
        candidate = act(candidate, "choose", actor=files.user("staff"), reason="会议通过")
    return row if model is CreditList else candidate


def press(user, row, address: str, name: str, given: dict, door: str):
    """Carry a step out through a door; return the answer."""
    if door == "api":
        url = f"/api/v1/credit/{address}/{row.pk}/transitions/{name}/"
        return client_of(user).post(url, given, format="json")
    client = Client()
    client.force_login(user, backend="governance.permissions.PersonBackend")
    if isinstance(row, CreditFormula):
        return client.post(reverse("admin:partners_creditformula_in_force", args=[row.pk]))
    return client.post(reverse(f"admin:partners_{row._meta.model_name}_transition", args=[row.pk, name]), given)


@pytest.mark.parametrize(
    ("address", "name"), [(address, name) for address, (_model, table) in TABLES.items() for name in table]
)
def test_each_step_by_each_role_at_each_door(files, address, name):
    model, table = TABLES[address]
    may, state, given = table[name]
    if "valid_to" in given:
        given = {"valid_to": files.formula.valid_from + YESTERDAY}
    row, step = made(files, model, name), steps_of(model)[name]
    assert row.state == state
    fresh = model.objects.with_rows().get(pk=row.pk)
    assert {who for who in ROLES if grant_for(step.allow, fresh, files.user(who)) is not None} == may
    allowed, before = may - RECORDER.get((address, name), set()), snapshot(row)
    for who in (who for who in ROLES if who not in allowed):
        with pytest.raises(NotPermitted), transaction.atomic():
            act(row, name, actor=files.user(who), **given)
        for door in ("api", "admin"):
            answer = press(files.user(who), row, address, name, {} if step.quiet else given, door)
            assert answer.status_code in (302, 403, 404, 409), (who, door)
            assert snapshot(row) == before, (who, door)
    if step.quiet:
        for who in ("manager", "administrator"):  # nobody's button
            assert press(files.user(who), row, address, name, {}, "api").status_code in (403, 404)
        assert snapshot(row) == before
        return
    for who in sorted(allowed):
        for door in ("api", "admin") if who not in OWN else ("api",):
            block = transaction.atomic()
            with block:
                answer = press(files.user(who), row, address, name, given, door)
                assert answer.status_code == (200 if door == "api" else 302), (who, door, answer.content[-800:])
                assert model.objects.get(pk=row.pk).version > row.version, (who, door)
                transaction.set_rollback(True)


def test_lists_agree_with_single_objects(files):
    files.appeal()
    files.profile()
    files.list()
    people = [files.user(who) for who in ROLES]
    for model in (CreditFormula, CreditNote, CreditAppeal, CreditList, CreditCandidate):
        assert_relation_forms_agree(model.objects.with_rows(), people)
