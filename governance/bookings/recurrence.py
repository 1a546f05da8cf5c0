"""Rules of repetition: weekly on weekdays, or monthly on the n-th weekday. Pure: dates in, dates out.

Weeks begin on Monday (ISO 8601), as in iCalendar's default: "every second week from a Thursday" counts from the Monday
of that week. A month without a fifth Friday has none; the rule goes on with the next month.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice, takewhile

from dateutil import rrule
from django.utils.translation import gettext as _

from governance.errors import Invalid

# Two years of every week.
MOST = 104
# Longest step between occurrences: a year and somewhat more, in weeks and months [J].
LONGEST_STEP = {"weekly": 60, "monthly": 12}
LAST = -1


@dataclass(frozen=True)
class Rule:
    """``kind`` weekly: on ``weekdays`` (0 = Monday) of every ``interval``-th week; monthly: on the ``nth`` (1-5, -1 the
    last) of the one weekday in every ``interval``-th month. Ends with ``until`` (included) or after ``count`` times,
    whichever comes first; one of them is needed."""

    kind: str
    weekdays: tuple[int, ...]
    interval: int = 1
    nth: int | None = None
    until: date | None = None
    count: int | None = None

    def check(self) -> None:
        """Raise Invalid naming the field that makes no rule."""
        if self.kind not in LONGEST_STEP:
            raise Invalid(_("Choose weekly or monthly."), field="kind", code="invalid_choice")
        if not self.weekdays or not all(day in range(7) for day in self.weekdays):
            raise Invalid(_("Choose at least one weekday."), field="weekdays", code="required")
        if not 1 <= self.interval <= LONGEST_STEP[self.kind]:
            raise Invalid(
                _("A whole number from 1 to %(most)s is needed.") % {"most": LONGEST_STEP[self.kind]},
                field="interval",
                code="out_of_range",
            )
        self._check_nth()
        self._check_end()

    def _check_nth(self) -> None:
        if self.kind == "weekly":
            if self.nth is not None:
                raise Invalid(_("Only a monthly rule says which one of the month."), field="nth", code="not_wanted")
            return
        if self.nth not in (1, 2, 3, 4, 5, LAST):
            raise Invalid(_("Say which one of the month: first to fifth, or last."), field="nth", code="required")
        if len(set(self.weekdays)) != 1:
            raise Invalid(_("A monthly rule has one weekday."), field="weekdays", code="too_many")

    def _check_end(self) -> None:
        if self.until is None and self.count is None:
            raise Invalid(_("Say until when or how many times."), field="until", code="required")
        if self.count is not None and not 1 <= self.count <= MOST:
            raise Invalid(_("At most %(most)s times.") % {"most": MOST}, field="count", code="too_many")


def occurrences(rule: Rule, first_day: date) -> list[date]:
    """Return the dates of ``rule`` from ``first_day`` (included) on, in order; at least one and at most ``MOST``.

    Raises Invalid naming the field: a rule that makes no sense, no date at all, or more than ``MOST`` of them.
    """
    rule.check()
    found: list[date] = []
    for day in _days(rule, first_day):
        if len(found) == MOST:
            raise Invalid(_("At most %(most)s times.") % {"most": MOST}, field="until", code="too_many")
        found.append(day)
    if not found:
        raise Invalid(_("No day fits this rule."), field="until", code="empty")
    return found


def _days(rule: Rule, first_day: date) -> Iterator[date]:
    """Yield the dates of the rule as RFC 5545 has them; dateutil takes times of day, midnight here."""
    midnight = datetime.combine(first_day, time())
    until = datetime.combine(rule.until, time()) if rule.until else None
    if rule.kind == "weekly":
        frequency, weekdays = rrule.WEEKLY, sorted(set(rule.weekdays))
    else:
        frequency, weekdays = rrule.MONTHLY, rrule.weekday(rule.weekdays[0], rule.nth)
    every = rrule.rrule(frequency, dtstart=midnight, interval=rule.interval, wkst=rrule.MO, byweekday=weekdays)
    ahead = takewhile(lambda moment: until is None or moment <= until, every)
    return (moment.date() for moment in islice(ahead, rule.count))
