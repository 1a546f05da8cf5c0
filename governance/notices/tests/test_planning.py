"""From the Event table to notices, over real connections: nothing skipped, nothing told twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, connections
from django.utils import timezone

from conftest import build_city
from governance import events
from governance.live.relay import own_parameters
from governance.models import Delivery, Event, Notice, NoticeCursor, NoticeRule, User
from governance.notices import planning
from governance.notices.contexts import registered
from governance.notices.tests.conftest import channel, load_shipped, told
from governance.scoping import Grant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db):
    """The city with the shipped rules, and the cursor standing at the present."""
    made = build_city()
    load_shipped()
    channel(made, "json://1.1.1.1/a", unit=made.municipal)
    NoticeRule.objects.create(
        code="group", name="群", event="case.dispatched", recipient="unit", part="lead", template="case_dispatched"
    )
    planning.plan()
    return made


def plan_all() -> None:
    while planning.plan():
        pass


def in_own_connection(function):
    def run(*arguments):
        try:
            return function(*arguments)
        finally:
            connections.close_all()

    return run


def test_what_happened_before_the_first_planning_is_told_to_nobody(transactional_db):
    made = build_city()
    load_shipped()
    made.open()
    assert planning.plan() == 0
    plan_all()
    assert not Notice.objects.exists()
    # and what happens afterwards is
    made.open()
    plan_all()
    assert told("case.dispatched") == {"handler"}


def test_what_happens_before_the_worker_of_a_new_installation_runs_is_told(transactional_db):
    # given an installation that was prepared
    made = build_city()
    load_shipped()
    planning.begin()
    # when something happens, and the worker comes up after it; preparing again changes nothing
    made.open()
    planning.begin()
    plan_all()
    # then it is told
    assert told("case.dispatched") == {"handler"}


def test_history_written_down_late_is_news_to_nobody(city):
    for days in (400, 8, 6):
        city.open(occurred_at=timezone.now() - timedelta(days=days))
    plan_all()
    assert Notice.objects.filter(event__name="case.dispatched").count() == 1


def test_nothing_is_written_with_the_event_and_all_is_told_when_the_worker_comes_back(city):
    # given cases opened while no worker runs
    for _ in range(5):
        city.open()
    assert not Notice.objects.exists()
    # when it runs again
    plan_all()
    # then each is told once to each, and running again adds nothing
    assert Notice.objects.filter(event__name="case.dispatched").count() == 5
    assert Delivery.objects.count() == 5
    plan_all()
    assert Notice.objects.filter(event__name="case.dispatched").count() == 5 and Delivery.objects.count() == 5


def test_two_workers_at_once_tell_everything_once(city):
    for _ in range(12):
        city.open()
    start = threading.Barrier(4)

    @in_own_connection
    def work(_number):
        start.wait()
        for _ in range(6):
            planning.plan()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    plan_all()
    assert Notice.objects.filter(event__name="case.dispatched").count() == 12
    assert Delivery.objects.count() == 12


def test_an_event_that_commits_late_is_not_skipped(city):
    # given a transaction that wrote its event first and is still open
    case = city.open()
    plan_all()
    Notice.objects.all().delete()
    insert = (
        "INSERT INTO governance_event (name, subject_type, subject_id, actor_id, role, payload, occurred_at)"
        " VALUES ('case.urged', 'cases.case', %s, %s, 'system', '{}', now())"
    )
    with psycopg.connect(**own_parameters()) as slow:
        slow.execute(insert, [case.pk, User.objects.system("test").pk])
        # when later ones are told meanwhile
        city.open()
        plan_all()
        assert told("case.dispatched") == {"handler"} and not told("case.urged")
        slow.commit()
    # then it is told when it is committed
    plan_all()
    assert told("case.urged") == {"handler"}


def test_a_worker_killed_while_planning_leaves_it_all_to_the_next(city, monkeypatch):
    city.open()
    # given the process dies after the notices are stored and before the transaction ends
    with monkeypatch.context() as patched:
        patched.setattr(NoticeCursor, "save", lambda *_arguments, **_named: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            planning.plan()
    assert not Notice.objects.exists()
    # then the next tells once
    plan_all()
    assert Notice.objects.filter(event__name="case.dispatched").count() == 1


def test_a_fault_about_one_event_does_not_stop_the_others(city, monkeypatch):
    broken, sound = city.open(), city.open()
    context = registered()["cases.case"]

    def words(case, *, public):
        if case.pk == broken.pk:
            raise RuntimeError("a fault in an app")
        return context.words(case, public=public)

    replaced = type(context)(context.name, context.variables, words, context.rows, context.parties)
    monkeypatch.setattr("governance.notices.planning.context_of", lambda name: replaced)
    plan_all()
    assert list(Notice.objects.filter(event__name="case.dispatched").values_list("event__subject_id", flat=True)) == [
        sound.pk
    ]


def test_reading_again_after_the_database_restarted_tells_nobody_twice(city):
    city.open()
    plan_all()
    before = Notice.objects.count()
    NoticeCursor.objects.update(server_started="2020-01-01T00:00:00Z")
    plan_all()
    assert Notice.objects.count() == before
    assert NoticeCursor.objects.get().server_started.year > 2020


def test_a_place_from_another_database_begins_at_the_present(city):
    city.open()
    NoticeCursor.objects.update(position="99999999999_99999999999_")
    plan_all()
    assert not Notice.objects.exists()
    city.open()
    plan_all()
    assert told("case.dispatched") == {"handler"}


def test_a_huge_transaction_is_told_whole(city, monkeypatch):
    monkeypatch.setattr("governance.live.journal.PIECE", 3)
    monkeypatch.setattr("governance.live.journal.read.__kwdefaults__", {"beyond": None, "limit": 3})
    case = city.open()
    plan_all()
    Notice.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO governance_event (name, subject_type, subject_id, actor_id, role, payload, occurred_at)"
            " SELECT 'case.urged', 'cases.case', %s, %s, 'system', '{}', now() FROM generate_series(1, 10)",
            [case.pk, User.objects.system("test").pk],
        )
    assert planning.plan() == 10
    assert Notice.objects.count() == 10


def test_without_rules_only_the_place_moves(city):
    NoticeRule.objects.all().delete()
    place = NoticeCursor.objects.get().position
    city.open()
    plan_all()
    assert not Notice.objects.exists() and NoticeCursor.objects.get().position != place


def test_a_failing_channel_is_told_to_its_administrators(city):
    row = channel(city)
    actor = User.objects.system("notices")
    payload = {"channel": row.code, "delivery": 1, "attempts": 8}
    events.record("notice_channel.failed", row, actor=actor, grant=Grant("system"), payload=payload)
    plan_all()
    assert told("notice_channel.failed") == {"administrator"}
    assert Event.objects.filter(name="notice_channel.failed").count() == 1
