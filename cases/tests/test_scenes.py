"""Scenes: which cases belong to one, who keeps them, and how they come in."""

import pytest
from django.urls import reverse

from cases.models import Case, CaseCategory, Scene
from cases.scenes.querysets import in_scene, in_scene_coded
from cases.tests.api import CASES, client_of
from cases.tests.rules import a_scene
from governance.exchange import engine
from governance.exchange.engine import RowsRefused
from governance.exchange.files import Source
from governance.exchange.importers import importer_named
from governance.models import Event
from governance.scoping import grants_of

pytestmark = pytest.mark.django_db
ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff",
]  # fmt: skip


@pytest.fixture
def cases(city):
    """Cases by their category: the sub-class 井盖, its class, another class, none; one lies in the other street."""
    parent = city.category.parent
    other = CaseCategory.objects.create(scheme="test", scheme_version="1", code="02", name="道路", kind="event")
    made = {name: city.open(category=category, standard=None) for name, category in
            {"sub": city.category, "class": parent, "other": other}.items()}  # fmt: skip
    return made | {"none": city.report(), "far": city.open(area=city.other_grid), "other_class": other}


def test_a_class_stands_for_its_sub_classes_and_only_in_the_area(city, cases):
    rows = Case.objects.all()
    whole = a_scene(city, "whole", categories=[city.category.parent])
    sub = a_scene(city, "sub", categories=[city.category])
    both = a_scene(city, "both", categories=[city.category.parent, cases["other_class"]])
    expected = {whole: {"sub", "class", "far"}, sub: {"sub", "far"}, both: {"sub", "class", "far", "other"}}
    for scene, names in expected.items():
        wanted = {cases[name].pk for name in names}
        assert set(in_scene(rows, scene).values_list("pk", flat=True)) == wanted, scene
        assert set(in_scene_coded(rows, scene.code).values_list("pk", flat=True)) == wanted, scene
    # regrouping takes effect at once, and a scene ends at its area
    sub.categories.all().delete()
    assert not in_scene(rows, sub).exists()
    Scene.objects.filter(pk=whole.pk).update(area=city.street)
    assert cases["far"].pk not in in_scene(rows, Scene.objects.get(pk=whole.pk)).values_list("pk", flat=True)


def test_lists_of_cases_are_filtered_by_scene(city, cases):
    scene = a_scene(city, "covers", categories=[city.category])
    client = client_of(city.user("dispatcher"))
    numbers = {cases["sub"].number, cases["far"].number}
    listed = client.get(f"{CASES}?scene=covers").json()["results"]
    assert {row["number"] for row in listed} == numbers
    assert client.get(f"{CASES}?scene=nothing").json()["errors"][0]["attr"] == "scene"
    html = client.get(f"/admin/cases/case/?scene={scene.pk}").content.decode()
    assert all(number in html for number in numbers) and cases["other"].number not in html
    # and with a queue: the scene's own
    assert client.get(f"{CASES}?scene=covers&review=true").json()["results"][0]["number"] == cases["sub"].number


@pytest.mark.parametrize("role", ROLES)
def test_scenes_are_read_by_staff_and_kept_by_administrators_of_their_area(city, role):
    scene = a_scene(city, categories=[city.category], units=[city.urban, city.water])
    client = client_of(city.user(role))
    [row] = client.get("/api/v1/scenes/").json()["results"]
    assert (row["code"], row["categories"], row["units"]) == ("works", ["0101"], ["urban", "water"])
    change = reverse("admin:cases_scene_change", args=[scene.pk])
    form = {"name": "新名", "area": city.city.pk, "position": "0", "is_active": "on",
            "categories-TOTAL_FORMS": "0", "categories-INITIAL_FORMS": "0",
            "units-TOTAL_FORMS": "0", "units-INITIAL_FORMS": "0"}  # fmt: skip
    assert client.get(change).status_code == 200
    posted = client.post(change, form, format="multipart")
    scene.refresh_from_db()
    if role == "administrator":
        assert posted.status_code == 302 and scene.name == "新名"
        # one of a street may not, and a scene is for a city or a district
        outside = client_of(city.outsider(role)).post(change, form | {"name": "x"}, format="multipart")
        assert outside.status_code == 403
        assert client.post(change, form | {"area": city.street.pk}, format="multipart").status_code == 200
        scene.refresh_from_db()
        assert (scene.name, scene.area) == ("新名", city.city)
    else:
        assert posted.status_code == 403 and scene.name == "场景works"


def test_residents_read_no_scenes(city):
    assert client_of(city.user("resident")).get("/api/v1/scenes/").status_code == 403
    assert client_of(city.user("resident")).get("/api/v1/overview/").status_code == 403


def test_scenes_concern_who_works_where_they_hold(city):
    everywhere = a_scene(city, "all")
    elsewhere = a_scene(city, "elsewhere", area=city.district)
    Scene.objects.filter(pk=elsewhere.pk).update(area=city.other_street)  # as a city with several districts has it
    mine = set(Scene.objects.met_by(grants_of(city.user("grid_worker"))))
    assert mine == {everywhere}
    assert set(Scene.objects.met_by(grants_of(city.user("dispatcher")))) == {everywhere, elsewhere}
    assert not Scene.objects.met_by(grants_of(city.user("resident"))).exists()


HEAD = "code,name,area,description,position,is_active,categories,units\n"


def bring(text: str, actor):
    return engine.run(importer_named("cases.scene")({}), Source("s.csv", (HEAD + text).encode()), actor=actor)


def test_scenes_come_in_with_their_categories_and_units(city):
    admin = city.user("administrator")
    line = f"works,市政,{city.city.code},设施,2,是,01、0101,urban、water单位\n"
    assert (bring(line, admin).adds, bring(line, admin).adds) == (1, 0)
    scene = Scene.objects.get(code="works")
    assert [row.category.code for row in scene.categories.all()] == ["01", "0101"]
    assert [row.unit.code for row in scene.units.all()] == ["urban", "water"]
    changed = bring(line.replace("01、0101", "0101"), admin)
    assert (changed.changes, scene.categories.count()) == (1, 1)
    before = Event.objects.count()
    for wrong, column in (("99", "categories"), ("0101,没有的单位", "units")):
        with pytest.raises(RowsRefused) as refused:
            bring(f"other,其他,{city.city.code},,2,是,{wrong}{'' if ',' in wrong else ','}\n", admin)
        assert [error.column for error in refused.value.report.errors] == [column]
    with pytest.raises(RowsRefused):
        bring(f"other,其他,{city.street.code},,2,是,0101,\n", admin)
    assert Scene.objects.count() == 1 and Event.objects.count() == before
