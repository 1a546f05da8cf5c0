"""What a department answered before it was asked again, and what stood as a result before it was put right, is kept."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.workflow import act
from mediation.joint.tests.test_doors import ROLES
from mediation.models import DepartmentTask, Dispute, FormerAnswer, FormerResult, Track
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
C, J, P, T, V = "county_centre", "joint_department", "police_department", "township_mediator", "village_mediator"
FIRST = {"text": "管道由业主共同维修", "answer_by": "2026-06-07", "answered_by": J}


@pytest.fixture
def task(work, clock) -> DepartmentTask:
    """Answered, then asked again by another day."""
    row = work.make_departmenttask()
    row = work.step(row, "answer", answer=FIRST["text"])
    clock.move_to(NOW + timedelta(days=1))
    return work.step(row, "ask_again", answer_by=timezone.localdate() + timedelta(days=3))


def test_an_answer_stays_when_the_department_is_asked_again(work, task, clock):
    # given a first answer, and the same question by another day
    county, department = client_of(work.user(C)), client_of(work.user(J))
    address, page = f"/api/v1/mediation/tasks/{task.pk}/", f"/admin/mediation/departmenttask/{task.pk}/change/"
    told = county.get(address).json()
    assert (told["answer_text"], told["answered_at"], told["answer_by"]) == ("", None, "2026-06-06")
    # when the second answer comes, then the first stands below it, with its day, its author and its own deadline
    work.step(task, "answer", answer="公共部位由维修资金支出")
    for client in (county, department):
        told = client.get(address).json()
        (before,) = told["former_answers"]
        assert told["answer_text"] == "公共部位由维修资金支出" and before.pop("answered_at").startswith("2026-06-02")
        assert before == FIRST
        shown = client.get(page).content.decode()
        assert shown.index("公共部位由维修资金支出") < shown.index("以前的答复") < shown.index(FIRST["text"])
        assert "须于2026-06-07答复" in shown and f"{J}员" in shown
    # and where nothing came by the day, this is kept too
    clock.move_to(NOW + timedelta(days=2))
    row = work.step(DepartmentTask.objects.with_rows().get(pk=task.pk), "ask_again")
    DepartmentTask.objects.filter(pk=row.pk).update(state="overdue")
    work.step(DepartmentTask.objects.with_rows().get(pk=row.pk), "ask_again")
    assert [each["text"] for each in county.get(address).json()["former_answers"]] == [
        "", "公共部位由维修资金支出", FIRST["text"]]  # fmt: skip
    assert "未作答复" in county.get(page).content.decode()


def test_former_words_are_read_by_who_may_read_the_present_ones_and_by_nobody_else(work, task):
    track = work.in_state("track", "result")
    track = work.step(track, "correct", result="双方同意平分")
    for role in ROLES:
        user = work.user(role)
        for present, former, field in ((DepartmentTask, FormerAnswer, "task"), (Track, FormerResult, "track")):
            reads = present.objects.visible_to(user).values_list("pk", flat=True)
            assert set(former.objects.visible_to(user).values_list(f"{field}_id", flat=True)) == set(reads), role
    # a closed task is the department's no longer, and neither is what it answered
    work.step(task, "close", reason="已另行处理")
    assert not FormerAnswer.objects.visible_to(work.user(J)).exists()
    assert FormerAnswer.objects.visible_to(work.user(C)).count() == 1


@pytest.mark.parametrize("who", [P, T])
def test_a_result_stays_when_it_is_put_right(work, clock, who):
    # given a result that the organ handed in, then put right by the organ or by who leads
    row = work.in_state("track", "result")
    clock.move_to(NOW + timedelta(days=1))
    row = work.step(row, "correct", by=work.user(who), result="双方同意平分", document="调解书〔2026〕2号")
    clock.move_to(NOW + timedelta(days=2))
    work.step(row, "correct", by=work.user(P), result="各自修各自的", document="")
    # then both stand below the present one, each with number, day and author
    told = client_of(work.user(T)).get(f"/api/v1/mediation/tracks/{row.pk}/").json()
    second, first = told["former_results"]
    assert told["result"] == "各自修各自的"
    assert (first["result"], first["document"], first["given_by"]) == ("双方同意分担", "行政调解书〔2026〕1号", P)
    assert (second["result"], second["document"], second["given_by"]) == ("双方同意平分", "调解书〔2026〕2号", who)
    assert [each["given_at"][:10] for each in (first, second)] == ["2026-06-02", "2026-06-03"]
    for reader in (P, T, V):
        shown = client_of(work.user(reader)).get(f"/admin/mediation/track/{row.pk}/change/").content.decode()
        assert shown.index("各自修各自的") < shown.index("以前的调解结果") < shown.index("双方同意平分"), reader
        assert "行政调解书〔2026〕1号" in shown and "2026-06-02 10:00" in shown, reader


def test_what_is_refused_keeps_nothing(work, task):
    track = work.in_state("track", "result")
    with pytest.raises(Invalid):
        act(track, "correct", actor=work.user(P), result="双方同意平分", reason=" ")
    work.county.step(Dispute.objects.get(pk=track.dispute_id), "terminate", by=work.user(T))
    with pytest.raises(Conflict):
        act(Track.objects.with_rows().get(pk=track.pk), "correct", actor=work.user(T), result="x", reason="写错")
    with pytest.raises(Conflict):
        work.step(task, "ask_again")  # it is asked already
    assert not FormerResult.objects.exists() and FormerAnswer.objects.count() == 1


@pytest.mark.parametrize("model", [FormerAnswer, FormerResult], ids=["answer", "result"])
def test_they_are_never_rewritten(work, task, model):
    work.step(work.in_state("track", "result"), "correct")
    assert model.objects.exists()
    for change in (lambda: model.objects.update(at=timezone.now()), lambda: model.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
