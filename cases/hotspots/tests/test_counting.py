"""The counts follow the cases, whatever happens to them and in whatever order; counting anew changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from random import Random
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.hotspots import cells, counting
from cases.hotspots.counting import count_changes, sum_up
from cases.hotspots.rebuild import rebuild
from cases.hotspots.spans import SPANS, Window, pieces, start_of, start_sql
from cases.hotspots.tests.city import TODAY, at, kept, many, plainly
from cases.models import Case, CaseCategory, CaseChange, CaseSpot, DayTally, TallyState
from cases.services import case_accept, case_correct, case_report
from conftest import build_city
from governance.configuration import configuration_save
from governance.models import User
from governance.workflow import act

NEAR = (112.9051, 28.2049)
degrees = st.tuples(st.floats(-179, 179), st.floats(-84, 84))


@given(degrees, st.sampled_from(cells.RESOLUTIONS))
@settings(max_examples=80, deadline=None)
def test_larger_cells_and_ranges_are_the_librarys(point, resolution):
    small = cells.cell_at(*point)
    large = cells.cell_at(*point, resolution)
    assert cells.larger(small, resolution) == cells.h3.cell_to_parent(small, resolution)
    assert cells.resolution_of(small) == cells.PLACE and cells.resolution_of(large) == resolution
    # a cell holds exactly the small ones in its range
    home = cells.h3.cell_to_parent(small, resolution)
    low, high = cells.within(home)
    assert low <= small <= high
    for other in cells.around(small):
        assert (low <= other <= high) == (cells.h3.cell_to_parent(other, resolution) == home)
    assert cells.cell_named(cells.name_of(large)) == large


@given(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(0, 400))
@settings(max_examples=80, deadline=None)
def test_any_days_are_made_up_of_few_spans_without_gap_or_overlap(first, more):
    last = first + timedelta(days=more)
    found = list(pieces(first, last))
    days = [start + timedelta(days=number) for span, start in found for number in range(span)]
    assert days == [first + timedelta(days=number) for number in range(more + 1)]
    assert all(span == 1 or start_of(span, start) == start for span, start in found)
    assert len(found) <= 2 * (6 + 3 + 2) + more // SPANS[0]
    window = Window(first, last)
    assert window.before.days == window.days and window.before.last == first - timedelta(days=1)


@pytest.mark.django_db
def test_the_database_begins_spans_on_the_same_days():
    days = [date(1999, 12, 1) + timedelta(days=number) for number in range(90)]
    for span in SPANS:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {start_sql(span, 'day')} FROM unnest(%s::date[]) AS day", [days])
            assert [row[0] for row in cursor.fetchall()] == [start_of(span, day) for day in days]


@pytest.mark.django_db
def test_a_case_is_counted_once_from_report_to_end(city):
    # given a case that was reported without category
    case = city.report()
    assert CaseChange.objects.count() == 1 and not CaseSpot.objects.exists()
    assert count_changes() == 1
    assert kept() == plainly() and DayTally.objects.get().category_id is None
    # when it is filed, corrected, and steps happen that change nothing to be counted
    case = case_accept(case, actor=city.user("registrar"), standard=city.standard)
    act(case, "urge", actor=city.user("supervisor"), reason="快")
    assert count_changes() == 1
    assert kept() == plainly() and DayTally.objects.get(reports=1).category == city.category
    other = case_report(
        actor=User.objects.system("public"), source="resident", description="x", area=city.grid, address="书声巷 1 号"
    )
    case_correct(other, actor=city.user("registrar"), category=city.category, reason="x")
    act(other, "cancel", actor=city.user("registrar"), reason="重复")
    assert count_changes() == 3 and count_changes() == 0
    # then only what counts is counted, once
    assert kept() == plainly()
    assert sum(DayTally.objects.values_list("cases", flat=True)) == 1
    assert TallyState.objects.get().counted_at is not None


@pytest.mark.django_db
def test_a_merged_case_counts_as_report_only(city):
    one, two = many(city, NEAR, NEAR)
    count_changes()
    with connection.cursor() as cursor:  # as the transition does it
        cursor.execute("UPDATE cases_case SET state = 'merged', merged_into_id = %s WHERE id = %s", [one.pk, two.pk])
    assert count_changes() == 1
    assert kept() == plainly()
    assert DayTally.objects.values_list("cases", "reports").get(reports=2) == (1, 2)


@pytest.mark.django_db
def test_any_changes_in_any_order_end_where_the_cases_are(city, monkeypatch):
    # given small bunches, categories of two levels, and a random life of sixty cases
    monkeypatch.setattr(counting, "BUNCH", 7)
    random = Random(3)
    categories = [
        None,
        city.category,
        city.category.parent,
        CaseCategory.objects.create(
            scheme="test", scheme_version="1", code="0201", name="乱停", kind="event", parent=city.category.parent
        ),
    ]
    areas = [city.grid, city.other_grid, city.community, city.street, city.city]
    places = [NEAR, (112.9253, 28.2049), (112.9051, 28.2053), None]
    for _round in range(12):
        for place in random.choices(places, k=5):
            many(city, place, last=TODAY - timedelta(days=random.randrange(60)), area=random.choice(areas),
                 address=random.choice(["", "中山路 1 号"]))  # fmt: skip
        for case in random.sample(list(Case.objects.all()), 4):
            changed = random.choice([
                {"category": random.choice(categories)}, {"area": random.choice(areas)}, {"address": "中山路2号"},
                {"reported_at": at(TODAY - timedelta(days=random.randrange(90)))},
                {"longitude": None, "latitude": None},
                {"longitude": 112.93, "latitude": 28.21},
            ])  # fmt: skip
            Case.objects.filter(pk=case.pk).update(**changed)
            with connection.cursor() as cursor:
                state = random.choice(["rejected", "cancelled", "merged", "closed", "reported"])
                cursor.execute(
                    "UPDATE cases_case SET state = %s, merged_into_id = CASE WHEN %s = 'merged' THEN id END"
                    " WHERE id = %s",
                    [state, state, case.pk],
                )
        if random.random() < 0.3:
            Case.objects.filter(pk__in=Case.objects.exclude(state="merged").order_by("?").values("pk")[:1]).delete()
        if random.random() < 0.6:
            count_changes()
            assert kept() == plainly()
    count_changes()
    incremental = kept()
    assert incremental == plainly()
    # then counting everything anew gives the same, also where the counts were damaged
    call_command("rebuild_hotspots")
    assert kept() == incremental
    DayTally.objects.filter(cases__gt=1).update(cases=99)
    DayTally.objects.create(day=TODAY, area=city.grid, cases=5, reports=5)
    CaseSpot.objects.filter(case_id__in=CaseSpot.objects.values("case_id")[:5]).delete()
    call_command("rebuild_hotspots", again=True)
    assert kept() == incremental and CaseSpot.objects.count() == Case.objects.count()


@pytest.mark.django_db
def test_a_rebuild_goes_on_where_it_stopped(city, monkeypatch):
    many(city, *[NEAR] * 9)
    CaseChange.objects.all().delete()
    monkeypatch.setattr("cases.hotspots.rebuild.BUNCH", 4)

    def stop(case):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(say=stop)
    assert CaseSpot.objects.count() == 4
    assert rebuild() == 5
    assert kept() == plainly() and TallyState.objects.get().rebuilt_to is None


@pytest.mark.django_db
def test_a_flood_is_summed_up_once_at_its_end(city, monkeypatch):
    many(city, NEAR, days=3)
    count_changes()
    monkeypatch.setattr(counting, "BUNCH", 7)
    monkeypatch.setattr(counting, "MANY", 20)
    many(city, *[NEAR, None] * 6, days=3)
    # given a flood whose counter was killed half-way
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(counting, "_complete", lambda at: (_ for _ in ()).throw(KeyboardInterrupt))
        count_changes()
    # then the next one finishes the work
    assert TallyState.objects.get().is_stale
    count_changes()
    assert kept() == plainly() and not TallyState.objects.get().is_stale


@pytest.mark.django_db
def test_a_category_put_under_another_class_is_summed_up_there(city):
    many(city, NEAR, days=3)
    count_changes()
    other = CaseCategory.objects.create(scheme="test", scheme_version="1", code="02", name="道路", kind="component")
    category = CaseCategory.objects.get(pk=city.category.pk)
    category.parent = other
    configuration_save(category, actor=city.user("administrator"), changed=["parent"])
    assert TallyState.objects.get().is_stale
    count_changes()
    assert kept() == plainly() and not TallyState.objects.get().is_stale
    sum_up()
    assert kept() == plainly()


@pytest.mark.django_db
def test_addresses_without_coordinates_are_one_place_however_they_are_written():
    one = cells.place_of(None, None, 7, "中山路 12 号")
    assert one is not None and one < 0
    assert cells.place_of(None, None, 7, "中山路１２号") == one != cells.place_of(None, None, 8, "中山路12号")
    assert cells.place_of(None, None, 7, "  ") is None
    for text in ("", "x", "8" * 40, "-1", "8928308280fffff0", "0"):
        with pytest.raises(ValueError):
            cells.cell_named(text)


@pytest.mark.django_db(transaction=True)
def test_many_report_into_one_cell_while_it_is_counted():
    # given eight people who report at the same spot at the same time, and two who count all the while
    city = build_city()
    User.objects.system("public")
    barrier = Barrier(10)

    def report(_number):
        for _case in range(6):
            city.report()

    def count(_number):
        for _time in range(8):
            count_changes()

    def run(work, number):
        barrier.wait(30)
        try:
            work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        tasks = [pool.submit(run, count if number > 7 else report, number) for number in range(10)]
        for task in tasks:
            task.result()
    # then nothing was lost or counted twice, and nobody waited for a lock in vain
    count_changes()
    assert kept() == plainly()
    assert sum(DayTally.objects.values_list("cases", flat=True)) == Case.objects.count() == 48


@pytest.mark.django_db(transaction=True)
def test_who_comes_while_somebody_counts_leaves_it_to_them():
    city = build_city()
    many(city, NEAR)
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        assert counting.alone()

        def other():
            try:
                return count_changes()
            finally:
                connections.close_all()

        assert pool.submit(other).result() == 0
        assert count_changes() == 1
