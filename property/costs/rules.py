"""Which rule of disclosure holds for an estate on a day, and the spans of days it cuts the calendar into."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models.functions import Length
from django.utils.translation import gettext as _

from governance.errors import Conflict
from governance.models import Area
from property.models.disclosure import DisclosureKind, DisclosureRule


def rule_for(kind: str, area: Area, day: date) -> DisclosureRule | None:
    """Return the rule for a place on a day: of the nearest locality above it, the newest in force. None: no rule."""
    lineage = [int(part) for part in area.path.strip("/").split("/")]
    rows = DisclosureRule.objects.filter(kind=kind, valid_from__lte=day)
    rows = rows.filter(area__in=lineage) | rows.filter(area=None)
    return rows.order_by(Length("area__path").desc(nulls_last=True), "-valid_from").first()


def days_for(kind: str, area: Area, day: date) -> int:
    """Return the days of a rule. Raises Conflict when nothing is laid down."""
    rule = rule_for(kind, area, day)
    if rule is None:
        label = DisclosureKind(kind).label
        raise Conflict(_("No rule of disclosure says: %(what)s.") % {"what": label}, code="no_rule")
    return rule.days


def span_of(day: date, months: int) -> tuple[date, date]:
    """Return the first and last day of the calendar span of so many months that ``day`` lies in (quarter: 3)."""
    begins = (day.month - 1) // months * months + 1
    ends = begins + months - 1
    return date(day.year, begins, 1), date(day.year, ends, calendar.monthrange(day.year, ends)[1])


def spans_over(kind: str, area: Area, since: date, today: date) -> Iterator[tuple[date, date, DisclosureRule]]:
    """Yield the spans that ended before ``today``, from the one that holds ``since``, each with its rule."""
    day = since
    while day < today:
        rule = rule_for(kind, area, day)
        if rule is None:
            following = DisclosureRule.objects.filter(kind=kind, valid_from__gt=day).order_by("valid_from").first()
            if following is None:
                return
            day = following.valid_from
            continue
        first, last = span_of(day, rule.months)
        if last >= today:
            return
        yield first, last, rule
        day = last + timedelta(days=1)
