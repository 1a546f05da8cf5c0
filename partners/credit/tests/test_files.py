"""Files: what counts, what never counts before the partner was told, appeals and lists; each by whom."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Event, Notice, Timer, User
from governance.workflow import act
from partners.credit.appeals import DUE, appeal_due, line_appeal
from partners.credit.computing import profile_compute
from partners.credit.formulas import formula_on
from partners.credit.lists import Criteria, candidate_add, list_draw
from partners.credit.nightly import files_compute, profile_close
from partners.credit.notes import note_record, notes_from_facts
from partners.credit.tests.files import make_formula
from partners.earning.records import record_approve
from partners.earning.tests.house import build_house
from partners.models import CreditCandidate, CreditComputation, CreditFormula, CreditNote, CreditProfile, Partner

pytestmark = pytest.mark.django_db
# Everybody but those who keep the files of this community.
OUTSIDE = ("lawyer", "baker", "resident", "shopkeeper", "grid_worker", "elsewhere", "operations_centre",
           "administrator")  # fmt: skip


def test_a_file_explains_points_and_activities_line_by_line(files):
    # given a lawyer with three services of ten points
    files.work(3)
    # when the file is computed
    profile = files.profile()
    # then base 50, 30 points x 0.1, 3 activities x 1
    assert (profile.score, profile.level, profile.level_name) == (Decimal("56.00"), "C", "一般")
    points = profile.current.lines.get(line="points")
    assert (points.figure, points.value, len(points.facts)) == (30, Decimal("3.00"), 3)
    assert points.facts[0]["evidence_type"] == "partners.servicerecord"
    # and once more it is the same computation
    assert files.profile().current_id == profile.current_id
    assert files.profile(by="lawyer").current_id == profile.current_id
    assert CreditComputation.objects.count() == 1
    # and what comes later makes a new one; the one before stays
    files.work()
    assert files.profile().current.number == 2
    assert list(CreditComputation.objects.order_by("number").values_list("score", flat=True)) == [56, 58]


@pytest.mark.parametrize("who", ["baker", "resident", "shopkeeper", "grid_worker", "elsewhere", "operations_centre"])
def test_only_its_keepers_and_the_partner_compute_a_file(files, who):
    with pytest.raises(NotPermitted):
        files.profile(by=who)
    assert not CreditProfile.objects.exists()


def test_a_fact_counts_from_the_notice_on_never_before(files):
    files.work(2)
    before = files.profile().score
    # given a fact that nobody could be told of
    note = files.untold()
    assert (note.state, note.told_at) == ("recorded", None)
    assert files.profile().score == before
    # then the database lets no line count it
    line = files.profile().current.lines.get(line="absent")
    with pytest.raises(DatabaseError), transaction.atomic():
        line.notes.add(note)
    # when the partner is told, it counts at once
    told = act(note, "tell", actor=files.user("manager"))
    notice = Notice.objects.get(person=files.user("lawyer"))
    assert told.told_at == notice.created_at
    assert "约定的咨询未到场" in notice.body
    fresh = CreditProfile.objects.get(partner=note.partner)
    assert fresh.score == before - 5
    assert list(fresh.current.lines.get(line="absent").notes.all()) == [note]


def test_a_note_counts_at_moments_after_it_was_told_only(files):
    note = files.note()
    assert not CreditNote.objects.counting(note.told_at - timedelta(microseconds=1)).exists()
    assert CreditNote.objects.counting(note.told_at).get() == note


def test_the_database_keeps_notes_lines_and_formulas(files):
    note, profile = files.note(), files.profile()
    line = profile.current.lines.get(line="absent")
    for rows, change in [
        (CreditNote.objects.filter(pk=note.pk), {"figure": 2}),
        (CreditNote.objects.filter(pk=note.pk), {"told_at": timezone.now()}),
        (CreditComputation.objects.all(), {"score": 1}),
        (type(line).objects.filter(pk=line.pk), {"value": 0}),
        (CreditFormula.objects.all(), {"base": 10}),
        (files.formula.weights.all(), {"weight": 0}),
    ]:
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    for row in (note, profile.current, files.formula.levels.first(), files.formula):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).objects.filter(pk=row.pk)._raw_delete(using="default")
    # and no line is lowered but by notes
    with pytest.raises(DatabaseError), transaction.atomic():
        type(line).objects.create(computation=profile.current, line="late", figure=1, weight=-1, cap=5, value=-1)


@pytest.mark.parametrize("who", OUTSIDE)
def test_others_record_no_facts(files, who):
    with pytest.raises(NotPermitted):
        files.note(by=who)
    assert not CreditNote.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [({"line": "points"}, "line"), ({"what": "  "}, "what"), ({"figure": Decimal(0)}, "figure"),
     ({"figure": Decimal("NaN")}, "figure"), ({"figure": Decimal("1.001")}, "figure"),
     ({"happened_on": date(2999, 1, 1)}, "happened_on"), ({"happened_on": date(1, 1, 1)}, "happened_on"),
     ({"what": "x" * 301}, "what")],
)  # fmt: skip
def test_wrong_facts_are_refused_by_field(files, given, field):
    with pytest.raises(Invalid) as refusal:
        files.note(**given)
    assert refusal.value.field == field
    assert not CreditNote.objects.exists()


def test_one_evidence_lowers_a_line_once_and_is_no_reason_to_raise(files):
    files.note(evidence=("partners.offerslot", 7))
    with pytest.raises(Conflict, match=".") as refusal:
        files.note(evidence=("partners.offerslot", 7))
    assert refusal.value.code == "twice"


def test_a_reversed_service_becomes_a_note_by_itself_and_only_once(files):
    record = record_approve(files.house.record(), actor=files.user("manager2"))
    act(record, "reverse", actor=files.user("manager"), reason="查无此事")
    clock = User.objects.system("timers")
    year = (date(files.year, 1, 1), timezone.localdate())
    made = notes_from_facts(files.partner(), *year, actor=clock)
    assert [(note.line, note.state, note.evidence_id) for note in made] == [("standing", "told", record.pk)]
    assert not notes_from_facts(files.partner(), *year, actor=clock)
    profile = files.profile()
    assert profile.score == 45
    assert "法律咨询" in profile.current.lines.get(line="standing").facts[0]["what"]


def test_the_partner_answers_and_nobody_else(files):
    note = files.note()
    for who in ("baker", "manager", "resident", "administrator"):
        with pytest.raises(NotPermitted):
            act(note, "answer", actor=files.user(who), reason="不是我")
    done = act(note, "answer", actor=files.user("lawyer"), reason="当日生病，已电话说明")
    assert CreditNote.objects.get(pk=done.pk).reply == "当日生病，已电话说明"
    with pytest.raises(Invalid):
        act(note, "answer", actor=files.user("lawyer"), reason=" ")


def test_annulling_gives_the_score_back(files):
    files.profile()
    note = files.note()
    assert CreditProfile.objects.get().score == 45
    for who in OUTSIDE:
        with pytest.raises(NotPermitted):
            act(note, "annul", actor=files.user(who), reason="x")
    with pytest.raises(Invalid):
        act(note, "annul", actor=files.user("manager"))
    act(note, "annul", actor=files.user("manager"), reason="记错了人")
    assert CreditProfile.objects.get().score == 50
    assert Notice.objects.filter(person=files.user("lawyer"), title__contains="已撤销").count() == 1
    with pytest.raises(Conflict):
        act(note, "annul", actor=files.user("manager"), reason="x")


def test_an_appeal_is_decided_by_another_person_than_who_recorded(files):
    files.profile()
    note = files.note()
    for who in ("baker", "manager", "resident", "administrator"):
        with pytest.raises(NotPermitted):
            files.appeal(note, by=who)
    appeal = files.appeal(note)
    assert Timer.objects.get(key=f"{DUE}:{appeal.pk}").due_at == appeal.due_at
    with pytest.raises(Conflict) as refusal:
        files.appeal(note)
    assert refusal.value.code == "open"
    with pytest.raises(Conflict) as refusal:
        act(note, "annul", actor=files.user("manager2"), reason="x")
    assert refusal.value.code == "appealed"
    for who in ("manager", *OUTSIDE):
        for name in ("uphold", "decline"):
            with pytest.raises(NotPermitted):
                act(appeal, name, actor=files.user(who), reason="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        type(appeal).objects.filter(pk=appeal.pk).update(decided_by=note.recorded_by)
    assert CreditProfile.objects.get().score == 45
    done = act(appeal, "uphold", actor=files.user("manager2"), reason="已核实电话记录")
    assert (done.state, done.decided_by) == ("upheld", files.user("manager2"))
    assert CreditNote.objects.get().state == "annulled"
    assert CreditProfile.objects.get().score == 50
    assert Notice.objects.filter(person=files.user("lawyer"), title__contains="申诉结果").count() == 1
    with pytest.raises(Conflict):
        act(appeal, "decline", actor=files.user("manager2"), reason="x")


def test_a_declined_appeal_says_why_and_is_not_repeated(files):
    note = files.note()
    appeal = files.appeal(note)
    with pytest.raises(Invalid):
        act(appeal, "decline", actor=files.user("manager2"))
    act(appeal, "decline", actor=files.user("manager2"), reason="无通话记录")
    with pytest.raises(Conflict) as refusal:
        files.appeal(note)
    assert refusal.value.code == "decided"
    assert CreditNote.objects.get().state == "told"


def test_an_appeal_is_withdrawn_by_the_partner_and_filed_again(files):
    note = files.note()
    appeal = files.appeal(note)
    for who in ("manager", "baker", "administrator"):
        with pytest.raises(NotPermitted):
            act(appeal, "withdraw", actor=files.user(who))
    act(appeal, "withdraw", actor=files.user("lawyer"))
    assert files.appeal(note).state == "open"


def test_appeals_come_in_time_and_late_decisions_are_called_to_mind(files):
    note = files.note()
    with pytest.raises(Conflict) as refusal:
        files.appeal(note, occurred_at=timezone.now() + timedelta(days=40))
    assert refusal.value.code == "late"
    appeal = files.appeal(note)
    appeal_due(Timer.objects.get(key=f"{DUE}:{appeal.pk}"))
    assert Event.objects.filter(name="credit_appeal.overdue", subject_id=appeal.pk).count() == 1


def test_a_line_is_appealed_and_computed_anew_when_upheld(files):
    profile = files.profile()
    with pytest.raises(NotPermitted):
        line_appeal(profile, "activities", actor=files.user("baker"), grounds="x")
    with pytest.raises(Invalid):
        line_appeal(profile, "nothing", actor=files.user("lawyer"), grounds="x")
    appeal = line_appeal(profile, "activities", actor=files.user("lawyer"), grounds="漏了一次咨询")
    files.work()
    act(appeal, "uphold", actor=files.user("manager"), reason="已补记")
    assert CreditProfile.objects.get().score == 52


def test_formulas_are_put_in_force_replaced_and_never_edited(files):
    street = files.formula.area
    today = timezone.localdate()
    later = make_formula(street, "credit-2", valid_from=today + timedelta(days=30))
    for who in ("resident", "lawyer", "operations_centre", "manager", "staff"):
        with pytest.raises(NotPermitted):  # a formula of the street is not the community's
            act(later, "put_in_force", actor=files.user(who))
    past = make_formula(street, "credit-3", valid_from=today - timedelta(days=1))
    with pytest.raises(Invalid):
        act(past, "put_in_force", actor=files.user("administrator"))
    empty = CreditFormula.objects.create(code="credit-4", name="空", area=street, valid_from=today)
    with pytest.raises(Conflict) as refusal:
        act(empty, "put_in_force", actor=files.user("administrator"))
    assert refusal.value.code == "whole"
    act(later, "put_in_force", actor=files.user("administrator"))
    before = CreditFormula.objects.get(pk=files.formula.pk)
    assert (before.state, before.valid_to) == ("replaced", later.valid_from - timedelta(days=1))
    here = files.house.area
    assert formula_on(here, today) == before
    assert formula_on(here, later.valid_from) == later
    own = act(make_formula(here, "credit-5", valid_from=today), "put_in_force", actor=files.user("staff"))
    assert formula_on(here, today) == own
    same = make_formula(here, "credit-6", valid_from=today)
    with pytest.raises(Conflict):
        act(same, "put_in_force", actor=files.user("manager"))


def test_without_a_formula_no_file(city):

    house = build_house(city)
    with pytest.raises(Conflict) as refusal:
        profile_compute(house.partners["lawyer"], timezone.localdate().year, actor=house.user("manager"))
    assert refusal.value.code == "no_formula"
    assert not CreditProfile.objects.exists()


@pytest.mark.parametrize("year", [1999, 9999, True])
def test_only_years_that_have_begun(files, year):
    with pytest.raises(Invalid):
        profile_compute(files.partner(), year, actor=files.user("manager"))


def test_the_night_tells_computes_and_closes_the_year(files):
    # given partners since the first day of this year: whoever was one before has a file of last year to be closed, too
    Partner.objects.update(active_from=timezone.localdate().replace(month=1, day=1))
    files.work(2)
    assert files_compute() == 2
    assert files_compute() == 2
    assert CreditComputation.objects.count() == 2
    profile = profile_close(CreditProfile.objects.get(partner=files.partner()))
    profile_close(profile)
    assert Notice.objects.filter(person=files.user("lawyer"), title__contains="年度信用档案").count() == 1


def listed(files):
    """A list of the two partners: the lawyer stands higher."""
    files.work(4)
    files.profile()
    files.profile("bakery")
    return files.list()


def test_a_list_is_decided_on_by_people_one_by_one(files):
    made = listed(files)
    first, second = made.candidates.with_rows().order_by("-computation__score")
    assert (first.partner.name, first.reasons[0]["what"]) == ("律师", "level")
    with pytest.raises(Conflict) as refusal:
        act(made, "publish", actor=files.user("manager"))
    assert refusal.value.code == "undecided"
    for who in OUTSIDE:
        for name in ("choose", "pass_over"):
            with pytest.raises(NotPermitted):
                act(first, name, actor=files.user(who), reason="x")
        with pytest.raises(NotPermitted):
            act(made, "withdraw", actor=files.user(who), reason="x")
    with pytest.raises(Invalid):
        act(first, "choose", actor=files.user("manager"))
    with pytest.raises(DatabaseError), transaction.atomic():
        CreditCandidate.objects.filter(pk=first.pk).update(decision="x", decided_by=None, version=9, state="chosen")
    # the lower one is chosen with a reason, the higher one is not
    act(first, "pass_over", actor=files.user("manager"), reason="上年已获评")
    done = act(second, "choose", actor=files.user("staff"), reason="长期为独居老人送面包")
    assert (done.state, done.decided_by, done.decision) == ("chosen", files.user("staff"), "长期为独居老人送面包")
    again = act(done, "reopen", actor=files.user("manager"), reason="再议")
    assert (again.state, again.decided_by, again.decision) == ("proposed", None, "")
    act(again, "choose", actor=files.user("manager"), reason="会议通过")
    act(made, "publish", actor=files.user("manager"))
    assert Notice.objects.filter(title__contains="优秀合伙人").values_list("person__username", flat=True).distinct()
    with pytest.raises(Conflict):
        act(again, "reopen", actor=files.user("manager"), reason="x")
    act(made, "withdraw", actor=files.user("manager"), reason="公示有误")
    assert files.list().state == "deciding"


def test_nobody_decides_on_the_own_candidacy(files):

    made = listed(files)
    Appointment.objects.create(user=files.house.people["lawyer"], unit=files.house.city.unit("committee"),
                               role="partner_manager", area=files.house.area, valid_from="2020-01-01")  # fmt: skip
    mine = made.candidates.with_rows().get(partner=files.partner())
    with pytest.raises(NotPermitted):
        act(mine, "choose", actor=files.user("lawyer"), reason="自荐")
    with pytest.raises(NotPermitted):
        note_record(actor=files.user("lawyer"), partner=files.partner(), line="absent",
                    happened_on=timezone.localdate(), what="x")  # fmt: skip


def test_lists_look_for_level_kind_and_figures_and_take_others_by_hand(files):
    files.work(4)
    files.profile()
    files.profile("bakery")
    made = files.list(wanted=Criteria(levels=["C"], kinds=["professional"], least_score=Decimal(54), least_points=40,
                                      least_activities=4))  # fmt: skip
    assert [row.partner.name for row in made.candidates.with_rows()] == ["律师"]
    with pytest.raises(Invalid):
        candidate_add(made, files.partner("bakery"), actor=files.user("manager"), reason="")
    for who in OUTSIDE:
        with pytest.raises(NotPermitted):
            candidate_add(made, files.partner("bakery"), actor=files.user(who), reason="x")
    row = candidate_add(made, files.partner("bakery"), actor=files.user("manager"), reason="疫情期间贡献突出")
    assert (row.added, row.computation.score) == (True, 50)
    with pytest.raises(Conflict):
        candidate_add(made, files.partner("bakery"), actor=files.user("manager"), reason="x")
    with pytest.raises(Conflict) as refusal:
        files.list()
    assert refusal.value.code == "open"
    assert not files.list(purpose="policy", wanted=Criteria(least_points=41)).candidates.exists()


@pytest.mark.parametrize("who", OUTSIDE)
def test_others_draw_up_no_lists(files, who):
    with pytest.raises(NotPermitted):
        list_draw(actor=files.user(who), area=files.house.area, purpose="policy", year=files.year)
