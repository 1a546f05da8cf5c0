"""From a figure to its cases: every numerator and denominator is a set of facts, and so of cases."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cases.models import Case, Excluded
from cases.scoring.dimensions import Dimension
from cases.scoring.figures import WITHDRAWN, Days, Ground
from cases.scoring.indicators import BY_KEY, STANDS
from governance.errors import Invalid

NUMERATOR, DENOMINATOR, LEFT_OUT = "numerator", "denominator", "left_out"
PARTS = (NUMERATOR, DENOMINATOR, LEFT_OUT)
NO_KEY = "none"


@dataclass(frozen=True)
class Spot:
    """Which figure is meant: an indicator, a part of it, and the key it is of (``every``: of all keys together).

    With part ``left_out`` the ``indicator`` is the reason (``Excluded``, or withdrawn).
    """

    indicator: str
    part: str
    key: int | None = None
    every: bool = True

    @classmethod
    def read(cls, indicator: str, part: str, key: str = "") -> "Spot":
        """Read what an address says. Raises Invalid naming the parameter."""
        if part not in PARTS:
            raise Invalid(_("There is no “%(code)s”.") % {"code": part}, field="part", code="invalid_choice")
        known = {*Excluded.values, WITHDRAWN} if part == LEFT_OUT else BY_KEY
        if indicator not in known:
            text = _("There is no “%(code)s”.") % {"code": indicator}
            raise Invalid(text, field="indicator", code="invalid_choice")
        if key not in ("", NO_KEY) and not (key.isascii() and key.isdecimal() and len(key) <= 18):
            raise Invalid(_("A whole number is needed."), field="key", code="invalid")
        return cls(indicator, part, int(key) if key not in ("", NO_KEY) else None, key == "")


def facts_behind(ground: Ground, days: Days, dimension: Dimension, spot: Spot) -> QuerySet:
    """Return the facts that a figure counts; as many as the figure says."""
    if spot.part == LEFT_OUT:
        indicator = BY_KEY["handling_rate"]
        of_reason = Q(excluded="", withdrawn=True) if spot.indicator == WITHDRAWN else Q(excluded=spot.indicator)
        rows = ground.of_indicator(indicator, days).exclude(STANDS).filter(of_reason)
    else:
        indicator = BY_KEY[spot.indicator]
        rows = ground.of_indicator(indicator, days).filter(indicator.denominator)
        if spot.part == NUMERATOR:
            rows = rows.filter(indicator.numerator)
    return rows if spot.every else dimension.of(rows, indicator, spot.key)


def cases_behind(facts: QuerySet, user) -> QuerySet[Case]:
    """Return the cases of facts that ``user`` may see, newest first."""
    return Case.objects.visible_to(user).filter(pk__in=facts.order_by().values("case_id")).order_by("-pk")
