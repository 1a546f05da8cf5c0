"""What departments did not answer by their day is told to the county that asked; notes of one dispute; the phone."""

from datetime import date, datetime

import pytest
import time_machine

from cases.tests.api import client_of
from governance.clock import SHANGHAI
from mediation.joint.notes import note_write
from mediation.joint.suggestions import suggestions_for
from mediation.models import DepartmentTask, Dispute

pytestmark = pytest.mark.django_db
TASKS, LIST = "/api/v1/mediation/tasks/", "/admin/mediation/departmenttask/"
V, C = "village_mediator", "county_centre"


@pytest.fixture
def tasks(work):
    """A task two days overdue, one answered, one closed, one to be answered today; it is June 9."""
    dispute, made = work.raised("major"), {}
    for name, unit, day in (("late", "municipal", 7), ("answered", "municipal", 7), ("closed", "water", 7),
                            ("today", "water", 9)):  # fmt: skip
        made[name] = work.make_departmenttask(dispute, answer_by=date(2026, 6, day), units=[work.county.unit(unit)])
    work.step(made["answered"], "answer")
    work.step(made["closed"], "close")
    with time_machine.travel(datetime(2026, 6, 9, 9, 0, tzinfo=SHANGHAI), tick=False):
        yield made


def listed(client, **asked) -> dict:
    return {row["id"]: row["days_overdue"] for row in client.get(TASKS, asked).json()["results"]}


def test_overdue_answers_are_found_by_rest(work, tasks):
    county, late = client_of(work.user(C)), tasks["late"]
    assert listed(county) == {task.pk: 2 if task == late else 0 for task in tasks.values()}
    assert listed(county, overdue="true") == {late.pk: 2}
    assert late.pk not in listed(county, overdue="false") and len(listed(county, overdue="false")) == 3
    assert listed(county, unit="water", overdue="true") == {} and len(listed(county, unit="water")) == 2
    for wrong in ({"overdue": "perhaps"}, {"unit": "nowhere"}):
        assert county.get(TASKS, wrong).status_code == 400, wrong
    # a department finds its own, and nobody else any
    assert listed(client_of(work.user("joint_department")), overdue="true") == {late.pk: 2}
    assert listed(client_of(work.user("outside_joint_department")), overdue="true") == {}
    assert client_of(work.user("judges_clerk")).get(TASKS, {"overdue": "true"}).status_code == 403
    # asked again by another day it is overdue no longer; nor once answered
    work.step(late, "ask_again") if late.state == "overdue" else work.step(late, "answer")
    assert listed(county, overdue="true") == {}


def test_the_county_sees_them_first_and_by_a_filter(work, tasks):
    county, late = client_of(work.user(C)), tasks["late"]
    first = county.get("/admin/").content.decode()
    assert "逾期未答复" in first and f"{LIST}{late.pk}/change/" in first and "逾期2天" in first
    assert f"{LIST}{tasks['today'].pk}/change/" not in first
    shown = county.get(LIST, {"overdue": "yes"}).content.decode()
    assert f"{LIST}{late.pk}/change/" in shown and f"{LIST}{tasks['today'].pk}/change/" not in shown
    number = late.dispute.number
    assert f"{LIST}{late.pk}/change/" in county.get(LIST, {"dispute": number}).content.decode()
    for other in ("D000999", "x", "D" + "9" * 30):
        assert f"{LIST}{late.pk}/change/" not in county.get(LIST, {"dispute": other}).content.decode(), other
    # the list goes out with the days; others have no such list
    for key in ("joint_department", V, "administrator"):
        assert "逾期未答复" not in client_of(work.user(key)).get("/admin/").content.decode(), key
    # when the answer came, then the county is told of none
    DepartmentTask.objects.filter(pk=late.pk).update(state="closed", closed_at=late.asked_at)
    assert f"{LIST}{late.pk}/change/" not in county.get("/admin/").content.decode()


def test_notes_of_one_dispute_are_found_by_its_number(work):
    first, other = work.general(), work.general()
    notes = {row: note_write(row, actor=work.user(V), kind="record", text="双方到场") for row in (first, other)}
    client, page = client_of(work.user(V)), "/admin/mediation/mediationnote/"
    shown = client.get(page, {"dispute": first.number}).content.decode()
    assert f"{page}{notes[first].pk}/change/" in shown and f"{page}{notes[other].pk}/change/" not in shown
    told = client.get("/api/v1/mediation/notes/", {"dispute": first.pk}).json()["results"]
    assert [row["id"] for row in told] == [notes[first].pk]


def test_why_a_higher_tier_is_suggested_stands_on_the_phone(work):
    dispute = work.general()
    page = f"/m/disputes/{dispute.pk}/"
    assert "建议提级" not in client_of(work.user(V)).get(page).content.decode()
    Dispute.objects.filter(pk=dispute.pk).update(violence=True, people=9)
    reasons = suggestions_for(Dispute.objects.with_parties().get(pk=dispute.pk))
    told = client_of(work.user(V)).get(page).content.decode()
    assert [reason.code for reason in reasons] == ["people", "violence"]
    assert "建议提级" in told and all(reason.text in told for reason in reasons)
    assert f"/admin/mediation/escalationrequest/add/?dispute={dispute.number}" in told
    # an ended one is suggested nothing
    Dispute.objects.filter(pk=dispute.pk).update(state="terminated", ended_ground="no_agreement")
    assert "建议提级" not in client_of(work.user(V)).get(page).content.decode()
