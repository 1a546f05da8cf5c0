"""The order of the hub: rule, filing standard, text, review queue; what each dispatch keeps of why."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.dispatch import Plan, Unresolved, plan_for
from cases.models import Case, CaseCategory, Dispatch, DispatchRule, FilingStandard, StageLimit, StandardUnit, UnitAlias
from cases.services import case_accept, case_dispatch
from cases.tests.rules import Said, a_rule, switched_on, text_model
from governance.workflow import act

pytestmark = pytest.mark.django_db


def dispatch_of(case) -> Dispatch:
    return Dispatch.objects.get(case=case)


def accepted(city, category=None, standard=None, **given) -> Case:
    return case_accept(city.report(**given), actor=city.user("registrar"), category=category, standard=standard)


def test_a_rule_decides_before_the_standard_and_keeps_it_as_runner_up(city):
    # given a standard led by municipal, and a rule in use that gives covers to water within half an hour
    rule = a_rule(city, categories=[city.category], parts=[("assisting", city.municipal), ("supervising", city.urban)],
                  limit_amount="0.5", limit_unit="urgent_hour")  # fmt: skip
    switched_on(city, rule)
    # when a sensor opens a case
    case = city.open()
    # then water has it, and the dispatch says why and who else came into question
    made = dispatch_of(case)
    assert (case.lead_unit, case.units_as("assisting"), case.units_as("supervising")) == (
        city.water, [city.municipal], [city.urban],
    )  # fmt: skip
    assert (made.method, made.rule, made.standard) == ("rule", rule, city.standard)
    assert case.due_at - case.dispatched_at == timedelta(minutes=30)
    assert "规则r-1" in made.reason and "water单位" in made.reason
    assert made.runner_up == {"unit": "municipal", "label": "井盖：井盖倾斜", "method": "standard", "confidence": None}


def test_without_a_limit_of_its_own_a_rule_keeps_that_of_the_standard(city):
    switched_on(city, a_rule(city, categories=[city.category.parent]))
    made = dispatch_of(city.open())
    assert (made.limit_amount, made.limit_unit, made.method) == (2, "urgent_hour", "rule")


def test_the_next_rule_is_the_runner_up_of_the_first(city):
    switched_on(city, a_rule(city, "first", categories=[city.category], priority=1))
    switched_on(city, a_rule(city, "second", categories=[city.category], lead=city.urban))
    assert dispatch_of(city.open()).runner_up["unit"] == "urban"


@pytest.mark.parametrize("state", ["draft", "off"])
def test_a_rule_that_is_not_switched_on_decides_nothing(city, state):
    rule = a_rule(city, categories=[city.category])
    if state == "off":
        act(switched_on(city, rule), "switch_off", actor=city.user("administrator"), reason="试行结束")
    assert dispatch_of(city.open()).method == "standard"


def test_a_rule_whose_role_nobody_fills_here_is_passed_over(city):
    # given a rule led by 产权单位, which only the first street knows
    switched_on(city, a_rule(city, categories=[city.category], role="产权单位"))
    # then it decides there and nowhere else
    assert dispatch_of(city.open()).method == "rule"
    assert dispatch_of(city.open(area=city.other_grid)).method == "standard"


def test_a_rule_asks_for_the_moment_of_the_acceptance(city):
    # given a rule for the nights, and a case accepted last night and told of today (history)
    rule = a_rule(city, categories=[city.category], from_time="22:00", to_time="06:00")
    switched_on(city, rule)
    today = timezone.localtime().replace(hour=12, minute=0)
    night = (today - timedelta(days=1)).replace(hour=23)
    assert dispatch_of(city.open(occurred_at=night)).method == "rule"
    assert dispatch_of(city.open(occurred_at=today - timedelta(days=1))).method == "standard"


def test_a_rule_knows_the_type_of_device_that_opened_the_case(city):
    switched_on(city, a_rule(city, device_profile="manhole_cover"))
    assert dispatch_of(city.open(origin={"device": "MC-1", "profile": "manhole_cover"})).method == "rule"
    assert dispatch_of(city.open(origin={"device": "TB-1", "profile": "trash_bin"})).method == "standard"


def test_rules_cost_one_statement_where_none_applies(city):
    switched_on(city, a_rule(city, words=["燃气"]))
    case = accepted(city, standard=city.standard)
    case = Case.objects.select_related("area", "category", "standard__category").get(pk=case.pk)
    with CaptureQueriesContext(connection) as counted:
        assert plan_for(case).method == "standard"
    assert len(counted) == 2  # rules, units of the standard


def single(city) -> tuple[CaseCategory, FilingStandard]:
    """A category with exactly one standard, led by urban."""
    category = CaseCategory.objects.create(
        scheme="test", scheme_version="1", code="0202", name="护栏", kind="component", parent=city.category.parent
    )
    standard = FilingStandard.objects.create(
        category=category, condition_code="x", condition="护栏倒伏", limit_amount=4, limit_unit="work_hour"
    )
    StandardUnit.objects.create(standard=standard, part="lead", unit=city.urban)
    return category, standard


def test_the_text_decides_only_where_it_may_and_agrees_with_the_filing(city):
    category, standard = single(city)
    sure = Said("0202", 0.97, "0101", 0.02, acts_alone=True)
    with text_model(category=sure):
        # given a case filed under that category without a standard: the text knows the only one
        agreed = accepted(city, category)
        # and one filed under another category: the machine does not overrule a registrar
        other = accepted(city, city.category)
    made = dispatch_of(agreed)
    assert (made.method, made.lead_unit, made.standard) == ("classifier", city.urban, standard)
    assert made.confidence == Decimal("0.970") and made.runner_up["label"] == "0101"
    assert (other.state, other.review_reason) == ("accepted", "no_standard")
    with text_model(category=Said("0202", 0.8)):  # not sure enough to act alone
        assert accepted(city, category).state == "accepted"


def test_a_responsible_field_becomes_the_unit_of_the_place_within_the_usual_limit(city):
    UnitAlias.objects.create(role_name="城乡建设", area=city.city, unit=city.urban)
    StageLimit.objects.create(stage="handling", limit_amount=3, limit_unit="work_day")
    with text_model(field=Said("城乡建设", 0.98, "环境保护", 0.01, acts_alone=True)):
        made = dispatch_of(accepted(city, city.category))
    assert (made.method, made.lead_unit, made.limit_amount, made.limit_unit) == (
        "classifier",
        city.urban,
        3,
        "work_day",
    )
    assert made.runner_up == {"unit": None, "label": "环境保护", "method": "classifier", "confidence": 0.01}


def test_what_the_text_says_stands_beside_the_standard(city):
    UnitAlias.objects.create(role_name="水务", area=city.city, unit=city.water)
    StageLimit.objects.create(stage="handling", limit_amount=3, limit_unit="work_day")
    with text_model(field=Said("水务", 0.7, acts_alone=True)):
        people, machine = accepted(city, standard=city.standard), city.open()
    assert dispatch_of(people).method == "standard"
    assert dispatch_of(people).runner_up == {
        "unit": "water",
        "label": "水务",
        "method": "classifier",
        "confidence": 0.7,
    }
    assert dispatch_of(machine).runner_up == {}, "a machine's own text is not read"


def test_a_dispatcher_decides_beside_what_was_proposed(city):
    case = accepted(city, city.category)
    best = case.proposals.first()
    case_dispatch(case, actor=city.user("dispatcher"), lead_unit=city.urban, limit_amount=1, limit_unit="work_day")
    made = dispatch_of(case)
    assert (made.method, made.confidence) == ("manual", None)
    assert made.runner_up["unit"] == best.unit.code


def test_without_an_answer_the_reason_stays(city):
    case = Case(area=city.grid, category=None)
    assert plan_for(case) == Unresolved("no_category")
    assert isinstance(plan_for(Case(area=city.grid, category=city.category, standard=city.standard)), Plan)
    assert DispatchRule.objects.count() == 0
