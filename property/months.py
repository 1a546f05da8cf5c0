"""A month as addresses name it: 2026-11."""

from datetime import date

from django.http import Http404
from django.utils.translation import gettext as _

YEARS = range(2000, 2101)


def month_asked(text: str, today: date) -> date:
    """Return the first day of the month ``2026-11``; of today's where nothing is asked. Raises Http404."""
    if not text:
        return today.replace(day=1)
    year, _dash, month = text.partition("-")
    if not (year.isdecimal() and month.isdecimal() and int(year) in YEARS and 1 <= int(month) <= 12):
        raise Http404(_("There is no such month."))
    return date(int(year), int(month), 1)
