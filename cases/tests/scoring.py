"""What the tests of scoring share: cases with a life in October 2025, facts read, a period computed and published."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import transaction
from django.test import Client

from cases.models import Case, ScoreFormula, ScoreLine, ScorePeriod, ScoreWeight
from cases.scoring import keeping
from cases.scoring.periods import score_period_open
from cases.tests.scoring_oracle import CHINA
from conftest import City, build_city
from governance.models import User
from governance.workflow import act

STAFF = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff",
]  # fmt: skip
FIRST, LAST = date(2025, 10, 1), date(2025, 10, 31)
HOUR = timedelta(hours=1)
WEIGHTS = [
    ("handling_rate", 30, False), ("on_time_handling_rate", 20, False), ("rework_rate", 20, True),
    ("overdue_open_rate", 20, True), ("extension_rate", 10, True),
]  # fmt: skip


def day(number: int, hour: int = 9) -> datetime:
    """A moment of October 2025."""
    return datetime(2025, 10, number, hour, tzinfo=CHINA)


def lived(city, began: datetime, *, hours: float | None = 1, rework: bool = False, **given) -> Case:
    """A sensor's case of municipal (2 urgent hours): handled after ``hours`` (None: never), once reworked if asked."""
    case = city.open(occurred_at=began, **given)
    if hours is None:
        return case
    handler, centre = city.user("handler"), city.user("operations_centre")
    at = began + hours * HOUR
    case = act(case, "start", actor=handler, occurred_at=began + hours * HOUR / 2)
    case = act(case, "submit", actor=handler, result="已扶正", occurred_at=at)
    if rework:
        case = act(case, "rework", actor=centre, reason="没修好", occurred_at=at + HOUR / 4)
        case = act(case, "start", actor=handler, occurred_at=at + HOUR / 3)
        case = act(case, "submit", actor=handler, result="再扶正", occurred_at=at + HOUR / 2)
    case = act(case, "inspect", actor=centre, occurred_at=at + HOUR)
    return act(case, "close", actor=centre, occurred_at=at + 2 * HOUR)


def formula_of(least: int = 2, **given) -> ScoreFormula:
    """The published city formula."""
    given = {"key": "city", "name": "城市评价", "minimum_sample": least, "valid_from": date(2025, 1, 1)} | given
    formula = ScoreFormula.objects.create(**given)
    for place, (indicator, weight, inverse) in enumerate(WEIGHTS):
        ScoreWeight.objects.create(formula=formula, indicator=indicator, weight=weight, inverse=inverse, position=place)
    return formula


def october(city) -> list[Case]:
    """Five turns of municipal: three in time (one of them reworked), one late, one open."""
    cases = [lived(city, day(3)), lived(city, day(4)), lived(city, day(5), rework=True)]
    cases += [lived(city, day(6), hours=5), lived(city, day(7), hours=None)]
    keeping.rebuild()
    return cases


@contextmanager
def loaded(blocker) -> Iterator[tuple[City, list[Case]]]:
    """The city with its October and the facts read, for a whole module; rolled back after it."""
    with blocker.unblock(), transaction.atomic():
        city = build_city()
        for name in ("devices", "dispatch"):
            User.objects.system(name)
        yield city, october(city)
        transaction.set_rollback(True)


def opened(city, formula=None, **given) -> ScorePeriod:
    """A period of October of the whole city, by units."""
    given = {"area": city.city, "dimension": "unit", "first": FIRST, "last": LAST} | given
    return score_period_open(actor=city.user("operations_centre"), formula=formula or formula_of(), **given)


def published(city, **given) -> ScorePeriod:
    """That period, computed and published."""
    centre = city.user("operations_centre")
    return act(act(opened(city, **given), "compute", actor=centre), "publish", actor=centre)


def line_of(period: ScorePeriod, unit) -> ScoreLine:
    """The line of a unit as it stands."""
    return ScoreLine.objects.filter(period=period, unit=unit).current().select_related("period__formula").get()


def figure(line: ScoreLine, key: str) -> tuple:
    """Numerator and denominator of a line's figure."""
    return line.figures[key]["numerator"], line.figures[key]["denominator"]


def admin_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client
