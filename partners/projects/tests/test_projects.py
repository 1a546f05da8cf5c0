"""The life of a project through its services: every step by every role, and what each leads to."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.configuration import configuration_rows_save
from governance.errors import Conflict, Invalid, NotPermitted, Refused
from governance.models import Appointment, Event, Role
from governance.timers import fire_past
from governance.workflow import act, steps_of
from partners.earning.deciding import earning_of
from partners.models import (
    Claim,
    Evaluation,
    Need,
    Partner,
    Project,
    ProjectOutcome,
    Qualification,
    QualificationKind,
    ServiceRecord,
)
from partners.projects.claiming import claim_submit
from partners.projects.fit import fit_of, partners_for, projects_for
from partners.projects.outcomes import outcomes_of
from partners.projects.running import CODES, project_sign_in, project_sign_out
from partners.projects.tasks import task_add

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
# Who is asked to do each step: those who may, and everybody else who must not.
ROLES = ("manager", "staff", "elsewhere", "lawyer", "baker", "judge", "resident1", "administrator", "stranger")
KEEPERS = ("manager", "staff")
PROJECT_STEPS = [
    ("planned", "publish", {}), ("published", "open_claims", {}), ("awarded", "begin", {}),
    ("delivered", "evaluate", {}), ("evaluated", "close", {}), ("closed", "reopen", {"reason": "复核"}),
    ("evaluated", "reevaluate", {"reason": "补充评估"}), ("planned", "terminate", {"reason": "取消"}),
    ("under_way", "terminate", {"reason": "取消"}),
]  # fmt: skip


def told(row) -> tuple:
    return type(row).objects.get(pk=row.pk).state, Event.objects.count()


def given_for(works, project, name, given):
    if name == "publish":
        return {"claim_until": timezone.now() + 3 * DAY}
    if name == "evaluate":
        works.asked(project)
    return given


@pytest.mark.parametrize(("state", "name", "given"), PROJECT_STEPS)
def test_each_step_of_a_project_is_taken_by_those_who_keep_it_and_nobody_else(works, state, name, given):
    project = works.in_state(state)
    given = given_for(works, project, name, given)
    for role in ROLES:
        if role in KEEPERS:
            continue
        before = told(project)
        with pytest.raises(NotPermitted):
            act(project, name, actor=works.user(role), **given)
        assert told(project) == before
    assert act(project, name, actor=works.user("staff"), **given).state != state or name == "publish"


@pytest.mark.parametrize(
    ("state", "name", "allowed", "given"),
    [
        ("submitted", "award", KEEPERS, {}), ("submitted", "decline", KEEPERS, {"reason": "方案不合"}),
        ("submitted", "withdraw", ("lawyer",), {}),
        ("awarded", "deliver", (*KEEPERS, "lawyer"), {"report": "完成", "served": 10, "sessions": 2}),
        ("awarded", "quit", ("lawyer",), {"reason": "无法继续"}),
        ("awarded", "dismiss", KEEPERS, {"reason": "未按计划"}),
    ],
)  # fmt: skip
def test_each_step_of_a_claim_by_each_role(works, state, name, allowed, given):
    claim = works.claim(works.claiming()) if state == "submitted" else works.under_way()
    for role in ROLES:
        if role in allowed:
            continue
        before = told(claim)
        with pytest.raises(NotPermitted):
            act(claim, name, actor=works.user(role), **given)
        assert told(claim) == before
    assert act(claim, name, actor=works.user(allowed[-1]), **given).state != state


def test_no_step_is_possible_from_a_state_that_is_none_of_its_sources(works):
    for state in ("planned", "claiming", "terminated"):
        project = works.in_state(state)
        for name, step in steps_of(Project).items():
            if state in step.sources or step.quiet:
                continue
            before = told(project)
            with pytest.raises(Refused):
                act(project, name, actor=works.user("manager"), reason="试", **(
                    {"claim_until": timezone.now() + DAY} if name == "publish" else {}
                ))  # fmt: skip
            assert told(project) == before


def test_a_project_of_a_need_runs_to_its_end_pays_once_and_solves_the_need(works):
    # given a project made of an adopted need, carried out and evaluated with full marks
    need = works.need()
    claim = works.evaluated(5, needs=[need])
    assert (claim.project.score, claim.project.grade.name) == (Decimal("100.00"), "优秀")
    # when it is closed
    works.step(claim.project, "close")
    # then the partner has its points once, with the outcome as evidence, and the need is solved
    outcome = ProjectOutcome.objects.get()
    assert (outcome.points, outcome.share, works.house.points("lawyer")) == (50, 100, 50)
    assert earning_of(outcome).points == 50
    assert Need.objects.get(pk=need.pk).state == "solved"
    with pytest.raises(Conflict):
        works.step(claim.project, "close")
    assert works.house.points("lawyer") == 50


def test_an_undone_closing_takes_points_back_and_closing_again_pays_by_the_new_result(works):
    claim = works.closed(4)  # 80 points of 100: 良好, 80 %
    assert works.house.points("lawyer") == 40
    works.step(claim.project, "reopen", reason="评估有误")
    assert works.house.points("lawyer") == 0
    works.step(claim.project, "close")
    assert works.house.points("lawyer") == 40
    rows = ProjectOutcome.objects.order_by("pk")
    assert [row.taken_back_at is None for row in rows] == [False, True]
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectOutcome.objects.create(claim=claim, area=claim.area, score=80, share=80)


def test_a_project_worth_nothing_pays_nothing(works):
    claim = works.closed(1)  # 20 of 100
    assert (claim.project.grade.name, works.house.points("lawyer")) == ("不合格", 0)


def test_a_missing_party_needs_a_reason_and_the_others_make_up_the_whole(works):
    claim = works.delivered()
    project = claim.project
    for party, person, mark in (("residents", "resident1", 5), ("staff", "manager2", 3)):
        works.answer(works.invite(project, party, person), person, mark)
    with pytest.raises(Invalid) as refusal:
        works.step(project, "evaluate")
    assert refusal.value.field == "missing_reason"
    done = works.step(project, "evaluate", missing_reason="第三方机构已撤销")
    # 100 x 40/70 + 60 x 30/70 = 82.857…
    assert (done.score, done.missing) == (Decimal("82.86"), ["third"])
    event = Event.objects.get(name="project.evaluated")
    assert event.remark.text == "第三方机构已撤销" and event.payload["missing"] == ["third"]


def test_who_has_a_stake_does_not_evaluate_and_who_belongs_to_no_party_is_not_asked(works):
    claim = works.delivered()
    project = claim.project
    for party, person, code in (
        ("residents", "lawyer", "interest"), ("residents", "stranger", "invalid"), ("staff", "resident1", "invalid"),
        ("third", "resident1", "invalid"), ("staff", "elsewhere", "invalid"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            works.invite(project, party, person)
        assert refusal.value.code in (code, "invalid")
    row = works.invite(project, "residents", "resident1")
    with pytest.raises(Conflict):
        works.invite(project, "residents", "resident1")
    for other in ("resident2", "lawyer", "manager"):
        with pytest.raises(NotPermitted):
            works.answer(row, other)
    works.answer(row, "resident1")
    with pytest.raises(Conflict):
        works.answer(row, "resident1", 1)
    assert Evaluation.objects.get().marks.count() == 2


def test_a_third_party_that_wanted_the_project_does_not_judge_it(works):
    claim = works.delivered("baker")

    Appointment.objects.create(user=works.user("stranger"), unit=works.house.city.units["bakery"],
                               role=Role.EVALUATOR, area=works.area, valid_from=timezone.localdate() - DAY)  # fmt: skip
    with pytest.raises(Conflict) as refusal:
        works.invite(claim.project, "third", "stranger")
    assert refusal.value.code == "interest"


@pytest.mark.parametrize(
    ("plan", "code"),
    [({"partner_kinds": ["resource"]}, "kind"), ({"partner_kinds": ["volunteer", "resource"]}, "kind")],
)
def test_a_claim_of_a_partner_that_does_not_fit_is_refused(works, plan, code):
    project = works.claiming(**plan)
    with pytest.raises(Conflict) as refusal:
        works.claim(project)
    assert refusal.value.code == code and not Claim.objects.exists()


def test_a_claim_needs_the_qualification_on_all_days_and_a_partner_that_is_active(works):

    lawyer = works.house.partners["lawyer"]
    kind = QualificationKind.objects.create(code="licence", name="执业证")
    project = works.claiming(qualification=kind)
    held = Qualification.objects.create(
        partner=lawyer, area=works.area, kind=kind, number="1", valid_from=date(2020, 1, 1),
        valid_to=project.ends_on - DAY, state="verified", verified_by=works.user("manager"), verified_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(Conflict) as refusal:
        works.claim(project)
    assert refusal.value.code == "qualification"
    Qualification.objects.filter(pk=held.pk).update(valid_to=project.ends_on)
    claim = works.claim(project)
    Partner.objects.filter(pk=lawyer.pk).update(state="suspended")
    with pytest.raises(Conflict) as refusal:
        works.step(claim, "award")
    assert refusal.value.code == "active"


def test_the_calendar_warns_or_refuses(works):
    works.awarded()
    second = works.claiming(title="社区花园共建")

    start = timezone.now() + DAY
    for project in Project.objects.all():
        task_add(project, actor=works.user("manager"), title="上课", starts_at=start, ends_at=start + DAY / 12)
    assert works.claim(second).busy == 1
    third = works.claiming(title="儿童暑期托管", clash="refuse")
    with pytest.raises(Conflict) as refusal:
        works.claim(third)
    assert refusal.value.code == "calendar"


def test_suggestions_say_why_and_are_the_same_each_time(works):
    project = works.claiming()
    found = partners_for(project)
    assert {fit.partner.name for fit in found} == {"律师", "麦香面包房"}
    assert [fit.partner.pk for fit in partners_for(project)] == [fit.partner.pk for fit in found]
    assert all(any(reason.code == "calendar" for reason in fit.reasons) for fit in found)
    assert [fit.project.pk for fit in projects_for([works.house.partners["lawyer"]])] == [project.pk]
    works.claim(project)
    assert projects_for([works.house.partners["lawyer"]]) == []


def test_an_exclusive_project_is_one_partners_and_the_database_says_so(works):
    project = works.claiming()
    first, second = works.claim(project), works.claim(project, "baker")
    works.step(first, "award")
    assert works.fresh(project).state == "awarded" and works.fresh(second).state == "declined"
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=second.pk).update(state="awarded")


def test_several_partners_share_a_project_and_each_is_paid(works):
    project = works.claiming(exclusive=False, most_claims=3)
    first, second = works.claim(project), works.claim(project, "baker")
    with pytest.raises(Conflict):
        works.step(project, "conclude")
    works.step(first, "award")
    works.step(second, "award")
    project = works.step(project, "conclude")
    project = works.step(project, "begin")
    works.step(works.fresh(first), "deliver", by="lawyer", report="完成")
    assert works.fresh(project).state == "under_way"
    works.sign_in(project, "resident1")
    works.step(works.fresh(second), "deliver", by="baker2", report="完成")
    project = works.fresh(project)
    assert project.state == "delivered"
    works.asked(project)
    works.step(works.step(project, "evaluate"), "close")
    assert (works.house.points("lawyer"), works.house.points("bakery")) == (50, 50)


def test_after_the_last_day_a_project_nobody_claimed_is_unclaimed_and_may_be_published_again(works):
    project = works.claiming()
    late = works.claiming(title="社区花园共建")
    works.claim(late)
    for row in (project, late):
        fire_past(f"project.claims_end:{row.pk}", timezone.now() + 6 * DAY)
    project = works.fresh(project)
    assert (project.state, works.fresh(late).state) == ("unclaimed", "claiming")
    with pytest.raises(Conflict):
        claim_submit(late, actor=works.user("baker"), partner=works.house.partners["bakery"], plan="想做",
                     occurred_at=timezone.now() + 6 * DAY)  # fmt: skip
    assert works.step(project, "publish", claim_until=timezone.now() + 9 * DAY).state == "claiming"


def test_a_published_project_opens_at_its_time(works):
    project = works.in_state("published")
    fire_past(f"project.claims_open:{project.pk}", timezone.now() + DAY + DAY / 24)
    assert works.fresh(project).state == "claiming"


def test_people_sign_in_by_code_and_hours_of_helpers_become_records_of_services(works):
    works.house.rule("class", points=1)
    claim = works.under_way(help_kind=works.house.kinds["class"])
    start = timezone.now() - timedelta(hours=3)
    Project.objects.filter(pk=claim.project_id).update(begun_at=start)
    row = works.sign_in(claim.project, "lawyer", start)
    assert row.claim_id == claim.pk
    assert works.sign_in(claim.project, "resident1").claim is None
    with pytest.raises(Conflict):
        works.sign_in(claim.project, "resident1")
    with pytest.raises(Invalid):
        project_sign_in(actor=works.user("resident2"), code=CODES.code_of(claim.project_id, start))
    with pytest.raises(NotPermitted):
        project_sign_out(row, actor=works.user("baker"))
    project_sign_out(row, actor=works.user("lawyer"), occurred_at=start + timedelta(hours=2))
    works.step(claim, "deliver", by="lawyer", report="完成", served=1)
    record = ServiceRecord.objects.get()
    assert (record.hours, record.person, record.state) == (Decimal("2.00"), works.user("lawyer"), "submitted")


def test_terminated_projects_give_needs_back_and_tell_claimants(works):
    need = works.need()
    claim = works.under_way(needs=[need])
    works.step(claim.project, "terminate", reason="场地拆除")
    assert Need.objects.get(pk=need.pk).state == "verified"
    assert works.fresh(claim).state == "dismissed"
    assert outcomes_of(works.house.partners["lawyer"], timezone.localdate() - DAY, timezone.localdate()) == []


def test_a_need_is_met_by_one_project_and_must_be_adopted(works):
    need = works.need()
    works.planned(needs=[need])
    with pytest.raises(Conflict) as refusal:
        works.planned(needs=[need])
    assert refusal.value.code == "need"


def test_facts_for_the_credit_file(works):
    claim = works.closed(5)
    other = works.awarded(title="社区花园共建")
    works.step(other, "quit", by="lawyer", reason="人手不足")
    today = timezone.localdate()
    facts = outcomes_of(works.house.partners["lawyer"], today, today)
    assert [(fact.claim, fact.code, fact.punctual) for fact in facts] == [
        (claim.pk, "closed", True), (other.pk, "quit", False),
    ]  # fmt: skip
    assert outcomes_of(works.house.partners["lawyer"], today - 9 * DAY, today - DAY) == []


def test_nobody_decides_on_their_own_claim(works):

    claim = works.claim(works.claiming())
    Appointment.objects.create(user=works.user("lawyer"), unit=works.house.city.unit("committee"),
                               role=Role.PARTNER_MANAGER, area=works.area,
                               valid_from=timezone.localdate() - DAY)  # fmt: skip
    with pytest.raises(NotPermitted) as refusal:
        works.step(claim, "award", by="lawyer")
    assert refusal.value.code == "own"


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("title", {"title": "  "}), ("title", {"title": "a\0b"}), ("ends_on", {"ends_on": timezone.localdate() - DAY}),
        ("starts_on", {"starts_on": timezone.localdate().replace(year=9999), "ends_on": timezone.localdate()}),
        ("most_claims", {"most_claims": 2}), ("quantity", {"quantity": 0}), ("partner_kinds", {"partner_kinds": ["x"]}),
        ("group", {"group": "x"}), ("about", {"about": "x" * 2001}),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_is_refused_at_its_field(works, field, given):
    with pytest.raises(Invalid) as refusal:
        works.planned(**given)
    assert refusal.value.field == field and not Project.objects.exists()


def test_nobody_evaluates_what_is_still_being_carried_out(works):
    # given somebody asked while a project is under way
    claim = works.under_way()
    row = works.invite(claim.project, "third", "judge")
    # when they answer before its partner has delivered, then it is refused and nothing is stored
    with pytest.raises(Conflict):
        works.answer(row, "judge")
    assert works.fresh(row).state == "invited" and not row.marks.exists()
    # and afterwards it is taken
    works.sign_in(claim.project, "resident1")
    works.step(claim, "deliver", report="办了六期", served=60, sessions=6, by="lawyer")
    works.answer(row, "judge")
    assert works.fresh(row).state == "answered"


def test_a_need_opened_again_is_met_by_another_project_and_not_by_the_old_one(works):
    # given a need whose project is closed, and who raised it is not satisfied
    need = works.need()
    first = works.closed(needs=[need]).project
    works.step(works.step(need, "call_back", satisfied=False), "reopen", reason="还是不会用")
    works.step(need, "adopt")
    # when another project is planned for it
    second = works.planned(title="一对一上门教学", needs=[need])
    assert list(second.needs.all()) == [need]
    with pytest.raises(Conflict):
        works.planned(title="再来一个", needs=[need])
    # then closing the first again, for its points, does not solve it
    works.step(works.step(first, "reopen", reason="复核"), "close")
    assert Need.objects.get(pk=need.pk).state == "adopted"
    # nor where the other project was given up and nobody carries it now
    works.step(second, "terminate", reason="合伙人退出")
    if Need.objects.get(pk=need.pk).state != "adopted":
        works.step(need, "adopt")
    works.step(works.step(first, "reopen", reason="再复核"), "close")
    assert Need.objects.get(pk=need.pk).state == "adopted"


def test_nobody_is_asked_by_a_form_that_leads_to_no_end(works):
    claim = works.delivered()
    items = works.form.items.filter(party="third")
    kept = list(items)
    items.delete()
    with pytest.raises(Conflict) as refusal:
        works.invite(claim.project, "third", "judge")
    assert refusal.value.code == "no_items"
    for item in kept:
        item.save(force_insert=True)
    grade = works.form.grades.get(from_score=0)
    grade.delete()
    with pytest.raises(Conflict) as refusal:
        works.invite(claim.project, "third", "judge")
    assert refusal.value.code == "no_grade" and not Evaluation.objects.exists()
    grade.save(force_insert=True)
    works.asked(claim.project)
    # and by whatever door: once somebody was asked, nothing of the form is changed
    item, administrator = kept[0], works.user("administrator")
    item.weight = 50
    with pytest.raises(Conflict):
        configuration_rows_save(works.form, actor=administrator, name="items", saved=[item], removed=[])
    assert works.form.items.get(pk=item.pk).weight == 2


def test_who_claimed_it_does_not_decline_others_nor_conclude(works):
    mine = works.claim(works.claiming(most_claims=3, exclusive=False))
    other = works.claim(mine.project, "baker")
    Appointment.objects.create(user=works.user("lawyer"), unit=works.house.city.unit("committee"),
                               role=Role.PARTNER_MANAGER, area=works.area,
                               valid_from=timezone.localdate() - DAY)  # fmt: skip
    for name in ("decline", "award"):
        with pytest.raises(NotPermitted) as refusal:
            works.step(other, name, by="lawyer", reason="我来做")
        assert refusal.value.code == "own" and works.fresh(other).state == "submitted"
    works.step(other, "award")
    with pytest.raises(NotPermitted):
        works.step(mine.project, "conclude", by="lawyer")
    assert works.fresh(mine).state == "submitted"


def test_suggestions_cost_the_same_for_any_number_of_projects(works):
    partners = list(works.house.partners.values())

    def statements() -> int:
        with CaptureQueriesContext(connection) as run:
            assert projects_for(partners)
        return len(run)

    first = works.claiming()
    start = timezone.now() + DAY
    task_add(first, actor=works.user("manager"), title="上课", starts_at=start, ends_at=start + DAY / 12)
    one = statements()
    for number in range(4):
        task_add(works.claiming(title=f"项目{number}"), actor=works.user("manager"), title="上课", starts_at=start,
                 ends_at=start + DAY / 12)  # fmt: skip
    assert statements() == one <= 12
    # and say the same as the check of a claim
    assert all(fit.busy == fit_of(fit.partner, fit.project).busy == 0 for fit in projects_for(partners))
    works.step(works.claim(first), "award")
    assert {fit.busy for fit in projects_for([works.house.partners["lawyer"]])} == {1}
