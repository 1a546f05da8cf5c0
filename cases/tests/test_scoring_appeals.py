"""Appeals against lines: who files, two who decide, and the line that corrects."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from cases.models import Case, ScoreAppeal, ScoreLine
from cases.scoring.appeals import cases_named, line_ground, score_appeal_file
from cases.tests import scoring
from cases.tests.scoring import figure, opened, published
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Event, User
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import act


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup, django_db_blocker):
    """The city with its October, published; once for this module."""
    with scoring.loaded(django_db_blocker) as (city, cases):
        second = User.objects.create(username="second_centre", name="复审员", is_staff=True)
        Appointment.objects.create(user=second, unit=city.centre, role="operations_centre", area=city.city)
        city.people["second_centre"] = second
        yield city, [case.pk for case in cases], published(city)


@pytest.fixture
def city(loaded, db):
    return loaded[0]


@pytest.fixture
def line(loaded, db):
    return scoring.line_of(loaded[2], loaded[0].municipal)


@pytest.fixture
def late(loaded, db):
    return Case.objects.get(pk=loaded[1][3])


def filed(city, line, case) -> ScoreAppeal:
    return score_appeal_file(actor=city.user("handler"), line=line, cases=[case], reason="道路封闭无法进场")


def reviewed(city, line, case, opinion="uphold") -> ScoreAppeal:
    appeal = filed(city, line, case)
    return act(appeal, "review", actor=city.user("operations_centre"), opinion=opinion, reason="属实")


def test_an_upheld_appeal_adds_a_line_that_corrects(city, line, late):
    # given an appeal about the late case, which one reviewer would uphold
    before = snapshot(line)
    appeal = reviewed(city, line, late)
    # when the second says so too
    appeal = act(appeal, "uphold", actor=city.people["second_centre"], reason="同意")
    # then the line stands as it was, and another takes its place: 4 turns, 3 in time, 1 reworked, 1 open
    assert snapshot(line) == before
    correction = scoring.line_of(line.period, city.municipal)
    assert correction.corrects == line and figure(correction, "on_time_handling_rate") == (3, 4)
    # 30·3/4 + 20·3/4 + 20·3/4 + 20·3/4 + 10
    assert (line.score, correction.score, correction.rank) == (Decimal("78.00"), Decimal("77.50"), 1)
    assert late.pk not in line_ground(correction).spells.values_list("case_id", flat=True)
    names = Event.objects.filter(name__startswith="score.").order_by("id").values_list("name", flat=True)
    assert list(names)[-4:] == ["score.appealed", "score.appeal_reviewed", "score.appeal_upheld", "score.corrected"]
    # and the correction is as fixed as the line
    with pytest.raises(DatabaseError), transaction.atomic():
        ScoreLine.objects.filter(pk=correction.pk).update(score=100)
    # and what was corrected is not appealed against again, but the correction may be
    with pytest.raises(Conflict):
        filed(city, line, late)
    third = Case.objects.get(reported_at=scoring.day(5))
    again = score_appeal_file(
        actor=city.user("handler"), line=correction, reason="还有一件", cases=cases_named(correction, [third.number])
    )
    act(again, "review", actor=city.user("operations_centre"), opinion="uphold", reason="属实")
    act(again, "uphold", actor=city.people["second_centre"], reason="同意")
    assert figure(scoring.line_of(line.period, city.municipal), "rework_rate") == (0, 3)


def test_the_second_reviewer_is_another_person_and_may_disagree(city, line, late):
    appeal = reviewed(city, line, late, opinion="refuse")
    before = snapshot(appeal)
    for name in ("uphold", "refuse", "send_back"):
        with pytest.raises(NotPermitted):
            act(appeal, name, actor=city.user("operations_centre"), reason="我再审")
    with pytest.raises(Conflict):  # the first would refuse
        act(appeal, "uphold", actor=city.people["second_centre"], reason="同意")
    assert snapshot(appeal) == before
    appeal = act(appeal, "send_back", actor=city.people["second_centre"], reason="理由不足")
    assert (appeal.state, appeal.opinion, appeal.reviewer) == ("filed", "", None)
    appeal = act(appeal, "review", actor=city.people["second_centre"], opinion="refuse", reason="仍不成立")
    appeal = act(appeal, "refuse", actor=city.user("operations_centre"), reason="同意")
    assert appeal.state == "refused" and not ScoreLine.objects.filter(corrects=line).exists()


def test_only_the_unit_itself_appeals_and_only_about_what_counts(city, line, late):
    for role in ("operations_centre", "registrar", "supervisor", "grid_worker", "resident"):
        with pytest.raises(NotPermitted):
            score_appeal_file(actor=city.user(role), line=line, cases=[late], reason="x")
    elsewhere = city.open(occurred_at=scoring.datetime(2025, 11, 3, tzinfo=scoring.CHINA))
    handler = city.user("handler")
    for given, field in (
        ({"cases": [elsewhere]}, "cases"), ({"cases": []}, "cases"), ({"reason": " "}, "reason"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            score_appeal_file(**{"actor": handler, "line": line, "cases": [late], "reason": "x"} | given)
        assert refused.value.field == field
    with pytest.raises(Invalid):
        cases_named(line, ["C20251003-999999"])
    hub = ScoreLine.objects.select_related("period").get(period=line.period, subject=None)
    with pytest.raises(Invalid):
        score_appeal_file(actor=handler, line=hub, cases=[late], reason="x")
    assert not ScoreAppeal.objects.exists()
    filed(city, line, late)
    with pytest.raises(Conflict):
        filed(city, line, late)


def test_what_is_not_published_is_not_appealed_against(city, line, late):
    period = act(opened(city, formula=line.period.formula, last=scoring.date(2025, 10, 30)), "compute",
                 actor=city.user("operations_centre"))  # fmt: skip
    with pytest.raises(Conflict):
        filed(city, scoring.line_of(period, city.municipal), late)


def test_nobody_else_decides(city, line, late):
    appeal = filed(city, line, late)
    for somebody in ("handler", "administrator", "registrar", "supervisor", "outside_operations_centre"):
        before = snapshot(appeal)
        with pytest.raises(NotPermitted):
            act(appeal, "review", actor=city.people[somebody], opinion="uphold", reason="x")
        assert snapshot(appeal) == before


def test_the_contracts_hold(city, line, late):
    filed(city, line, late)
    opened(city, formula=line.period.formula, last=scoring.date(2025, 10, 30))
    for model in (type(line.period), ScoreAppeal):
        assert_steps_are_complete(model)
    people = list(city.people.values())
    for model in (type(line.period), ScoreLine, ScoreAppeal):
        assert_relation_forms_agree(model.objects.select_related(*_near(model)), people)


def _near(model) -> list[str]:
    return {"ScorePeriod": ["area"], "ScoreLine": ["period__area"], "ScoreAppeal": ["area"]}[model.__name__]
