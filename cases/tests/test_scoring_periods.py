"""Periods: opened, computed, frozen with their formula; lines, ranks, samples, what is left out."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from cases.models import (
    Case,
    FrozenSpellFact,
    ScoreExclusion,
    ScoreFormula,
    ScoreLine,
    ScorePeriod,
    ScoreWeight,
    SpellFact,
)
from cases.scoring import keeping
from cases.tests import scoring
from cases.tests.scoring import day, figure, formula_of, lived, opened, published
from cases.tests.scoring_histories import register_missing
from governance.configuration import configuration_save
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup, django_db_blocker):
    """The city with its October, once for this module."""
    with scoring.loaded(django_db_blocker) as found:
        yield found


@pytest.fixture
def city(loaded, db):
    return loaded[0]


@pytest.fixture
def october(loaded, db):
    return [Case.objects.get(pk=case.pk) for case in loaded[1]]


def test_a_line_counts_what_was_due_in_the_month(city):
    # given five turns of municipal in October, and one that was due in November
    lived(city, scoring.datetime(2025, 10, 31, 23, tzinfo=scoring.CHINA))
    keeping.rebuild()
    period = published(city)
    line = scoring.line_of(period, city.municipal)
    # then the figures are those one counts by hand
    assert {key: figure(line, key) for key in (
        "handling_rate", "on_time_handling_rate", "closing_rate", "rework_rate", "overdue_open_rate", "extension_rate",
        "dispatch_accuracy", "valid_report_rate",
    )} == {
        "handling_rate": (4, 5), "on_time_handling_rate": (3, 5), "closing_rate": (4, 5), "rework_rate": (1, 5),
        "overdue_open_rate": (1, 5), "extension_rate": (0, 5), "dispatch_accuracy": (0, 0), "valid_report_rate": (0, 0),
    }  # fmt: skip
    # and what the hub did by itself is nobody's of a unit
    hub = ScoreLine.objects.get(period=period, subject=None)
    assert figure(hub, "dispatch_accuracy") == (6, 6)
    # and the score is that of the formula: 30·4/5 + 20·3/5 + 20·4/5 + 20·4/5 + 10·1
    assert (line.score, line.rank, line.name) == (Decimal("78.00"), 1, "municipal单位")
    assert line.figures["signing_time_median"]["value"] == 1800.0


def test_units_are_ranked_and_too_small_a_sample_has_neither_score_nor_rank(city):
    # given municipal with five turns, water with two good ones, urban with a single one
    dispatcher = city.user("dispatcher")
    for unit, number in ((city.water, 2), (city.urban, 1)):
        for place in range(number):
            case = city.open(occurred_at=day(10 + place), standard=None)
            act(case, "dispatch", actor=dispatcher, lead_unit=unit, limit_amount=2, limit_unit="urgent_hour",
                reason="指定", occurred_at=day(10 + place))  # fmt: skip
    keeping.rebuild()
    period = published(city)
    # then two are ranked, the third shows no number
    lines = {line.unit_id: (line.rank, line.score) for line in period.lines.all()}
    assert lines == {
        city.municipal.pk: (1, Decimal("78.00")), city.water.pk: (2, Decimal("30.00")), city.urban.pk: (None, None),
        city.centre.pk: (None, None), None: (None, None),
    }  # fmt: skip
    urban = scoring.line_of(period, city.urban)
    assert figure(urban, "handling_rate") == (0, 1)


def test_left_out_are_suspended_rejected_cancelled_merged_and_appealed(city):
    # given one turn of each that does not count, and a recalled one
    kinds = ["suspended", "merged", "appeal_upheld"]
    scoring_events(city, kinds)
    recalled = city.open(occurred_at=day(12))
    act(recalled, "recall", actor=city.user("dispatcher"), reason="派错了", occurred_at=day(12, 10))
    keeping.rebuild()
    line = scoring.line_of(published(city), city.municipal)
    # then none of them is in a figure, and the line says how many there were
    assert figure(line, "handling_rate") == (4, 5)
    assert line.left_out == {"suspended": 1, "merged": 1, "appeal": 1, "withdrawn": 1}
    # and that the appealed one was late stays on record
    assert SpellFact.objects.get(excluded="appeal").overdue_since == day(20, 11)


def scoring_events(city, kinds):
    register_missing()
    for place, name in enumerate(kinds):
        case = lived(city, day(18 + place), hours=4)
        Event.objects.create(
            name=f"case.{name}", subject_type="cases.case", subject_id=case.pk, actor=city.user("registrar"),
            role="registrar", occurred_at=day(25), payload={},
        )  # fmt: skip


def test_a_published_period_never_changes(city, october):
    # given a published period
    period = published(city)
    kept = [snapshot(line) for line in period.lines.all()], snapshot(period)
    # when the open case is handled after all, and the facts are read anew
    act(october[4], "start", actor=city.user("handler"))
    act(october[4], "submit", actor=city.user("handler"), result="已扶正")
    keeping.rebuild()
    assert SpellFact.objects.get(case=october[4]).handled_at is not None
    # then the period says what it said
    assert FrozenSpellFact.objects.get(period=period, case=october[4]).handled_at is None
    assert ([snapshot(line) for line in period.lines.all()], snapshot(period)) == kept
    # and neither computing again nor a forced write changes it
    with pytest.raises(Conflict):
        act(period, "compute", actor=city.user("operations_centre"))
    forced = [
        lambda: ScorePeriod.objects.filter(pk=period.pk).update(last=scoring.FIRST),
        lambda: ScoreLine.objects.filter(period=period).update(score=100),
        lambda: ScoreLine.objects.filter(period=period).delete(),
        lambda: ScoreLine.objects.create(period=period, subject=9, figures={}),
        lambda: FrozenSpellFact.objects.filter(period=period).update(withdrawn=True),
        lambda: FrozenSpellFact.objects.filter(period=period).delete(),
        lambda: ScoreFormula.objects.filter(pk=period.formula_id).update(scale=1),
        lambda: ScoreWeight.objects.filter(formula=period.formula_id).update(weight=1),
        lambda: ScoreExclusion.objects.bulk_create([ScoreExclusion(formula=period.formula, source="sensor")]),
    ]
    for write in forced:
        with pytest.raises(DatabaseError), transaction.atomic():
            write()
    assert ([snapshot(line) for line in period.lines.all()], snapshot(period)) == kept


def test_a_used_formula_is_only_taken_out_of_use(city):
    period = opened(city)
    formula, admin = period.formula, city.user("administrator")
    formula.name = "另一个"
    with pytest.raises(Conflict):
        configuration_save(formula, actor=admin, changed=["name"])
    with pytest.raises(Conflict):
        formula.weights.first().save()
    formula.refresh_from_db()
    formula.is_active = False
    configuration_save(formula, actor=admin, changed=["is_active"])
    assert not ScoreFormula.objects.get(pk=formula.pk).is_active
    # a new version is a formula of its own
    formula_of(version=2)


def test_computing_again_takes_in_what_happened_since(city, october):
    centre = city.user("operations_centre")
    period = act(opened(city), "compute", actor=centre)
    assert figure(scoring.line_of(period, city.municipal), "handling_rate") == (4, 5)
    act(october[4], "start", actor=city.user("handler"))
    act(october[4], "submit", actor=city.user("handler"), result="已扶正")
    keeping.rebuild()
    period = act(period, "compute", actor=centre)
    assert figure(scoring.line_of(period, city.municipal), "handling_rate") == (5, 5)
    assert FrozenSpellFact.objects.filter(period=period).count() == 5


def test_a_formula_leaves_out_sources_and_classes(city):
    formula = formula_of()
    ScoreExclusion.objects.create(formula=formula, source="sensor")
    assert not published(city, formula=formula).lines.exists()
    other = formula_of(key="class")
    ScoreExclusion.objects.create(formula=other, category=city.category.parent)
    assert not published(city, formula=other).lines.exists()


def test_only_the_area_of_the_period_counts(city):
    period = published(city, area=city.other_street)
    assert not period.lines.exists() and not FrozenSpellFact.objects.filter(period=period).exists()


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({"last": scoring.date(2025, 9, 1)}, Invalid, "last"),
        ({"last": scoring.date(2027, 9, 1)}, Invalid, "last"),
        ({"dimension": "whole"}, Invalid, "by"),
        ({"dimension": "x"}, Invalid, "by"),
        ({"first": scoring.date(2024, 12, 1), "last": scoring.date(2024, 12, 31)}, Invalid, "formula"),
    ],
)
def test_a_period_that_cannot_be_is_refused_by_field(city, given, error, field):
    with pytest.raises(error) as refused:
        opened(city, **given)
    assert refused.value.field == field
    assert not ScorePeriod.objects.exists()


def test_the_same_period_twice_or_one_not_over_is_a_conflict(city):
    first = opened(city)
    with pytest.raises(Conflict):
        opened(city, formula=first.formula)
    act(first, "discard", actor=city.user("operations_centre"), reason="开错了")
    again = opened(city, formula=first.formula)
    assert again.pk != first.pk
    today = timezone.localdate()
    running = opened(city, formula=first.formula, first=today, last=today)
    keeping.rebuild()
    with pytest.raises(Conflict) as refused:
        act(running, "compute", actor=city.user("operations_centre"))
    assert refused.value.code == "not_over"
    assert ScorePeriod.objects.get(pk=running.pk).state == "open"


def test_who_may_open_compute_and_publish(city):
    formula = formula_of()
    for role in ("registrar", "dispatcher", "handler", "supervisor", "grid_worker", "community_staff", "resident"):
        with pytest.raises(NotPermitted):
            scoring.score_period_open(actor=city.user(role), area=city.city, dimension="unit", formula=formula,
                                      first=scoring.FIRST, last=scoring.LAST)  # fmt: skip
    with pytest.raises(NotPermitted):  # of the other street only
        scoring.score_period_open(actor=city.outsider("operations_centre"), area=city.city, dimension="unit",
                                  formula=formula, first=scoring.FIRST, last=scoring.LAST)  # fmt: skip
    period = opened(city, formula=formula)
    for somebody in (city.user("handler"), city.outsider("operations_centre"), city.user("registrar")):
        before = snapshot(period)
        for name in ("compute", "publish", "discard"):
            with pytest.raises((NotPermitted, Conflict)):
                act(period, name, actor=somebody, reason="x")
        assert snapshot(period) == before
    act(act(period, "compute", actor=city.user("administrator")), "publish", actor=city.user("administrator"))
