"""Formulas: arithmetic, the published examples, Excel and practice packages, who edits them."""

from decimal import Decimal

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from cases.models import ScoreExclusion, ScoreFormula, ScoreWeight
from cases.scoring.figures import NOTHING, Figure
from cases.scoring.ranking import ranks, score_of
from cases.tests.scoring import STAFF, admin_of, formula_of, opened
from governance.exchange import engine
from governance.exchange.engine import RowsRefused
from governance.exchange.files import Source
from governance.exchange.importers import importer_named
from governance.practice import package as practice

HEADER = "key,version,name,scale,minimum_sample,valid_from,indicator,weight,inverse\n"
LINES = HEADER + "street,1,街道评价,100,3,2025-01-01,处置率,60,\nstreet,1,,,,,rework_rate,40,是\n"


def score(formula, **figures):
    return score_of(formula, NOTHING | {key: Figure(of, number) for key, (number, of) in figures.items()})


def test_the_published_city_formula(db):
    formula = formula_of(least=10)
    scored = score(formula, handling_rate=(9, 10), on_time_handling_rate=(8, 10), rework_rate=(1, 10),
                   overdue_open_rate=(1, 10), extension_rate=(2, 10))  # fmt: skip
    # 30·0.9 + 20·0.8 + 20·0.9 + 20·0.9 + 10·0.8
    assert scored.score == Decimal("87.00")
    assert [term.points for term in scored.terms] == [Decimal(n) for n in ("27.00", "16.00", "18.00", "18.00", "8.00")]
    few = score(formula, handling_rate=(9, 9), on_time_handling_rate=(8, 10), rework_rate=(1, 10),
                overdue_open_rate=(1, 10), extension_rate=(2, 10))  # fmt: skip
    assert few.score is None and few.terms[0].points is None


def test_the_published_hotline_formula_has_ninety_five_marks(db):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0004_score_formulas.json"), verbosity=0)
    city, hotline = (ScoreFormula.objects.get_by_natural_key(key, 1) for key in ("city", "hotline"))
    assert sum(row.weight for row in city.weights.all()) == city.scale == 100
    assert sum(row.weight for row in hotline.weights.all()) == hotline.scale == 95
    full = dict.fromkeys(("signing_rate", "response_rate", "solved_rate", "satisfaction_rate"), (10, 10))
    assert score(hotline, **full).score == Decimal("95.00")
    hotline.scale = 100  # a version of it with another scale
    assert score(hotline, **full | {"solved_rate": (0, 10)}).score == Decimal("78.95")  # 100·75/95


def test_equal_scores_share_a_rank():
    assert ranks({1: Decimal(90), 2: Decimal(95), 3: Decimal(90), 4: None, None: Decimal(99), 5: Decimal(80)}) == {
        1: 2, 2: 1, 3: 2, 4: None, None: None, 5: 4,
    }  # fmt: skip


def bring(text: str, actor):
    return engine.run(importer_named("cases.scoreformula")({}), Source("f.csv", text.encode()), actor=actor)


def test_a_formula_is_imported_whole_and_a_second_time_changes_nothing(city):
    admin = city.user("administrator")
    for expected in (2, 0):
        assert bring(LINES, admin).adds == expected
    formula = ScoreFormula.objects.get()
    assert (formula.name, formula.minimum_sample) == ("街道评价", 3)
    assert [(row.indicator, row.weight, row.inverse) for row in formula.weights.all()] == [
        ("handling_rate", Decimal(60), False), ("rework_rate", Decimal(40), True),
    ]  # fmt: skip
    bring(LINES.replace("60", "70"), admin)
    assert formula.weights.get(indicator="handling_rate").weight == 70


@pytest.mark.parametrize(
    ("change", "line", "column"),
    [(("处置率", "好评率"), 2, "indicator"), (("40,是", "-1,是"), 3, ""), (("100,3", "0,3"), 2, "scale")],
)
def test_a_bad_line_is_named_and_nothing_is_stored(city, change, line, column):
    with pytest.raises(RowsRefused) as refused:
        bring(LINES.replace(*change), city.user("administrator"))
    assert [(error.line, error.column) for error in refused.value.report.errors][:1] == [(line, column)]
    assert not ScoreFormula.objects.exists() and not ScoreWeight.objects.exists()


def test_an_import_does_not_change_a_formula_that_was_used(city):
    admin = city.user("administrator")
    bring(LINES, admin)
    opened(city, formula=ScoreFormula.objects.get())
    with pytest.raises(RowsRefused):
        bring(LINES.replace("60", "70"), admin)
    assert ScoreWeight.objects.get(indicator="handling_rate").weight == 60


def test_formulas_travel_in_practice_packages(city):
    admin = city.user("administrator")
    formula = formula_of()
    ScoreExclusion.objects.create(formula=formula, source="sensor")
    ScoreExclusion.objects.create(formula=formula, category=city.category)
    package = practice.written(actor=admin, only=["score_formulas"])
    assert all(one.action == "same" for one in practice.differences(package, actor=admin))
    formula.exclusions.all().delete()
    formula.weights.all().delete()
    ScoreFormula.objects.all().delete()
    practice.apply(package, actor=admin)
    again = ScoreFormula.objects.get_by_natural_key("city", 1)
    assert again.weights.count() == 5 and again.weights.get(indicator="rework_rate").inverse
    assert {str(row) for row in again.exclusions.all()} == {"传感器", "井盖"}


@pytest.mark.parametrize("role", STAFF)
def test_only_administrators_of_the_city_edit_formulas(city, role):
    formula, client = formula_of(), admin_of(city.user(role))
    address = reverse("admin:cases_scoreformula_change", args=[formula.pk])
    form = {
        "name": "改名", "scale": "100", "minimum_sample": "3", "valid_from": "2025-01-01", "is_active": "on",
        "source": "", "weights-TOTAL_FORMS": "0", "weights-INITIAL_FORMS": "0", "exclusions-TOTAL_FORMS": "0",
        "exclusions-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert client.get(address).status_code == 200
    posted = client.post(address, form)
    formula.refresh_from_db()
    assert (posted.status_code, formula.name) == ((302, "改名") if role == "administrator" else (403, "城市评价"))


def test_the_page_of_a_used_formula_only_lets_it_out_of_use(city):
    formula = opened(city).formula
    client = admin_of(city.user("administrator"))
    address = reverse("admin:cases_scoreformula_change", args=[formula.pk])
    page = client.get(address).content.decode()
    assert 'name="scale"' not in page and "weights-0-weight" not in page and 'name="is_active"' in page
    client.post(address, {"name": "改名", "weights-TOTAL_FORMS": "0", "weights-INITIAL_FORMS": "0",
                          "exclusions-TOTAL_FORMS": "0", "exclusions-INITIAL_FORMS": "0"})  # fmt: skip
    formula.refresh_from_db()
    assert (formula.name, formula.is_active) == ("城市评价", False)
