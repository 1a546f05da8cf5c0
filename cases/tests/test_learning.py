"""What the text classifier learns from decisions of people, and what it does not."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from cases.models import CaseCategory, CaseState, StageLimit, StandardUnit, TrainingExample, UnitAlias
from cases.review.services import proposal_accept, proposals_for
from cases.services import case_accept
from cases.tests.api import in_state
from cases.tests.rules import Said, text_model
from cases.text_training import own_rows
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.practice import package as practice
from governance.workflow import act

pytestmark = pytest.mark.django_db
FIELDS = {"municipal": "市政设施", "urban": "城市管理"}  # beside them water is 产权单位 in the first street


@pytest.fixture
def fields(city):
    """Each department is responsible for one field in the whole city."""
    for unit, role in FIELDS.items():
        UnitAlias.objects.create(role_name=role, area=city.city, unit=city.unit(unit))
    return city


def examples() -> set[tuple]:
    return set(TrainingExample.objects.values_list("target", "label", "origin"))


def waiting(city, **given):
    """A case filed under 井盖 without a condition: the hub proposes, a dispatcher decides."""
    return case_accept(city.report(**given), actor=city.user("registrar"), category=city.category)


def give(case, unit, actor, step="dispatch", **given):
    """Give a case to a unit by hand."""
    if step != "hand_over":
        given |= {"limit_amount": 1, "limit_unit": "work_day"}
    return act(case, step, actor=actor, lead_unit=unit, reason="归口单位", **given)


def correct(case, actor, **given):
    return act(case, "correct", actor=actor, reason="看错了", **given)


def returned(case, actor):
    return act(case, "return", actor=actor, reason="不归我们管")


def test_a_decision_against_the_first_proposal_teaches_the_field(fields):
    # given a case whose first proposal is another unit
    case = waiting(fields, description="井盖倾斜")
    assert proposals_for(case)[0].unit == fields.municipal
    # when a dispatcher gives it to urban
    dispatcher = fields.user("dispatcher")
    done = give(case, fields.urban, dispatcher)
    # then its text is taught under the field of urban, by the dispatcher, together with the dispatch
    assert examples() == {("field", "城市管理", "correction")}
    taught, dispatched = (Event.objects.get(name=name) for name in ("training_example.added", "case.dispatched"))
    assert (taught.actor, taught.occurred_at) == (dispatcher, dispatched.occurred_at)
    assert done.description not in json.dumps(taught.payload, ensure_ascii=False)


def test_what_follows_the_proposal_or_the_hub_teaches_nothing(fields):
    proposal_accept(proposals_for(waiting(fields))[0], actor=fields.user("dispatcher"))
    case_accept(fields.report(), actor=fields.user("registrar"), category=None, standard=fields.standard)
    fields.open()
    in_state(fields, "reopened")
    assert examples() == set()


def test_another_than_the_first_proposal_teaches_also_when_it_was_proposed(fields):
    case = waiting(fields, description="井盖倾斜")
    second = proposals_for(case)[1]
    assert second.unit == fields.water
    proposal_accept(second, actor=fields.user("dispatcher"))
    assert examples() == {("field", "产权单位", "correction")}


def test_a_dispatch_by_the_hub_that_a_dispatcher_takes_back_teaches_the_next_unit(fields):
    dispatcher = fields.user("dispatcher")
    case = case_accept(fields.report(), actor=fields.user("registrar"), standard=fields.standard)
    case = act(case, "recall", actor=dispatcher, reason="派错了")
    assert examples() == set()
    case = give(case, fields.urban, dispatcher)
    assert examples() == {("field", "城市管理", "correction")}
    # and who takes that back as well has the last word
    case = act(case, "recall", actor=dispatcher, reason="还是市政")
    give(case, fields.municipal, dispatcher)
    assert examples() == {("field", "市政设施", "correction")}


def test_a_hand_over_to_another_lead_teaches_and_one_to_other_helpers_does_not(fields):
    dispatcher = fields.user("dispatcher")
    case = in_state(fields, CaseState.HANDLING)
    case = give(case, fields.municipal, dispatcher, "hand_over", assisting_units=[fields.water])
    assert examples() == set()
    give(case, fields.water, dispatcher, "hand_over")
    assert examples() == {("field", "产权单位", "correction")}


def test_an_accepted_return_teaches_the_unit_that_gets_the_case_then(fields):
    dispatcher = fields.user("dispatcher")
    case = returned(in_state(fields, CaseState.DISPATCHED), fields.user("handler"))
    assert examples() == set(), "nobody has judged it yet"
    give(case, fields.water, dispatcher)
    assert examples() == {("field", "产权单位", "return")}


def test_a_return_that_was_not_justified_teaches_nothing(fields):
    # given a case that goes back to the unit which returned it, and nobody else was proposed
    dispatcher = fields.user("dispatcher")
    case = returned(in_state(fields, CaseState.DISPATCHED), fields.user("handler"))
    assert [row.unit for row in proposals_for(case)] == []
    give(case, fields.municipal, dispatcher)
    assert examples() == set()


def test_arbitration_judges_the_return_and_teaches(fields):
    case = in_state(fields, CaseState.ARBITRATION)
    give(case, fields.urban, fields.user("operations_centre"), "arbitrate")
    assert examples() == {("field", "城市管理", "return")}


def test_a_unit_with_several_fields_teaches_what_the_model_in_use_knows_or_nothing(fields):
    UnitAlias.objects.create(role_name="园林绿化", area=fields.city, unit=fields.urban)
    give(waiting(fields, description="井盖倾斜"), fields.urban, fields.user("dispatcher"))
    assert examples() == set()
    # in the other street the field is somebody else's, so only one is left there
    UnitAlias.objects.create(role_name="园林绿化", area=fields.other_street, unit=fields.water)
    elsewhere = waiting(fields, longitude=fields.other_point[0], description="井盖倾斜")
    give(elsewhere, fields.urban, fields.user("dispatcher"))
    assert examples() == {("field", "城市管理", "correction")}


def test_what_no_longer_holds_is_taken_back_where_the_new_field_is_not_known(fields):
    dispatcher = fields.user("dispatcher")
    case = give(waiting(fields, description="井盖倾斜"), fields.urban, dispatcher)
    UnitAlias.objects.filter(unit=fields.water).delete()
    give(case, fields.water, dispatcher, "hand_over")
    assert examples() == set()
    assert Event.objects.filter(name="training_example.dropped").get().payload["label"] == "城市管理"


def other_category(city) -> CaseCategory:
    return CaseCategory.objects.create(
        scheme="test", scheme_version="1", code="0202", name="护栏", kind="component", parent=city.category.parent
    )


def test_a_category_put_right_is_taught_and_beats_the_first_one(fields, monkeypatch):
    monkeypatch.setattr("cases.text_training.LEAST_ROWS", 1)
    # given a case filed under 井盖
    case = waiting(fields, description="桥边护栏松了")
    # when a dispatcher corrects the address only, nothing is taught; when the category, that is
    dispatcher = fields.user("dispatcher")
    case = correct(case, dispatcher, address="桥头")
    case = correct(case, dispatcher, category=fields.category)
    assert examples() == set()
    case = correct(case, dispatcher, category=other_category(fields))
    assert examples() == {("category", "0202", "correction")}
    # then training reads the corrected category, also before the case is closed
    assert own_rows("category").labels == ["0202"]


def test_a_registrar_who_files_otherwise_than_was_read_out_of_the_text_teaches_that(fields):
    other = other_category(fields)
    with text_model(category=Said("0101", 0.7)):
        same, different = fields.report(), fields.report(description="护栏倒了")
    case_accept(same, actor=fields.user("registrar"), category=fields.category)
    assert examples() == set()
    case_accept(different, actor=fields.user("registrar"), category=other)
    assert examples() == {("category", "0202", "correction")}


def test_a_refused_decision_teaches_nothing(fields):
    case = waiting(fields, description="井盖倾斜")
    refusals = [
        (fields.user("registrar"), fields.urban, {}, NotPermitted),
        (fields.outsider("dispatcher"), fields.urban, {}, NotPermitted),
        (fields.user("dispatcher"), fields.urban, {"version": case.version - 1}, Conflict),
        (fields.user("dispatcher"), fields.inactive, {}, Invalid),
    ]
    for actor, unit, given, error in refusals:
        with pytest.raises(error):
            give(case, unit, actor, **given)
    with pytest.raises(NotPermitted):
        correct(case, fields.user("handler"), category=other_category(fields))
    assert examples() == set()
    assert not Event.objects.filter(name__startswith="training_example.").exists()


def test_a_dispatch_that_cannot_be_taught_is_not_half_done(fields, monkeypatch):
    # given a fault in what is learnt
    def broken(**_given):
        raise Invalid("broken", field="label")

    monkeypatch.setattr("cases.learning.training_example_add", broken)
    case = waiting(fields, description="井盖倾斜")
    with pytest.raises(Invalid):
        give(case, fields.urban, fields.user("dispatcher"))
    # then the case is where it was: both are one transaction
    case.refresh_from_db()
    assert (case.state, case.dispatches.count()) == (CaseState.ACCEPTED, 0)


def test_what_machines_write_is_not_learnt_from(fields, monkeypatch):
    monkeypatch.setattr("cases.text_training.LEAST_ROWS", 1)
    case = act(fields.open(), "recall", actor=fields.user("dispatcher"), reason="派错了")
    give(case, fields.urban, fields.user("dispatcher"))
    assert examples() == set()
    type(case).objects.filter(pk=case.pk).update(state=CaseState.CLOSED)
    assert own_rows("field").labels == own_rows("category").labels == []


def test_the_field_of_a_closed_case_is_that_of_the_unit_that_had_it(fields, monkeypatch):
    monkeypatch.setattr("cases.text_training.LEAST_ROWS", 1)
    # given a standard led by a role, and two cases: one closed by who fills it, one by somebody else
    StandardUnit.objects.filter(standard=fields.standard, part="lead").update(unit=None, role_name="市政设施")
    by_role, by_other = in_state(fields, CaseState.CLOSED), in_state(fields, CaseState.CLOSED)
    type(by_other).objects.filter(pk=by_other.pk).update(lead_unit=fields.water)
    assert sorted(own_rows("field").labels) == sorted(["市政设施", "产权单位"])
    # and who has been dissolved since, keeps what the standard says
    type(fields.municipal).objects.filter(pk=fields.municipal.pk).update(is_active=False)
    assert sorted(own_rows("field").labels) == sorted(["市政设施", "产权单位"])
    assert by_role.description in own_rows("field").texts


def test_training_without_a_file_reads_closed_cases_and_what_people_taught(fields, monkeypatch):
    # given closed cases of two categories, some of them put right, enough of each
    monkeypatch.setattr("cases.text_training.LEAST_ROWS", 2)
    given = {}

    def stored(*, rows, **_given):
        given["rows"] = rows
        raise Invalid("far enough", field="rows")

    monkeypatch.setattr("cases.management.commands.train_dispatch.text_model_train", stored)
    other = other_category(fields)
    for _number in range(2):
        in_state(fields, CaseState.CLOSED)
        case = waiting(fields, description="护栏倒了")
        correct(case, fields.user("dispatcher"), category=other)
    # when the command runs, then both are read, and the correction counts
    with pytest.raises(Exception, match="far enough"):
        call_command("train_dispatch", target="category", stdout=StringIO())
    rows = given["rows"]
    assert sorted(zip(rows.texts, rows.labels, strict=True)) == sorted(
        [("井盖歪了", "0101")] * 2 + [("护栏倒了", "0202")] * 2
    )


def test_no_practice_package_holds_what_was_taught(fields):
    # given an example whose case names a person
    StageLimit.objects.create(stage="handling", limit_amount=5, limit_unit="work_day")
    case = waiting(fields, description="王翠花13800138000说井盖倾斜", reporter_name="王翠花",
                   reporter_phone="13800138000")  # fmt: skip
    give(case, fields.urban, fields.user("dispatcher"))
    assert len(examples()) == 1
    # when everything configured is written into a package
    text = json.dumps(practice.written(actor=fields.user("administrator")), ensure_ascii=False, default=str)
    # then neither the example, nor the case, nor its words are in it
    assert "井盖倾斜" in text, "the standards are in it"
    for private in ("王翠花", "13800138000", case.number, "training", "textmodel", "text_model"):
        assert private not in text
