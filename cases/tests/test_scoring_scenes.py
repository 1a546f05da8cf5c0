"""Figures by scene: shown, drilled into, ranked, exported; frozen, so that regrouping changes nothing published."""

from io import BytesIO
from urllib.parse import urlencode

import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case, CaseCategory, FrozenSpellFact, Scene, ScoreLine
from cases.scoring import keeping
from cases.tests import scoring
from cases.tests.api import client_of
from cases.tests.rules import a_scene
from cases.tests.scoring import admin_of, figure, published
from governance.testing import snapshot

LIVE = "/admin/cases/scoreperiod/live/"
CASES_PAGE = "/admin/cases/scoreperiod/cases/"
API = "/api/v1/scores/"
OCTOBER = {"first": "2025-10-01", "last": "2025-10-31"}
BY_SCENE = OCTOBER | {"by": "scene", "formula": "city"}


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup, django_db_blocker):
    """Five turns of the sub-class 井盖 in October, and a formula; once for this module."""
    with scoring.loaded(django_db_blocker) as (city, cases):
        scoring.formula_of()
        yield city, cases


@pytest.fixture
def city(loaded, db):
    return loaded[0]


@pytest.fixture
def scenes(city):
    """A scene of the class and one of the sub-class, both of which count the five; one of another class, one not in
    use. One of the five is filed under a class of no scene."""
    other = CaseCategory.objects.create(scheme="test", scheme_version="1", code="07", name="其他", kind="event")
    lone = CaseCategory.objects.create(scheme="test", scheme_version="1", code="08", name="无归属", kind="event")
    Case.objects.filter(reported_at=scoring.day(7)).update(category=lone)
    keeping.rebuild()
    return {
        "class": a_scene(city, "class", categories=[city.category.parent], position=1),
        "sub": a_scene(city, "sub", categories=[city.category], position=2),
        "other": a_scene(city, "other", categories=[other], position=3),
        "old": a_scene(city, "old", categories=[city.category], is_active=False),
    }


def by_name(rows) -> dict:
    return {row["name"]: row for row in rows}


def test_a_case_counts_for_each_of_its_scenes_and_one_of_none_stands_apart(city, scenes):
    client = client_of(city.user("operations_centre"))
    answer = client.get(f"{API}figures/", BY_SCENE).json()
    told = {row["key"]: row["figures"]["handling_rate"] for row in answer["rows"]}
    four = {"numerator": 4, "denominator": 4, "value": 1.0}
    assert told == {scenes["class"].pk: four, scenes["sub"].pk: four,
                    None: {"numerator": 0, "denominator": 1, "value": 0.0}}  # fmt: skip
    # then equal scores share a rank, and the whole counts each turn once
    named = by_name(answer["rows"])
    assert [named[name]["rank"] for name in ("场景class", "场景sub")] == [1, 1]
    assert answer["totals"]["handling_rate"]["denominator"] == 5
    # regrouping takes effect at once, and a scene ends at its area
    scenes["sub"].categories.all().delete()
    Scene.objects.filter(pk=scenes["class"].pk).update(area=city.other_street)
    rows = client.get(f"{API}figures/", BY_SCENE).json()["rows"]
    assert [(row["key"], row["figures"]["handling_rate"]["denominator"]) for row in rows] == [(None, 5)]


def test_every_figure_of_a_scene_leads_to_its_cases(city, scenes):
    page = admin_of(city.user("operations_centre")).get(LIVE, BY_SCENE)
    assert [row.name for row in page.context["rows"]][:2] == ["场景class", "场景sub"]
    assert len(page.context["rows"]) == 3
    page_client, api = admin_of(city.user("operations_centre")), client_of(city.user("operations_centre"))
    for row in page.context["rows"]:
        for cell in row.cells[::2]:
            for url, wanted in ((cell.numerator_url, cell.figure.numerator),
                                (cell.denominator_url, cell.figure.denominator)):  # fmt: skip
                behind = page_client.get(url)
                assert behind.context["counted"] == len(behind.context["rows"]) == wanted, (row.name, url)
            found = api.get(f"{API}cases/?{cell.denominator_url.partition('?')[2]}").json()["results"]
            assert len(found) == cell.figure.denominator
    # and its figures by month are the scene's alone
    chosen = admin_of(city.user("operations_centre")).get(LIVE, BY_SCENE | {"key": scenes["sub"].pk})
    lines = dict(chosen.context["charts"]["lines"]["series"])
    assert lines["处置率"][-1] == 100.0


def test_a_frozen_period_keeps_the_scenes_of_its_time(city, scenes):
    # given a published period by scenes
    formula = scoring.ScoreFormula.objects.get(key="city")
    period = published(city, dimension="scene", formula=formula)
    lines = {line.name: line for line in period.lines.all()}
    assert {name: figure(line, "handling_rate") for name, line in lines.items()} == {
        "场景class": (4, 4), "场景sub": (4, 4), "": (0, 1),
    }  # fmt: skip
    assert (lines["场景sub"].rank, lines["场景sub"].score, lines[""].rank) == (1, lines["场景class"].score, None)
    kept = [snapshot(line) for line in period.lines.all()]
    # when the scenes are regrouped, renamed, and one is put out of use
    Scene.objects.filter(pk=scenes["sub"].pk).update(name="改名", is_active=False)
    for scene in scenes.values():
        scene.categories.all().delete()
    # then the lines stand, and lead to the same cases through both doors
    assert [snapshot(line) for line in period.lines.all()] == kept
    for line in lines.values():
        asked = {"indicator": "handling_rate", "part": "denominator", "line": line.pk}
        page = admin_of(city.user("operations_centre")).get(CASES_PAGE, asked)
        listed = client_of(city.user("operations_centre")).get(f"{API}cases/", asked).json()["results"]
        assert page.context["counted"] == len(listed) == figure(line, "handling_rate")[1], line.name
    # and no forced write changes what was kept
    with pytest.raises(DatabaseError), transaction.atomic():
        FrozenSpellFact.objects.filter(period=period).update(scenes=[])
    # while the figures as they stand have no scene left
    rows = client_of(city.user("operations_centre")).get(f"{API}figures/", BY_SCENE).json()["rows"]
    assert [row["key"] for row in rows] == [None]


def test_a_period_by_scenes_is_opened_through_both_doors_and_shown(city, scenes):
    user = city.user("operations_centre")
    formula = scoring.ScoreFormula.objects.get(key="city")
    body = OCTOBER | {"area": city.city.code, "by": "scene", "formula": formula.pk}
    made = client_of(user).post(f"{API}periods/", body, format="json").json()
    assert made["by"] == "scene"
    done = client_of(user).post(f"{API}periods/{made['id']}/transitions/compute/", {}, format="json")
    assert done.json()["state"] == "computed"
    lines = client_of(user).get(f"{API}lines/", {"period": made["id"]}).json()["results"]
    assert {line["key"] for line in lines} == {scenes["class"].pk, scenes["sub"].pk, None}
    page = admin_of(user).get(reverse("admin:cases_scoreperiod_change", args=[made["id"]]))
    assert "场景class" in page.content.decode() and page.context["compared_by"] == "应用场景"
    form = OCTOBER | {"last": "2025-10-30", "area": city.city.pk, "dimension": "scene", "formula": formula.pk}
    assert admin_of(user).post(reverse("admin:cases_scoreperiod_add"), form).status_code == 302
    assert ScoreLine.objects.filter(period=made["id"]).exclude(unit=None).count() == 0


def test_excel_by_scene(city, scenes):
    client = admin_of(city.user("operations_centre"))
    answer = client.post(f"{reverse('admin:cases_scoreperiod_live_export')}?{urlencode(BY_SCENE)}", {"format": "xlsx"})
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    rows = {row[1]: row for row in sheet.iter_rows(values_only=True)}
    assert rows["场景sub"][0] == 1 and "场景old" not in rows


def test_figures_by_scene_need_the_same_statements_for_any_number_of_scenes(city, scenes):
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert admin_of(city.user("operations_centre")).get(LIVE, BY_SCENE).status_code == 200
        return len(caught)

    few = asked()
    for number in range(5):
        a_scene(city, f"more{number}", categories=[city.category])
    assert asked() == few <= 45


@pytest.mark.parametrize("grouped", [True, False])
def test_a_handler_sees_the_own_units_part_of_a_scene(city, scenes, grouped):
    if not grouped:
        Scene.objects.all().delete()
    rows = client_of(city.user("handler")).get(f"{API}figures/", BY_SCENE).json()["rows"]
    assert {row["key"] for row in rows} == ({scenes["class"].pk, scenes["sub"].pk, None} if grouped else {None})
    assert client_of(city.user("registrar")).get(f"{API}figures/", BY_SCENE).json()["rows"] == []
