"""Requests of the past played back as cases: whole lives at their own times, once, whatever happens in between."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, CaseCategory, CaseState, Dispatch, DispatchMethod, IntakeReceipt
from cases.replay import BATCH, read_incidents, replay
from cases.replay_mapping import Steps, read_mapping
from cases.replay_set_up import ground_of, replay_set_up
from conftest import build_city
from governance.errors import Invalid, NotPermitted
from governance.models import Appointment, Area, Event, User

MAPPING = settings.BASE_DIR / "fixtures" / "replay" / "la311.toml"
REAL = settings.BASE_DIR.parent / "shared" / "data" / "city_incidents_la311.csv.gz"
HEADER = "id,created_at,closed_at,due_at,type,owner,assigned_to,status,address,latitude,longitude"
GRAFFITI = "1-1,2018-12-03T09:00:00,2018-12-03T19:00:00,,Graffiti Removal,OCB,X,Closed,5TH ST,34.05,-118.25"
# The yard BOS/NC is another unit than that of the standard; open for two months, within a limit of five working days.
BULKY = "1-2,2018-12-04T08:00:00,2019-02-04T08:00:00,,Bulky Items,BOS,NC,Closed,6TH ST,34.06,-118.25"


def file_of(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "requests.csv"
    path.write_text("\n".join([HEADER, *rows]))
    return path


def changed(row: str, **columns) -> str:
    cells = dict(zip(HEADER.split(","), row.split(","), strict=True)) | columns
    return ",".join(cells.values())


@pytest.fixture
def mapping(city):
    found = read_mapping(MAPPING)
    replay_set_up(found, actor=city.user("administrator"))
    return found


def play(rows, mapping, **given):
    return replay(rows, mapping=mapping, actor=User.objects.system("replay"), **given)


def play_file(tmp_path, mapping, *rows):
    return play(read_incidents(file_of(tmp_path, *rows)), mapping)


def events_of(case) -> list[str]:
    rows = Event.objects.filter(subject_type="cases.case", subject_id=case.pk).order_by("id")
    return list(rows.values_list("name", flat=True))


def test_a_row_becomes_a_case_with_its_whole_life_at_its_own_times(mapping, tmp_path):
    outcome = play_file(tmp_path, mapping, GRAFFITI)
    assert (outcome.loaded, outcome.skipped, outcome.refused) == (1, 0, [])
    case = Case.objects.get()
    assert case.reported_at == case.dispatched_at == datetime(2018, 12, 3, 17, tzinfo=UTC)
    assert case.submitted_at == datetime(2018, 12, 4, 2, tzinfo=UTC)
    assert (case.state, case.closed_at) == (CaseState.CLOSED, datetime(2018, 12, 4, 3, tzinfo=UTC))
    assert (case.area.code, case.longitude, case.latitude) == ("990198", -118.25, 34.05)
    assert (case.lead_unit.code, case.source) == ("la311-beautification", "hotline")
    assert case.origin == {"source": "la311", "external_id": "1-1"}
    assert events_of(case) == [
        "case.reported", "case.accepted", "case.dispatched", "case.handling_begun", "case.submitted", "case.inspected",
        "case.closed",
    ]  # fmt: skip
    assert Dispatch.objects.get().method == DispatchMethod.STANDARD
    at = list(Event.objects.filter(subject_type="cases.case").order_by("id").values_list("occurred_at", flat=True))
    assert at == sorted(at)


def test_another_unit_than_the_standards_is_given_it_by_a_dispatcher(mapping, tmp_path):
    play_file(tmp_path, mapping, BULKY)
    case, dispatch = Case.objects.get(), Dispatch.objects.get()
    assert (case.lead_unit.code, dispatch.method) == ("la311-yard-nc", DispatchMethod.MANUAL)
    assert (dispatch.limit_amount, dispatch.limit_unit) == (5, "work_day")
    # and what ran past its limit is told at the moment of the limit
    overdue = Event.objects.get(name="case.overdue")
    assert overdue.occurred_at == dispatch.due_at < case.submitted_at


def test_a_term_in_the_file_is_the_cases_term(mapping, tmp_path):
    play_file(tmp_path, mapping, changed(GRAFFITI, due_at="2018-12-04T09:00:00"))
    dispatch = Dispatch.objects.get()
    assert (dispatch.limit_amount, dispatch.limit_unit) == (24, "urgent_hour")
    assert dispatch.due_at == datetime(2018, 12, 4, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({"status": "Cancelled"}, "cancelled"),
        ({"status": "Referred Out"}, "rejected"),
        ({"status": "Open", "closed_at": ""}, "dispatched"),
        ({"status": "Pending", "closed_at": ""}, "handling"),
    ],
)
def test_what_never_was_closed_is_left_where_it_stands(mapping, tmp_path, columns, state):
    play_file(tmp_path, mapping, changed(GRAFFITI, **columns))
    case = Case.objects.get()
    assert case.state == state
    # a stage that ran out years ago was told then, and not again by the timers of today
    assert events_of(case).count("case.overdue") == (state in ("dispatched", "handling"))


def test_rows_that_cannot_be_loaded_are_listed_with_line_and_column(mapping, tmp_path):
    bad = [
        {"latitude": ""}, {"longitude": "west"}, {"latitude": "134.05"}, {"closed_at": "2018-12-03T08:59:59"},
        {"closed_at": ""},
        {"closed_at": "9999-12-31T23:59:59"}, {"created_at": "03.12.2018"}, {"created_at": "2999-01-01T00:00:00"},
        {"created_at": "0001-01-01T00:00:00"}, {"type": "Potholes"},
        {"owner": "NASA"}, {"status": "Lost"}, {"id": ""}, {"due_at": "2018-12-01T00:00:00"},
    ]  # fmt: skip
    rows = [changed(GRAFFITI, **{"id": f"1-{number}"} | columns) for number, columns in enumerate(bad)]
    outcome = play_file(tmp_path, mapping, *rows, GRAFFITI)
    assert (outcome.loaded, outcome.seen) == (1, len(bad) + 1)
    told = {row.line: row.field for row in outcome.refused}
    assert told == {line: next(iter(columns)) for line, columns in enumerate(bad, start=2)}
    assert Case.objects.get().origin["external_id"] == "1-1"


def test_a_replay_that_was_stopped_goes_on_where_it_was(mapping, tmp_path):
    # given a replay stopped after its first batch
    rows = read_incidents(file_of(tmp_path, *(changed(GRAFFITI, id=f"1-{number}") for number in range(BATCH + 3))))

    def stop(outcome):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play(rows, mapping, progress=stop)
    assert Case.objects.count() == BATCH
    # when it is run again, only the rest is loaded, and a third time nothing
    again, third = play(rows, mapping), play(rows, mapping)
    assert (again.loaded, again.skipped) == (3, BATCH)
    assert (third.loaded, third.skipped) == (0, BATCH + 3)
    assert Case.objects.count() == IntakeReceipt.objects.count() == BATCH + 3


def test_a_case_costs_a_fixed_number_of_statements(mapping, tmp_path):
    rows = read_incidents(file_of(tmp_path, *(changed(GRAFFITI, id=f"1-{number}") for number in range(4))))
    play(rows[:1], mapping)
    counts = []
    for some in (rows[1:2], rows[2:4]):
        with CaptureQueriesContext(connection) as queries:
            play(some, mapping)
        counts.append(len(queries))
    # two of them are asked by property, one by partners: is a closed case a follow-up item's, a service's, a need's
    assert counts[1] - counts[0] <= 65


def test_the_set_up_is_an_administrators_and_is_made_once(city, mapping):
    before = Event.objects.count()
    ground = replay_set_up(mapping, actor=city.user("administrator"))
    assert Event.objects.count() == before
    assert (ground.area.boundary, ground.area.parent) == (None, city.city)
    # nobody signs in as the accounts, and nobody reports under the categories
    accounts = User.objects.filter(username__startswith="replay.")
    assert accounts.count() == len(mapping.unit_names) + 3
    assert not any(account.has_usable_password() or account.is_staff or account.phone for account in accounts)
    assert set(Appointment.objects.filter(user__in=accounts).values_list("area__code", flat=True)) == {"990198"}
    assert not CaseCategory.objects.filter(scheme=mapping.scheme, is_active=True).exists()


def test_who_does_not_administer_the_city_sets_nothing_up(city):
    for person in (city.user("operations_centre"), city.outsider("administrator")):
        with pytest.raises(NotPermitted):
            replay_set_up(read_mapping(MAPPING), actor=person)
    assert not Area.objects.filter(code="990198").exists()
    with pytest.raises(Invalid, match="la311"):
        ground_of(read_mapping(MAPPING))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('kind = "hotline"', 'kind = "radio"', "source.kind"),
        ("America/Los_Angeles", "America/Nowhere", "source.time_zone"),
        ('limit = "2工作日"', 'limit = "soon"', "types.Graffiti Removal.limit"),
        ('Closed = "closed"', 'Closed = "done"', "statuses.Closed"),
        ("start = 0.2", "start = 0.8", "steps"),
        ("[units]", "[others]", "units"),
        ("[area]", "[area", "mapping"),
    ],
)
def test_a_mapping_that_is_wrong_names_the_part(tmp_path, old, new, named):
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING.read_text().replace(old, new, 1))
    with pytest.raises(Invalid) as refused:
        read_mapping(path)
    assert refused.value.field in (f"mapping.{named}", named)


def test_unknown_steps_lie_between_opening_and_closing():
    opened = datetime(2018, 12, 3, tzinfo=UTC)
    steps = Steps(0.2, timedelta(minutes=60), timedelta(minutes=20))
    for whole in (timedelta(), timedelta(seconds=1), timedelta(minutes=50), timedelta(days=80)):
        moments = steps.between(opened, opened + whole)
        assert [opened, *moments, opened + whole] == sorted([opened, *moments, opened + whole])
    closed = opened + timedelta(hours=1)
    assert Steps().between(opened, closed) == (closed, closed, closed)


def test_the_command_sets_up_loads_and_lists(city, tmp_path):
    out, err = StringIO(), StringIO()
    path = file_of(tmp_path, BULKY, GRAFFITI, changed(GRAFFITI, id="1-3", latitude=""))
    options = {"area": "990199", "stdout": out, "stderr": err}
    with pytest.raises(CommandError, match="--set-up"):
        call_command("replay_incidents", path, **options)
    call_command("replay_incidents", path, set_up="administrator", limit=1, **options)
    assert Case.objects.get().origin["external_id"] == "1-1"  # the oldest
    call_command("replay_incidents", path, **options)
    assert set(Case.objects.values_list("area__code", flat=True)) == {"990199"}
    assert Case.objects.count() == 2
    assert "1-3 [latitude]" in err.getvalue()
    assert "1-1" not in err.getvalue()
    for wrong in ({"limit": -2}, {"limit": 0}, {"jobs": 0}):
        with pytest.raises(CommandError, match=next(iter(wrong))):
            call_command("replay_incidents", path, **options | wrong)
    assert Case.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_processes_side_by_side_load_each_request_once(transactional_db, tmp_path):
    build_city()
    rows = [changed(GRAFFITI, id=f"1-{number}") for number in range(110)]
    rows += [changed(GRAFFITI, id=f"1-{number}") for number in range(5)]  # once more, in another piece
    out = StringIO()
    call_command(
        "replay_incidents", file_of(tmp_path, *rows), mapping=MAPPING, set_up="administrator", jobs=2, stdout=out
    )
    assert Case.objects.count() == IntakeReceipt.objects.count() == 110
    assert Case.objects.filter(state=CaseState.CLOSED).count() == 110
    assert "110" in out.getvalue()


@pytest.mark.skipif(not REAL.exists(), reason="shared/data is not here")
def test_real_requests_are_played_back(mapping):
    rows = read_incidents(REAL)
    outcome = play(rows[::1600], replace(mapping, steps=Steps()))
    assert len(rows) == 39_999
    assert outcome.loaded >= 20
    assert {row.field for row in outcome.refused} <= {"latitude", "longitude", "closed_at"}
