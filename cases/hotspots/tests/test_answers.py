"""Every answer against a plain count of the cases, for any window, category and person."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from cases.hotspots import cells
from cases.hotspots.asking import Question
from cases.hotspots.counting import count_changes
from cases.hotspots.places import by_area, by_cell, level_below
from cases.hotspots.repeats import repeat_places
from cases.hotspots.scope import scope_of
from cases.hotspots.spans import WEEK, Window
from cases.hotspots.tests.city import TODAY, many
from cases.hotspots.trend import trend
from cases.hotspots.types import frequent_types
from cases.models import Case, CaseCategory
from cases.scenes.querysets import in_scene
from cases.tests.rules import a_scene
from governance.clock import SHANGHAI
from governance.coordinates import distance
from governance.errors import NotPermitted
from governance.models import Building, Dwelling, Estate

pytestmark = pytest.mark.django_db
ROLES = ["administrator", "operations_centre", "registrar", "dispatcher", "grid_worker", "community_staff"]


@pytest.fixture
def busy(city):
    """Four hundred cases of five months in two grids and above, of four categories or none, some not to be counted."""
    random = Random(5)
    parent = city.category.parent
    scheme = {"scheme": "test", "scheme_version": "1", "kind": "event"}
    street = CaseCategory.objects.create(code="02", name="街面秩序", **scheme)
    city.kinds = [
        city.category, parent, street, CaseCategory.objects.create(code="0201", name="占道", parent=street, **scheme),
        None,
    ]  # fmt: skip
    city.scenes = [
        a_scene(city, "class", categories=[parent]),
        a_scene(city, "mixed", categories=[parent, city.category, city.kinds[3]]),
        a_scene(city, "district", categories=[city.category], area=city.district),
        a_scene(city, "empty"),
    ]
    spots = [(112.9 + random.random() / 40, 28.2 + random.random() / 100) for _spot in range(25)]
    for _case in range(400):
        place = random.choice(spots)
        area = city.grid if place[0] < 112.91 else city.other_grid if place[0] > 112.92 else city.district
        address = random.choice(["", "中山路 1 号", "书声巷3号"])
        many(
            city, random.choice([place, place, None]), area=area, address=address,
            last=TODAY - timedelta(days=int(random.random() ** 2 * 150)),
        )  # fmt: skip
    for case in Case.objects.all():
        Case.objects.filter(pk=case.pk).update(category=random.choice(city.kinds))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_case SET state = 'rejected' WHERE id % 17 = 0")
        cursor.execute(
            "UPDATE cases_case SET state = 'merged', merged_into_id = (SELECT min(id) FROM cases_case)"
            " WHERE id % 13 = 0 AND id > (SELECT min(id) FROM cases_case)"
        )
    count_changes()
    return city


def counted(question: Question, window: Window, *, reports=False):
    """The cases a question is about, plainly."""
    left_out = ["rejected", "cancelled"] if reports else ["rejected", "cancelled", "merged"]
    rows = Case.objects.exclude(state__in=left_out).filter(area__in=question.scope.ids).select_related("category")
    if question.category is not None:
        rows = rows.filter(Q(category=question.category) | Q(category__parent=question.category))
    if question.scene is not None:
        rows = in_scene(rows, question.scene)
    return [
        case for case in rows if window.first <= case.reported_at.astimezone(SHANGHAI).date() <= window.last
    ]  # fmt: skip


def questions(city):
    """Windows of a day, some odd lengths, and half a year; for several people: of all cases, a class, a sub-class; of
    a scene, what of a class or a sub-class lies in it."""
    random = Random(9)
    for days in (1, 6, 30, 77, 140):
        for category in (None, city.kinds[1], city.kinds[3]):
            role = random.choice(ROLES)
            last = TODAY - timedelta(days=random.randrange(12))
            yield Question(Window.ending(last, days), scope_of(city.user(role)), category)
        for scene, category in ((0, None), (1, None), (1, city.kinds[2]), (1, city.kinds[0]), (2, None), (3, None)):
            scene = city.scenes[scene]
            scope = scope_of(city.user(random.choice(ROLES)), scene.area)
            yield Question(Window.ending(TODAY, days), scope, category, scene)


@pytest.mark.parametrize("resolution", cells.RESOLUTIONS)
def test_hexagons(busy, resolution):
    for question in questions(busy):
        window = question.window
        found, sums = by_cell(question, resolution)

        def of(cases):
            return Counter(
                cells.name_of(cells.cell_at(case.longitude, case.latitude, resolution))
                if resolution == cells.PLACE
                else cells.name_of(cells.larger(cells.cell_at(case.longitude, case.latitude), resolution))
                for case in cases
                if case.longitude is not None
            )

        now, before = of(counted(question, window)), of(counted(question, window.before))
        reports = of(counted(question, window, reports=True))
        assert {row.cell: row.counted.cases for row in found if row.counted.cases} == dict(now)
        assert {row.cell: row.counted.before for row in found if row.counted.before} == dict(before)
        assert {row.cell: row.counted.reports for row in found if row.counted.cases} == {
            cell: reports[cell] for cell in now
        }
        assert [row.counted.cases for row in found] == sorted((row.counted.cases for row in found), reverse=True)
        assert sums.counted.cases == len(counted(question, window))
        assert sums.unplaced == sums.counted.cases - sum(now.values())


def test_areas_and_their_rates(busy):
    # given sixty homes in the grid
    estate = Estate.objects.create(code="E", name="松苑", area=busy.community)
    building = Building.objects.create(estate=estate, number="1", area=busy.grid)
    Dwelling.objects.bulk_create(
        Dwelling(code=f"D{number}", building=building, area=busy.grid, number=str(number)) for number in range(60)
    )
    for question in questions(busy):
        for kind in ("street", "grid"):
            found, sums = by_area(question, kind)
            lineages = [case.area.lineage for case in counted(question, question.window)]
            for row in found:
                own = row.area.kind == kind
                wanted = sum(row.area.pk in line if own else row.area.pk == line[-1] for line in lineages)
                assert row.counted.cases == wanted, (row.area, kind)
                homes = 60 if row.area.pk == busy.grid.pk or own and busy.grid.path.startswith(row.area.path) else 0
                assert row.dwellings == homes
                rate = round(row.counted.cases * 1000 / 60, 1) if homes else None
                assert row.per_1000_dwellings == rate
            assert sum(row.counted.cases for row in found) == sums.counted.cases == len(lineages)
    assert level_below(Question(question.window, scope_of(busy.user("community_staff")))) == "grid"


def whole_classes(question) -> set[int]:
    """The classes all of whose cases a question is about."""
    named = CaseCategory.objects.filter(parent=None)
    if question.category is not None:
        named = named.filter(pk=question.category.pk)
    if question.scene is not None:
        named = named.filter(scene_parts__scene=question.scene)
    return set(named.values_list("pk", flat=True))


def test_frequent_types(busy):
    for question in questions(busy):
        ranked = whole_classes(question)
        for classes in (True, False):
            found = frequent_types(question, classes=classes)
            now = Counter()
            for case in counted(question, question.window):
                key = case.category and (case.category.parent_id or case.category_id if classes else case.category_id)
                if key and (key in ranked if classes else case.category.parent_id):
                    now[key] += 1
            assert {row.category.pk: row.counted.cases for row in found if row.counted.cases} == dict(now)
            if now:
                assert sum(row.share for row in found) == pytest.approx(100, abs=0.5)


def test_the_trend_by_days_and_by_weeks(busy):
    for question in questions(busy):
        points = trend(question)
        days = Counter(case.reported_at.astimezone(SHANGHAI).date() for case in counted(question, question.window))
        for point in points:
            span = [point.first + timedelta(days=number) for number in range(point.days)]
            assert point.cases == sum(days[day] for day in span)
        step = WEEK if question.window.days > 92 else 1
        assert {point.days for point in points} == {step}
        assert len(points) == question.window.days if step == 1 else len(points) >= question.window.days // 7 - 1
        assert step == 1 or points[0].first.weekday() == 0


@pytest.mark.parametrize("scene", [None, 0, 1, 3])
def test_repeat_places(busy, scene):
    scene = None if scene is None else busy.scenes[scene]
    question = Question(Window.ending(TODAY, 60), scope_of(busy.user("dispatcher")), scene=scene)
    found = repeat_places(question, least=3)
    cases = counted(question, question.window)
    # then a place that has a position holds the cases within some 50 m, and each case is in one place at most
    for place in found:
        assert place.cases >= 3
        if place.cells:
            inside = [
                case for case in cases if case.longitude is not None
                and cells.name_of(cells.cell_at(case.longitude, case.latitude)) in place.cells
            ]  # fmt: skip
            assert len(inside) == place.cases
            for case in inside:
                assert distance(case.longitude, case.latitude, place.longitude, place.latitude) < 60
        else:
            assert place.cases == sum(
                case.longitude is None and case.area_id == place.area.pk
                and case.address.replace(" ", "") == place.address.replace(" ", "") for case in cases
            )  # fmt: skip
    listed = [cell for place in found for cell in place.cells]
    assert len(listed) == len(set(listed))
    # and no spot with three cases is missing
    spots = Counter(
        cells.name_of(cells.cell_at(case.longitude, case.latitude)) for case in cases if case.longitude is not None
    )
    assert {cell for cell, number in spots.items() if number >= 3} <= set(listed)
    addresses = Counter((case.area_id, case.address.replace(" ", "")) for case in cases
                        if case.longitude is None and case.address)  # fmt: skip
    assert sum(not place.cells for place in found) == sum(number >= 3 for number in addresses.values())


def test_a_spot_on_the_border_of_two_hexagons_is_one_place(city):
    # given a corner where two hexagons meet, two cases on one side and one on the other, a few metres apart
    ring = cells.outline_of(cells.cell_at(112.905, 28.205))
    (west, south), (east, north) = ring[0], ring[1]
    middle = ((west + east) / 2, (south + north) / 2)
    centre = cells.centre_of(cells.cell_at(112.905, 28.205))
    off = [(middle[axis] - centre[axis]) * 0.1 for axis in (0, 1)]
    inside = (middle[0] - off[0], middle[1] - off[1])
    outside = (middle[0] + off[0], middle[1] + off[1])
    assert cells.cell_at(*inside) != cells.cell_at(*outside)
    many(city, inside, inside, outside)
    count_changes()
    place = repeat_places(Question(Window.ending(TODAY, 7), scope_of(city.user("dispatcher"))))[0]
    assert (place.cases, len(place.cells)) == (3, 2)


def test_figures_stop_at_the_areas_of_the_person(busy):
    window = Window.ending(TODAY, 150)
    for role in ROLES:
        for user in (busy.user(role), busy.outsider(role)):
            scope = scope_of(user)
            allowed = {post.area for post in user.appointments.select_related("area")}
            assert all(found.path.startswith(tuple(area.path for area in allowed)) for found in scope.areas.values())
            _cells, sums = by_cell(Question(window, scope))
            visible = Case.objects.visible_to(user).exclude(state__in=["rejected", "cancelled", "merged"])
            days = [case.reported_at.astimezone(SHANGHAI).date() for case in visible]
            assert sums.counted.cases == sum(window.first <= day <= window.last for day in days)
    # an area that is only partly the person's is counted in part, one that is not, not at all
    staff = busy.user("community_staff")
    assert [area.code for area in scope_of(staff, busy.district).tops] == [busy.community.code]
    assert [area.code for area in scope_of(staff, busy.grid).tops] == [busy.grid.code]
    for user, area in (
        (staff, busy.other_grid), (busy.user("handler"), None), (busy.user("supervisor"), busy.grid),
        (busy.user("resident"), None),
    ):  # fmt: skip
        with pytest.raises(NotPermitted):
            scope_of(user, area)


def test_what_is_called_more_is_no_chance(city):
    # given a spot that went from two cases a week to twenty, among forty where nothing changed
    spots = [(112.9 + number / 2000, 28.2 + number / 2000) for number in range(20)]
    random = Random(7)
    for spot in spots:
        for back in (0, 7):
            many(city, *[spot] * random.choice([2, 3, 4]), last=TODAY - timedelta(days=back))
    many(city, *[(112.93, 28.2)] * 20)
    many(city, *[(112.93, 28.2)] * 2, last=TODAY - timedelta(days=7))
    count_changes()
    found, _sums = by_cell(Question(Window.ending(TODAY, 7), scope_of(city.user("dispatcher"))))
    assert found[0].counted.changed == 1 and found[0].counted.ratio == 10
    assert [row.counted.changed for row in found[1:]] == [0] * (len(found) - 1)


@pytest.mark.parametrize("ask", [by_cell, lambda question: by_area(question, "grid"), frequent_types, trend,
                                 repeat_places])  # fmt: skip
def test_an_answer_needs_the_same_few_statements_for_any_number_of_cases(city, ask):
    scene = a_scene(city, categories=[city.category])

    def asked():
        user = type(city.user("dispatcher")).objects.get(username="dispatcher")
        with CaptureQueriesContext(connection) as caught:
            ask(Question(Window.ending(TODAY, 28), scope_of(user), scene=scene))
        return len(caught)

    many(city, (112.9, 28.2), (112.9, 28.2), (112.9, 28.2))
    count_changes()
    few = asked()
    many(city, *[(112.9 + number / 500, 28.2) for number in range(20)] * 3)
    count_changes()
    assert asked() == few <= 7
