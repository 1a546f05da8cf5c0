"""The work calendar of an area: public holidays with the exceptions entered for it."""

from governance.clock import WorkCalendar
from governance.models import Area, CalendarDay

NATIONAL = WorkCalendar()


def calendar_of(area: Area) -> WorkCalendar:
    """Return the work calendar of an area: the national one with the exceptions of the area and those above it."""
    return _with_exceptions(area.lineage)


def statutory_calendar_of(area: Area) -> WorkCalendar:
    """Return the calendar by which a term of the law ends: the national one, with what was entered for the city itself.

    A statutory day of rest is the State Council's to set, never a community's (民事诉讼法 85): what stands at the
    root of the areas is taken for its notice of a year that the library does not know yet [J].
    """
    return _with_exceptions(area.lineage[:1])


def _with_exceptions(above: list[int]) -> WorkCalendar:
    days = CalendarDay.objects.filter(area_id__in=above).values_list("area_id", "date", "is_workday")
    exceptions = {day: works for _area, day, works in sorted(days, key=lambda row: above.index(row[0]))}
    return WorkCalendar(overrides=exceptions) if exceptions else NATIONAL
