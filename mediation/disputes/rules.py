"""The figures of mediation that hold somewhere on a day, and the last day of a term."""

from datetime import date, timedelta

from django.utils import timezone

from governance.models import Area
from mediation.models import MediationRule


def rule_for(area: Area, on: date | None = None) -> MediationRule:
    """Return the rule that holds in ``area`` on a day (default today); the usual figures where none was entered."""
    day = on or timezone.localdate()
    return MediationRule.objects.all().of(area, day) or MediationRule(area=area, valid_from=day)


def term_end(area: Area, begun: date) -> date:
    """Return the last day of a mediation term: the first day is not counted (民事诉讼法 85, by analogy [J]); a holiday
    at the end moves nothing: the term is the committee's own."""
    return begun + timedelta(days=rule_for(area, begun).term_days)
