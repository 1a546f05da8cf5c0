"""Requests of the past played back as cases."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cases.models import Case, CaseState, Dispatch, DispatchMethod
from cases.replay import read_incidents, replay
from cases.replay_mapping import read_mapping
from cases.replay_set_up import replay_set_up
from governance.config.catalogues import ROOT
from governance.models import Event, User

MAPPING = ROOT / "benchmarks" / "la311.toml"
HEADER = "id,created_at,closed_at,due_at,type,owner,assigned_to,status,address,latitude,longitude\n"
REAL = ROOT.parent / "shared" / "data" / "city_incidents_la311.csv.gz"


def file_of(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "requests.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return path


GRAFFITI = "1-1,2018-12-03T09:00:00,2018-12-03T19:00:00,,Graffiti Removal,OCB,X,Closed,5TH ST,34.05,-118.25"
BULKY = "1-2,2018-12-03T08:00:00,2019-02-03T08:00:00,,Bulky Items,BOS,NC,Closed,6TH ST,34.06,-118.25"


@pytest.fixture
def mapping(city):
    found = read_mapping(MAPPING)
    replay_set_up(found, actor=city.user("administrator"))
    return found


def play(rows, mapping, **given):
    return replay(rows, mapping=mapping, actor=User.objects.system("replay"), **given)


def test_a_row_becomes_a_case_with_its_whole_life_at_its_own_times(mapping, tmp_path):
    outcome = play(read_incidents(file_of(tmp_path, GRAFFITI)), mapping)
    assert (outcome.loaded, outcome.skipped, outcome.refused) == (1, 0, [])
    case = Case.objects.get()
    assert case.state == CaseState.CLOSED
    assert case.reported_at == case.dispatched_at == datetime(2018, 12, 3, 17, tzinfo=UTC)
    assert case.submitted_at == datetime(2018, 12, 4, 2, tzinfo=UTC)
    assert case.closed_at == datetime(2018, 12, 4, 3, tzinfo=UTC)
    assert (case.area.code, case.longitude, case.latitude) == ("990198", -118.25, 34.05)
    assert case.lead_unit.code == "la311-beautification"
    assert case.origin == {"source": "la311", "external_id": "1-1"}
    names = list(Event.objects.filter(subject_type="cases.case").order_by("id").values_list("name", flat=True))
    assert names == [
        "case.reported", "case.accepted", "case.dispatched", "case.handling_begun", "case.submitted", "case.inspected",
        "case.closed",
    ]  # fmt: skip
    assert Dispatch.objects.get().method == DispatchMethod.STANDARD
