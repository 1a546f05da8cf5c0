"""What a record says, read from a line of a file or a message: texts in, a draft of a signal out."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.intake.mapping import moment as written_moment
from governance.coordinates import SYSTEMS, CoordinateError, to_wgs84
from governance.errors import Invalid
from governance.exchange.cells import moment
from governance.exchange.importers import RowError
from mediation.models import SignalSource
from mediation.prevention.complainants import complainant_hash, text_digest
from mediation.prevention.mapping import FIELDS, signal_read, signal_rules

# The longest of 4,650 real messages has 12,220 characters.
LONGEST_TEXT, LONGEST_PLACE, LONGEST_ID = 20_000, 120, 120
EARLIEST = date(2000, 1, 1)
_NO_TIME = gettext_lazy("A time such as 2026-11-23 08:30 is needed.")


@dataclass(frozen=True)
class Draft:
    """A record, read; ``area`` and ``type`` are codes, "" where it tells none. Coordinates are WGS-84."""

    channel: str
    event_date: date
    received_at: datetime
    text: str = ""
    type: str = ""
    area: str = ""
    place: str = ""
    longitude: float | None = None
    latitude: float | None = None
    complainant: str = ""
    digest: str = ""
    external_id: str = ""


class Reader:
    """Reads records of one source, or of none (our own columns, with ``channel``)."""

    def __init__(self, source: SignalSource | None):
        """Raises Invalid (field ``mapping``): the saved mapping cannot be read."""
        self.source = source
        self.rules = signal_rules(source.mapping) if source else None

    def read(self, message: dict, channel: str = "") -> Draft:
        """Return the draft of a line or message. Raises Invalid naming the field of ours that is wrong."""
        values = self._values(message)
        times = {name: self._moment(name, values.get(name, "")) for name in ("event_date", "received_at")}
        received = times["received_at"] or times["event_date"]
        if received is None:
            raise Invalid(_("Say when it was received, or the day of the event."), field="event_date", code="required")
        day = timezone.localdate(times["event_date"] or received)
        _judge_days(day, received)
        text = " ".join(values.get("text", "").split())
        if not text and not values.get("type"):
            raise Invalid(_("Say what was said, or of which type it is."), field="text", code="required")
        for name, longest in (("text", LONGEST_TEXT), ("place", LONGEST_PLACE), ("external_id", LONGEST_ID)):
            if len(values.get(name, "")) > longest:
                raise Invalid(_("At most %(count)s characters.") % {"count": longest}, field=name, code="max_length")
        longitude, latitude = _point(values)
        return Draft(
            channel=self.source.channel if self.source else channel, event_date=day, received_at=received,
            text=text, type=values.get("type", ""), area=values.get("area", ""),
            place=values.get("place", ""), longitude=longitude, latitude=latitude, digest=text_digest(text),
            complainant=complainant_hash(values.get("complainant", "")), external_id=values.get("external_id", ""),
        )  # fmt: skip

    def _values(self, message: dict) -> dict[str, str]:
        if self.rules is None:
            return {name: str(message.get(name) or "").strip() for name in FIELDS}
        reading = signal_read(self.rules, message)
        for error in reading.errors:
            raise Invalid(error["detail"], field=error["field"], code=error["code"])
        return reading.values

    def _moment(self, name: str, text: str) -> datetime | None:
        """Return a time as it is written, None for none. Raises Invalid, also where there is no such day here: an hour
        before year 1 began, or after 9999 ended."""
        found = self._written(name, text)
        try:
            return found and timezone.localtime(found)
        except OverflowError as error:
            raise Invalid(_NO_TIME, field=name, code="invalid") from error

    def _written(self, name: str, text: str) -> datetime | None:
        rule = self.rules.fields.get(name) if self.rules else None
        if not text:
            return None
        if rule is not None and rule.format:
            return written_moment(text, rule.format, self.rules.time_zone)
        try:
            return moment({name: text}, name) or None
        except RowError:
            pass
        try:
            found = datetime.fromisoformat(text)
        except ValueError as error:
            raise Invalid(_NO_TIME, field=name, code="invalid") from error
        return found if found.tzinfo else timezone.make_aware(found)


def _judge_days(day: date, received: datetime) -> None:
    today = timezone.localdate()
    for name, told in (("event_date", day), ("received_at", timezone.localdate(received))):
        if told > today:
            raise Invalid(_("This time lies in the future."), field=name, code="in_future")
        if told < EARLIEST:
            raise Invalid(_("This time lies too far back."), field=name, code="too_far")


def _point(values: dict[str, str]) -> tuple[float | None, float | None]:
    given = [values.get("longitude", ""), values.get("latitude", "")]
    if not any(given):
        return None, None
    system = values.get("coordinate_system", "").lower() or "wgs84"
    if system not in SYSTEMS:
        raise Invalid(_("Unknown coordinate system."), field="coordinate_system", code="invalid")
    try:
        return to_wgs84(float(given[0]), float(given[1]), system)
    except CoordinateError as error:
        field = "latitude" if error.field == "lat" else "longitude"
        raise Invalid(str(error.detail), field=field, code="invalid") from error
    except ValueError as error:
        told = _("Give both longitude and latitude in degrees.")
        raise Invalid(told, field="longitude", code="invalid") from error
