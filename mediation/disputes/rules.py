"""The figures of mediation that hold somewhere on a day, and the last day of a term."""

from collections.abc import Callable
from datetime import date, timedelta

from django.utils import timezone

from governance.models import Area
from mediation.models import MediationRule


def rule_for(area: Area, on: date | None = None) -> MediationRule:
    """Return the rule that holds in ``area`` on a day (default today); the usual figures where none was entered."""
    day = on or timezone.localdate()
    return MediationRule.objects.all().of(area, day) or MediationRule(area=area, valid_from=day)


def rules_on(day: date) -> Callable[[Area], MediationRule]:
    """Return what gives the rule that holds in an area on a day, for many areas: one statement."""
    rows = MediationRule.objects.filter(valid_from__lte=day).order_by("valid_from")
    latest = {row.area_id: row for row in rows}

    def rule(area: Area) -> MediationRule:
        nearest = next((key for key in reversed(area.lineage) if key in latest), None)
        return MediationRule(area=area, valid_from=day) if nearest is None else latest[nearest]

    return rule


def term_end(area: Area, begun: date) -> date:
    """Return the last day of a mediation term: the first day is not counted (民事诉讼法 85, by analogy [J]); a holiday
    at the end moves nothing: the term is the committee's own."""
    return begun + timedelta(days=rule_for(area, begun).term_days)
