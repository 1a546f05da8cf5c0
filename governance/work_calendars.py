"""The work calendar of an area: public holidays with the exceptions entered for it."""

from governance.clock import WorkCalendar
from governance.models import Area, CalendarDay

NATIONAL = WorkCalendar()


def calendar_of(area: Area) -> WorkCalendar:
    """Return the work calendar of an area: the national one with the exceptions of the area and those above it."""
    above = area.lineage
    days = CalendarDay.objects.filter(area_id__in=above).values_list("area_id", "date", "is_workday")
    exceptions = {day: works for _area, day, works in sorted(days, key=lambda row: above.index(row[0]))}
    return WorkCalendar(overrides=exceptions) if exceptions else NATIONAL
