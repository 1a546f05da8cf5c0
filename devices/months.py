"""Months as people name them, in the local time zone: for lists of what is due within one."""

import re
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Invalid

MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


def month_of(at: datetime, later: int = 0) -> str:
    """Return the month of a moment, or one some months later, as ``2026-12``."""
    local = timezone.localtime(at)
    year, month = divmod(local.year * 12 + local.month - 1 + later, 12)
    return f"{year}-{month + 1:02}"


def month_end(month: str) -> datetime:
    """Return the moment at which a month (``2026-12``) is over. Raises Invalid for anything else."""
    if not MONTH.fullmatch(month):
        raise Invalid(_("A month is needed, such as 2026-12."), field="month", code="invalid")
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
    return timezone.make_aware(datetime(year, number + 1, 1))
