"""Every figure computed twice on random histories: by the product, and by a plain reading of the Event table."""

from collections import Counter
from datetime import date, datetime
from random import Random

import pytest

from cases.models import CaseCategory, FactCursor
from cases.scoring import keeping
from cases.tests import scoring_histories
from cases.tests.rules import a_scene
from cases.tests.scoring_agree import a_city, agree
from cases.tests.scoring_keys import DIMENSIONS
from cases.tests.scoring_oracle import CHINA, histories
from governance.models import Event

pytestmark = pytest.mark.xdist_group("scoring_twice")  # what the module loads is loaded once
FIRST, LAST = date(2026, 9, 10), date(2026, 10, 9)
HISTORY = datetime(2026, 9, 1, tzinfo=CHINA)
NOW = datetime(2026, 10, 5, 12, tzinfo=CHINA)


@pytest.fixture(autouse=True)
def _database(db):
    """Tests read what the module's fixtures wrote."""


@pytest.fixture(scope="module")
def random_histories(django_db_setup, django_db_blocker):
    """400 random histories with every turn a case can take, folded."""
    with a_city(django_db_blocker) as city:
        other = CaseCategory.objects.create(scheme="t", scheme_version="1", code="9", name="其他", kind="event")
        kinds = [*CaseCategory.objects.filter(parent__isnull=False), other]
        # scenes of a class, of one of its sub-classes besides another class, of one street only, and one out of use
        a_scene(city, "class", categories=[city.category.parent])
        a_scene(city, "mixed", categories=[city.category, city.category.parent, other])
        a_scene(city, "here", categories=[city.category], area=city.street)
        a_scene(city, "old", categories=[city.category], is_active=False)
        a_scene(city, "empty")
        scoring_histories.write(
            Random(7), 400, first=HISTORY, days=40, areas=[city.grid, city.other_grid, city.community, city.street],
            units=[city.municipal, city.urban, city.water], desk=city.centre, categories=kinds,
        )  # fmt: skip
        keeping.rebuild()
        FactCursor.objects.update(as_of=NOW)
        yield histories()


@pytest.mark.parametrize("by", DIMENSIONS)
def test_both_computations_agree_on_random_histories(random_histories, by):
    assert agree(random_histories, by, FIRST, LAST, NOW) >= 20


def test_the_random_histories_take_every_turn(random_histories):
    happened = Counter(Event.objects.filter(subject_type="cases.case").values_list("name", flat=True))
    for name in scoring_histories.TURNS:
        assert happened[f"case.{name}"] >= 3, name
