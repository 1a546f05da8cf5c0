"""A month as addresses name it: 2026-11."""

import re
from datetime import date

from django.http import Http404
from django.utils.translation import gettext as _

YEARS = range(2000, 2100)
MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def month_asked(text: str, today: date) -> date:
    """Return the first day of the month ``2026-11``; of today's where nothing is asked. Raises Http404."""
    if not text:
        return today.replace(day=1)
    named = MONTH.fullmatch(text)
    if named is None or int(named[1]) not in YEARS:
        raise Http404(_("There is no such month."))
    return date(int(named[1]), int(named[2]), 1)
