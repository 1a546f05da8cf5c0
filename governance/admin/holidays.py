"""Tells administrators of years whose public holidays nobody knows yet: deadlines there count plain weekdays."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.admin.my_work import WorkList, WorkRow, provides_work
from governance.clock import WorkCalendar
from governance.models import CalendarDay, Role
from governance.scoping import roles_of

# Limits given out now may end this much later; the State Council publishes next year's holidays in November.
AHEAD = timedelta(days=60)


def unknown_years(today: date) -> list[int]:
    """Return years up to ``AHEAD`` that neither the holiday library nor any local calendar row knows; one statement."""
    years = WorkCalendar().unknown_years(today, today + AHEAD)
    entered = (
        set(CalendarDay.objects.filter(date__year__in=years).values_list("date__year", flat=True)) if years else ()
    )
    return [year for year in years if year not in entered]


@provides_work
def holidays_to_enter(user) -> list[WorkList]:
    """Ask administrators to enter the holidays of years nobody knows."""
    if Role.ADMINISTRATOR not in roles_of(user):
        return []
    url = reverse("admin:governance_calendarday_changelist")
    text = _("Deadlines count plain weekdays there until these days are entered.")
    rows = tuple(WorkRow(url, str(year), warning=text) for year in unknown_years(timezone.localdate()))
    title = _("Public holidays to enter")
    return [WorkList("calendar-unknown", title, url, len(rows), rows, urgent=True)] if rows else []
