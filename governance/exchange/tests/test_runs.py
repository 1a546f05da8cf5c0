"""Runs: confirmed by who brought the file, told while they go on, cancelled, killed; nothing half-stored ever."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone
from procrastinate.contrib.django import app

from governance.errors import Conflict, Invalid, NotPermitted, UnknownTransition
from governance.exchange import engine, importers, runs
from governance.exchange.runs import carry_out, fail_the_dead, import_cancel, import_check, import_confirm
from governance.exchange.tests.material import ToyImporter, text, units
from governance.models import Area, Event, ImportFile, ImportRun, OrgUnit, User
from governance.testing import assert_relation_forms_agree


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    monkeypatch.setitem(importers._importers, ToyImporter.key, ToyImporter)


def brought(city, source=None, role="administrator") -> ImportRun:
    return import_check(actor=city.user(role), key="test.toy", sources=[source or text(units(3))])


def toys() -> int:
    return OrgUnit.objects.filter(code__startswith="T").count()


def names(run) -> list[str]:
    rows = Event.objects.filter(subject_type="governance.importrun", subject_id=run.pk)
    return list(rows.order_by("id").values_list("name", flat=True))


def run_jobs():
    with app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, delete_jobs="never")


def test_a_checked_run_tells_what_it_would_do_and_keeps_the_file(city):
    run = brought(city)
    assert (run.state, run.lines, run.adds, run.error_count, toys()) == ("checked", 3, 3, 0, 0)
    assert len(run.sha256) == 64 and run.files.count() == 1 and run.rows[0] == [2, "add", "T00000"]
    assert names(run) == ["import.checked"]
    payload = Event.objects.get(name="import.checked").payload
    assert payload == {"importer": "test.toy", "lines": 3, "adds": 3, "changes": 0, "same": 0, "error_count": 0}


@pytest.mark.django_db(transaction=True)
def test_the_worker_stores_a_confirmed_run_once(city):
    # given a run that was confirmed
    run = brought(city)
    import_confirm(run, actor=city.user("administrator"))
    assert toys() == 0
    # when the worker comes to it, and somebody runs it again
    run_jobs()
    carry_out(run.pk)
    # then everything is stored, the event says how much, and the file is gone
    run.refresh_from_db()
    assert (run.state, run.adds, run.percent, toys()) == ("done", 3, 100, 3)
    assert names(run) == ["import.checked", "import.started", "import.done"]
    assert not ImportFile.objects.exists() and run.rows == [] and run.ended_at
    # and it cannot be confirmed or cancelled any more
    for service in (import_confirm, import_cancel):
        with pytest.raises(Conflict):
            service(run, actor=city.user("administrator"))


@pytest.mark.parametrize("role", ["operations_centre", "registrar", "dispatcher", "handler", "supervisor",
                                  "grid_worker", "community_staff", "resident"])  # fmt: skip
def test_only_who_may_add_such_rows_may_import_them(city, role):
    with pytest.raises(NotPermitted):
        brought(city, role=role)
    assert not ImportRun.objects.exists() and not Event.objects.exists()


def test_a_whole_citys_import_is_not_for_the_administrator_of_a_street(city):
    for key in ("governance.divisions", "cases.catalogue"):
        with pytest.raises(NotPermitted):
            import_check(actor=city.outsider("administrator"), key=key, sources=[text(units(1))])
    with pytest.raises(UnknownTransition):
        import_check(actor=city.user("administrator"), key="no.such", sources=[text(units(1))])


def test_only_who_brought_the_file_confirms_and_only_a_good_one(city):
    run = brought(city)
    with pytest.raises(NotPermitted):
        import_confirm(run, actor=city.outsider("administrator"))
    bad = brought(city, text([["code", "name"], ["T1", "坏"]]))
    with pytest.raises(Invalid):
        import_confirm(bad, actor=city.user("administrator"))
    assert {run.state for run in ImportRun.objects.all()} == {"checked"} and toys() == 0


@pytest.mark.django_db(transaction=True)
def test_content_stored_before_is_told_where_its_lines_would_come_in_once_more(city):
    # given a file that was stored
    import_confirm(brought(city), actor=city.user("administrator"))
    run_jobs()
    # when it comes again and changes nothing, there is nothing to tell
    assert brought(city).notes == []
    # when its lines would be added once more, the day is told; not of other content
    OrgUnit.objects.filter(code__startswith="T").delete()
    again = brought(city)
    assert [f"{timezone.localdate():%Y-%m-%d}" in note for note in again.notes] == [True]
    assert brought(city, text(units(4))).notes == []


def test_a_run_dropped_before_it_began(city):
    run = import_cancel(brought(city), actor=city.user("administrator"))
    assert (run.state, run.files.count()) == ("cancelled", 0)
    assert names(run) == ["import.checked", "import.cancelled"]


def test_who_lists_which_runs(city):
    administrator, elsewhere = city.user("administrator"), city.outsider("administrator")
    run = brought(city)
    theirs = import_check(actor=elsewhere, key="test.toy", sources=[text(units(1))])
    seen = {user: set(ImportRun.objects.visible_to(user)) for user in (administrator, elsewhere, city.user("handler"))}
    assert seen == {administrator: {run, theirs}, elsewhere: {theirs}, city.user("handler"): set()}


@pytest.mark.django_db(transaction=True)
def test_what_changed_between_check_and_run_counts(city):
    # given a run checked when a unit was missing, which somebody has added since
    run = brought(city)
    OrgUnit.objects.create(code="T00000", name="单位0", kind="other", area=city.city)
    import_confirm(run, actor=city.user("administrator"))
    run = carry_out(run.pk)
    assert (run.state, run.adds, run.same, toys()) == ("done", 2, 1, 3)


@pytest.mark.django_db(transaction=True)
def test_an_error_of_the_system_leaves_nothing_and_says_so(city, monkeypatch):
    run = brought(city)
    import_confirm(run, actor=city.user("administrator"))
    monkeypatch.setattr(ToyImporter, "save", lambda self, planned: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        carry_out(run.pk)
    run.refresh_from_db()
    assert (run.state, toys(), names(run)[-1]) == ("failed", 0, "import.failed") and run.failure


class Gate:
    """Holds a run between two parts until the test lets it go on."""

    def __init__(self, monkeypatch):
        self.reached, self.go_on = threading.Event(), threading.Event()
        save = ToyImporter.save

        def slow(importer, planned):
            save(importer, planned)
            self.reached.set()
            assert self.go_on.wait(20)

        monkeypatch.setattr(ToyImporter, "save", slow)
        monkeypatch.setattr(engine, "PART", 2)


def in_thread(run):
    def work():
        try:
            carry_out(run.pk, every=0)
        finally:
            close_old_connections()
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_from_outside_and_a_cancel_is_heard_inside(city, monkeypatch):
    # given a run in the middle of its transaction, in another thread with its own connections
    gate = Gate(monkeypatch)
    run = brought(city, text(units(6)))
    import_confirm(run, actor=city.user("administrator"))
    thread = in_thread(run)
    assert gate.reached.wait(20)
    # then its progress is seen here, and nothing of what it has stored
    run.refresh_from_db()
    assert (run.state, run.steps, run.done_steps, run.percent) == ("running", 12, 6, 50)
    assert run.started_at and toys() == 0
    # a sweep does not take it for dead
    assert fail_the_dead() == 0
    # when the person cancels
    import_cancel(run, actor=city.user("administrator"))
    gate.go_on.set()
    thread.join(30)
    # then nothing was stored
    run.refresh_from_db()
    assert (run.state, toys()) == ("cancelled", 0)
    assert names(run) == ["import.checked", "import.started", "import.cancelled"]


@pytest.mark.django_db(transaction=True)
def test_what_nobody_confirms_is_forgotten(city):
    old, young = brought(city), brought(city)
    ImportRun.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=49))
    assert [runs.forget_unconfirmed(), runs.forget_unconfirmed()] == [1, 0]
    assert list(ImportFile.objects.values_list("run", flat=True)) == [young.pk]


def test_what_old_runs_quoted_is_let_go(city):
    run = brought(city, text([["code", "name"], ["T1", "坏"]]))
    assert runs.forget_details() == 0
    ImportRun.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert [runs.forget_details(), runs.forget_details()] == [1, 0]
    run.refresh_from_db()
    assert (run.errors, run.error_count) == ([], 1)


def test_lists_and_single_runs_follow_one_rule(city):
    brought(city)
    import_check(actor=city.outsider("administrator"), key="test.toy", sources=[text(units(1))])
    import_check(actor=User.objects.system("imports"), key="test.toy", sources=[text(units(1))])
    people = [*city.people.values(), User.objects.create_superuser("root", "correct horse battery")]
    assert_relation_forms_agree(ImportRun.objects, people)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_another_process_began_and_left_is_failed_not_repeated(city):
    run = brought(city)
    import_confirm(run, actor=city.user("administrator"))
    ImportRun.objects.filter(pk=run.pk).update(started_at=timezone.now())
    run = carry_out(run.pk)
    assert (run.state, toys()) == ("failed", 0)
    assert Event.objects.get(name="import.failed").actor == User.objects.system("imports")


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_process_killed_in_the_middle_leaves_nothing(tmp_path):
    # given a real process storing twenty thousand streets, in the middle of it
    districts = "".join(f"99{place:04},区{place},9900\n" for place in range(1, 21))
    streets = "".join(f"99{place // 1000 + 1:04}{place % 1000:03},街道{place}\n" for place in range(20_000))
    (tmp_path / "districts.csv").write_text("code,name,cityCode\n" + districts)
    (tmp_path / "streets.csv").write_text("code,name\n" + streets)
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    command = [sys.executable, "manage.py", "import_divisions", tmp_path / "districts.csv", tmp_path / "streets.csv"]
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=os.environ | {"DATABASE_URL": database}, stdout=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: process.poll() is not None or ImportRun.objects.filter(done_steps__gt=20_020).exists())
        assert process.poll() is None
        # when it is killed
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    # then nothing is stored, and the run is shown as failed as soon as somebody looks after it
    wait_until(lambda: fail_the_dead() == 1)
    run = ImportRun.objects.get()
    assert (run.state, Area.objects.count()) == ("failed", 0)
    # and the same import can be made again
    subprocess.run(command, cwd=settings.BASE_DIR, env=os.environ | {"DATABASE_URL": database}, check=True)
    assert Area.objects.filter(kind="street").count() == 20_000


def wait_until(holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)
