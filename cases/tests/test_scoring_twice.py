"""Every figure computed twice: by the product, and by a plain reading of the Event table (``scoring_oracle``)."""

from datetime import date, datetime
from random import Random

import pytest
from django.db import transaction

from cases.models import CaseCategory, FactCursor
from cases.scoring import keeping
from cases.scoring.dimensions import dimension_named
from cases.scoring.figures import Days, figures_by, live_ground
from cases.tests import scoring_histories, scoring_oracle
from cases.tests.scoring_oracle import CHINA
from conftest import build_city
from governance.models import User

FIRST, LAST = date(2026, 9, 10), date(2026, 10, 9)
HISTORY = datetime(2026, 9, 1, tzinfo=CHINA)
NOW = datetime(2026, 10, 5, 12, tzinfo=CHINA)


@pytest.fixture(scope="module", autouse=True)
def written(django_db_setup, django_db_blocker):
    """A city with 400 random histories, folded; loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        city = build_city()
        other = CaseCategory.objects.create(scheme="t", scheme_version="1", code="9", name="其他", kind="event")
        kinds = [*CaseCategory.objects.filter(parent__isnull=False), other]
        scoring_histories.write(
            Random(7), 400, first=HISTORY, days=40, areas=[city.grid, city.other_grid, city.community, city.street],
            units=[city.municipal, city.urban, city.water], desk=city.centre, categories=kinds,
        )  # fmt: skip
        keeping.rebuild()
        FactCursor.objects.update(as_of=NOW)
        yield city
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _database(db):
    """Tests read what the module's fixture wrote."""


def key_by(dimension: str):
    """What a fact counts for, said in plain Python."""

    def ancestor(history, kind):
        area = history.case.area
        while area is not None and area.kind != kind:
            area = area.parent
        return area and area.pk

    def class_of(history):
        return history.case.category.parent_id or history.case.category_id

    return {
        "unit": lambda history, unit: unit,
        "category": lambda history, _unit: class_of(history),
        "street": lambda history, _unit: ancestor(history, "street"),
        "grid": lambda history, _unit: ancestor(history, "grid"),
    }[dimension]


@pytest.mark.parametrize("dimension", ["unit", "category", "street", "grid"])
def test_both_computations_agree(written, dimension):
    told = scoring_oracle.compute(FIRST, LAST, NOW, key_by(dimension))
    counted = figures_by(live_ground(User.objects.system("public")), Days(FIRST, LAST), dimension_named(dimension))
    found = {
        (name, key): (figure.numerator, figure.denominator, pytest.approx(figure.value))
        for key, figures in counted.items()
        for name, figure in figures.items()
        if figure.denominator
    }
    assert set(found) == set(told)
    wrong = {at: (found[at], told[at]) for at in told if found[at] != told[at]}
    assert not wrong
