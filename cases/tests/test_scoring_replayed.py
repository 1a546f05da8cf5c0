"""Every figure computed twice on 2,000 real requests: by the product, and by a plain reading of the Event table."""

import gzip
from collections import Counter
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import pytest
from django.conf import settings

from cases.models import Case, CaseCategory, FactCursor, StageClock
from cases.replay import read_incidents, replay
from cases.replay_mapping import read_mapping
from cases.replay_set_up import replay_set_up
from cases.scoring import keeping
from cases.tests import scoring_replayed
from cases.tests.rules import a_scene
from cases.tests.scoring_agree import a_city, agree
from cases.tests.scoring_oracle import histories
from governance.models import Event, User

pytestmark = pytest.mark.xdist_group("scoring_replayed")  # what the module loads is loaded once
REAL = settings.BASE_DIR.parent / "shared" / "data" / "city_incidents_la311.csv.gz"
MAPPING = settings.BASE_DIR / "fixtures" / "replay" / "la311.toml"
REQUESTS, PLAYED = 2000, 30
JANUARY = date(2018, 1, 1), date(2018, 1, 31)


@pytest.fixture(autouse=True)
def _database(db):
    """Tests read what the module's fixtures wrote."""


def part_of(file: Path, folder: Path) -> Path:
    """Every twelfth request of the file, from all its months."""
    with gzip.open(file, "rt") as whole:
        header, *lines = whole
    part = folder / "part.csv"
    part.write_text("".join([header, *lines[::12]]))
    return part


class Real:
    """2,000 real requests: the first few played through the services, all of them written at once."""

    def __init__(self, city, folder):
        self.mapping = read_mapping(MAPPING)
        self.ground = replay_set_up(self.mapping, actor=city.user("administrator"))
        desk = scoring_replayed.Desk(self.mapping, self.ground)
        rows = read_incidents(part_of(REAL, folder))
        chosen = list(islice(scoring_replayed.incidents_of(rows, self.mapping), REQUESTS))
        self.lines = [line for line, _incident in chosen]
        self.written = [scoring_replayed.Written(incident, desk) for _line, incident in chosen]


@pytest.fixture(scope="module")
def real(django_db_setup, django_db_blocker, tmp_path_factory):
    if not REAL.exists():
        pytest.skip(f"{REAL} is not here")
    with a_city(django_db_blocker) as city:
        found = Real(city, tmp_path_factory.mktemp("real"))
        scoring_replayed.write(found.written, found.ground)
        keeping.rebuild()
        # a scene of every other kind of request, and one of the first kind, which is in both
        kinds = list(CaseCategory.objects.filter(pk__in=Case.objects.values("category")).order_by("code"))
        a_scene(city, "half", categories=kinds[::2], area=found.ground.area)
        a_scene(city, "first", categories=kinds[:1], area=found.ground.area)
        found.histories = histories()
        yield found


@pytest.mark.parametrize("by", ["unit", "category", "scene", "whole"])
def test_both_computations_agree_on_two_thousand_real_requests(real, by):
    assert Case.objects.count() == REQUESTS
    as_of = FactCursor.objects.get().as_of
    assert agree(real.histories, by, *JANUARY, as_of) >= 10


def test_the_real_requests_are_written_as_the_services_would(real):
    # given some of them, of every end, played back through the services
    ends, chosen = Counter(), []
    for line, one in zip(real.lines, real.written, strict=True):
        ends[one.incident.end] += 1
        if ends[one.incident.end] <= PLAYED // 5:
            chosen.append((line, one))
    last = Case.objects.latest("pk").pk
    outcome = replay([line for line, _one in chosen], mapping=real.mapping, actor=User.objects.system("replay"))
    assert (outcome.loaded, outcome.refused) == (len(chosen), [])
    # then each has the events and the clocks that were written for it
    for case, (_line, one) in zip(Case.objects.filter(pk__gt=last).order_by("pk"), chosen, strict=True):
        told = Event.objects.filter(subject_type="cases.case", subject_id=case.pk).order_by("id")
        assert [shape(row) for row in told.values()] == [shape(row) for row in one.events], one.incident
        clocks = StageClock.objects.filter(case=case).order_by("id").values("stage", "started_at", "due_at")
        assert list(clocks) == one.clocks, one.incident


def shape(event: dict) -> tuple:
    """What of an event figures are read from."""
    payload = {key: event["payload"][key] for key in ("lead", "due_at", "stage") if key in event["payload"]}
    if "due_at" in payload:
        payload["due_at"] = datetime.fromisoformat(payload["due_at"])
    return event["name"], event["occurred_at"], event["unit_id"], payload
