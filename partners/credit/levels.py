"""The level of a partner on a day, for other topics (rewards that ask for one)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from partners.earning.settling import day_span
from partners.models import CreditComputation, Partner


@dataclass(frozen=True)
class Level:
    """``least``: the score from which the level begins, to compare levels by; ``year``: of the file it is from."""

    code: str
    name: str
    least: Decimal
    score: Decimal
    year: int


def level_of(partner: Partner, day: date) -> Level | None:
    """Return the level of a partner as it stood when ``day`` was over: of that year's file, else of the year before.

    None where none was computed by then. It never decides anything alone: a person who gives something asks it.
    """
    _begin, end = day_span(day, day)
    rows = CreditComputation.objects.filter(
        partner=partner, profile__year__in=[day.year, day.year - 1], computed_at__lt=end
    )  # fmt: skip
    found = rows.select_related("profile").order_by("-profile__year", "-number").first()
    if found is None:
        return None
    least = found.formula.levels.get(code=found.level).least
    return Level(found.level, found.level_name, least, found.score, found.profile.year)
