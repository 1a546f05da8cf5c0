"""Score periods of the fictional city: weeks of the streets for the trend, and the last four weeks of the units."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from cases.models import ScoreFormula, ScorePeriod
from cases.scoring import keeping
from cases.scoring.periods import score_period_open
from governance.bookings.hours import local_day
from governance.models import Appointment, Area, AreaKind, Role, User
from governance.workflow import act

WEEKS = 4
WEEK = timedelta(days=7)


def load_scores(*, now: datetime | None = None) -> int:
    """Read the facts of the history and publish some periods; returns how many. Needs cases and formulas loaded."""
    today = local_day(now or timezone.now())
    keeping.rebuild()
    monday = today - timedelta(days=today.weekday())
    actor, city = _keeper(), Area.objects.get(kind=AreaKind.CITY)
    formula = ScoreFormula.objects.get_by_natural_key("city", 1)
    for week in range(WEEKS, 0, -1):
        _published(actor, city, "street", formula, monday - week * WEEK, monday - (week - 1) * WEEK - timedelta(days=1))
    _published(actor, city, "unit", formula, monday - WEEKS * WEEK, monday - timedelta(days=1))
    hotline = ScoreFormula.objects.get_by_natural_key("hotline", 1)
    _computed(actor, city, "category", hotline, monday - WEEKS * WEEK, monday - timedelta(days=1))
    return ScorePeriod.objects.count()


def _keeper() -> User:
    post = Appointment.objects.in_force().filter(role=Role.OPERATIONS_CENTRE, area__kind=AreaKind.CITY)
    return post.order_by("pk").select_related("user").first().user


def _computed(actor: User, area: Area, by: str, formula: ScoreFormula, first: date, last: date) -> ScorePeriod:
    period = score_period_open(actor=actor, area=area, dimension=by, formula=formula, first=first, last=last)
    return act(period, "compute", actor=actor)


def _published(actor: User, area: Area, by: str, formula: ScoreFormula, first: date, last: date) -> None:
    act(_computed(actor, area, by, formula, first, last), "publish", actor=actor)
