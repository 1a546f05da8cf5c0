"""The sheet of opening hours: a line says when a venue is open on the weekdays it names, and replaces what was said."""

import re
from datetime import time

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.configuration import configuration_grant, configuration_rows_save
from governance.exchange.importers import Column, Importer, Planned, RowError, importer
from governance.exchange.weekdays import shown_days, weekdays_in
from governance.models import OpeningHours, Venue
from governance.models.venue import Weekday

CLOSED = ("closed", "-", "—", "－", "休息", "关闭", "不开放")
_CLOCK = r"(\d{1,2})[:：](\d{2})(?:[:：]00)?"
_SPAN = re.compile(rf"{_CLOCK}\s*(?:-|–|—|－|~|～|至|到)\s*{_CLOCK}")
_BETWEEN = re.compile(r"[、，,；;]|\s{2,}|\n")
Hours = list[tuple[time, time]]


@importer
class HoursImporter(Importer):
    """Opening hours by venue and weekday. Weekdays that no line names stay as they are."""

    key = "governance.openinghours"
    label = gettext_lazy("opening hours")
    permission = "governance.add_openinghours"
    model = filled_from = "governance.venue"
    most_lines = 5_000
    columns = (
        Column("venue", gettext_lazy("venue"), required=True, help=gettext_lazy("Code of the venue.")),
        Column("weekdays", gettext_lazy("weekdays"), required=True,
               help=gettext_lazy("such as 周一、周三, or 周一至周五")),
        Column("hours", gettext_lazy("opening hours"), required=True,
               help=gettext_lazy("such as 08:30-12:00、14:00-18:00; or “closed”. 00:00 is midnight.")),
    )  # fmt: skip

    def prepare(self, actor):
        venues = Venue.objects.visible_to(actor).select_related("area").defer("area__boundary")
        self.venues = {venue.code: venue for venue in venues.prefetch_related("hours")}
        self.said: set[tuple[int, int]] = set()

    def read(self, row):
        venue = self.venues.get(row["venue"])
        if venue is None:
            raise RowError("venue", _("There is no such venue in your area."))
        if configuration_grant(venue, "change", self.actor) is None:
            raise RowError("venue", _("You may not change this: it is not yours or lies outside your area."))
        days, hours = self._days(row, venue), hours_in(row["hours"])
        kept = {day: [(row.opens, row.closes) for row in _stored(venue, day)] for day in days}
        action = "same" if all(kept[day] == hours for day in days) else "change" if any(kept.values()) else "add"
        title = f"{venue} {'、'.join(str(Weekday(day).label) for day in days)} {row['hours']}"
        return Planned((venue.pk, *days), action, {"venue": venue, "days": days, "hours": hours}, title)

    def _days(self, row, venue: Venue) -> list[int]:
        """Return the weekdays of a line, none of which an earlier line named for the venue."""
        try:
            days = weekdays_in(row["weekdays"])
        except ValueError as error:
            raise RowError("weekdays", str(error)) from error
        for day in days:
            if (venue.pk, day) in self.said:
                raise RowError("weekdays", _("An earlier line names %(day)s already.") % {"day": Weekday(day).label})
            self.said.add((venue.pk, day))
        return days

    def filled(self, rows):
        for venue in rows.prefetch_related("hours"):
            days_of: dict[str, list[int]] = {}
            for day in Weekday.values:
                spans = [f"{row.opens:%H:%M}-{row.closes:%H:%M}" for row in _stored(venue, day)]
                days_of.setdefault("、".join(spans), []).append(day)
            for hours, days in days_of.items():
                yield {"venue": venue.code, "weekdays": shown_days(days), "hours": hours or CLOSED[0]}

    def save(self, planned):
        for row in planned:
            venue, wanted = row.values["venue"], set(row.values["hours"])
            removed, saved = [], []
            for day in row.values["days"]:
                stored = {(row.opens, row.closes): row for row in _stored(venue, day)}
                removed += [stored[span] for span in stored.keys() - wanted]
                saved += [
                    OpeningHours(venue=venue, weekday=day, opens=opens, closes=closes)
                    for opens, closes in sorted(wanted - stored.keys())
                ]
            configuration_rows_save(venue, actor=self.actor, name="hours", saved=saved, removed=removed)


def _stored(venue: Venue, day: int) -> list[OpeningHours]:
    """Return the spans of a weekday in order, from what was loaded with the venue."""
    return sorted((row for row in venue.hours.all() if row.weekday == day), key=lambda row: row.opens)


def hours_in(text: str) -> Hours:
    """Return the spans a cell lists, in order; none where it says closed. Raises RowError naming ``hours``."""
    if text.strip().casefold() in CLOSED:
        return []
    spans = sorted(_span(part.strip()) for part in _BETWEEN.split(text) if part.strip())
    for (_opens, closes), (opens, _closes) in zip(spans, spans[1:], strict=False):
        if closes == time() or opens < closes:
            raise RowError("hours", _("These opening hours overlap others of the same day."))
    return spans


def _span(part: str) -> tuple[time, time]:
    found = _SPAN.fullmatch(part)
    numbers = [int(number) for number in found.groups()] if found else []
    if not found or numbers[0] > 23 or numbers[2] > 24 or max(numbers[1], numbers[3]) > 59 or numbers[2:] > [24, 0]:
        raise RowError("hours", _("“%(part)s” is no span such as 08:30-12:00.") % {"part": part})
    opens, closes = time(*numbers[:2]), time(numbers[2] % 24, numbers[3])
    if closes <= opens and closes != time():
        raise RowError("hours", _("It must close after it opens."))
    return opens, closes
