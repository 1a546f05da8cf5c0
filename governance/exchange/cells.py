"""Reading the cells of a line: numbers, days, times, choices, places; what cannot be read names its column.

A cell is a stripped text, "" where empty. Everything here raises RowError.
"""

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _

from governance.coordinates import SYSTEMS, CoordinateError, to_wgs84
from governance.exchange.files import HEADER_LANGUAGES
from governance.exchange.importers import RowError
from governance.models.person import phone_validator

YES = {"1", "true", "yes", "y", "是", "√"}
NO = {"", "0", "false", "no", "n", "否"}
# Between the parts of a cell that lists several.
BETWEEN = re.compile(r"[、，,；;\s]+")
_DAY = r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})日?"
_CLOCK = r"(\d{1,2})[:：](\d{2})(?:[:：](\d{2})(?:\.\d+)?)?"


def text(row: dict, field: str, longest: int) -> str:
    """Return a cell that is not too long."""
    if len(row[field]) > longest:
        raise RowError(field, _("At most %(count)s characters.") % {"count": longest})
    return row[field]


def whole_number(row: dict, field: str, least: int, most: int) -> int | None:
    """Return a whole number, None for an empty cell; spreadsheets write 3 as 3.0."""
    if not row[field]:
        return None
    if not re.fullmatch(r"-?[0-9]{1,9}(\.0+)?", row[field]) or not least <= int(float(row[field])) <= most:
        raise RowError(field, _("A whole number from %(least)s to %(most)s is needed.")
                       % {"least": least, "most": most})  # fmt: skip
    return int(float(row[field]))


def decimal(row: dict, field: str) -> Decimal | None:
    """Return a number above 0 with two places, None for an empty cell."""
    if not row[field]:
        return None
    try:
        number = Decimal(row[field]).quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise RowError(field, _("A number is needed.")) from error
    if not 0 < number < 1_000_000:
        raise RowError(field, _("A number above 0 and below 1000000 is needed."))
    return number


def yes_or_no(row: dict, field: str) -> bool:
    """Return whether a cell says yes; an empty one says no."""
    said = row[field].lower()
    if said not in YES | NO:
        raise RowError(field, _("Say yes or no."))
    return said in YES


def day(row: dict, field: str) -> date | None:
    """Return a day written 2026-11-23, 2026/11/23 or 2026年11月23日; None for an empty cell."""
    if not row[field]:
        return None
    parts = re.match(_DAY, row[field])
    try:
        return date(*(int(part) for part in parts.groups())) if parts else _no_day(field)
    except ValueError:
        return _no_day(field)


def _no_day(field: str):
    raise RowError(field, _("A day such as 2026-11-23 is needed."))


def clock(row: dict, field: str) -> time | None:
    """Return a time of the day written 08:30; None for an empty cell."""
    if not row[field]:
        return None
    parts = re.fullmatch(_CLOCK, row[field])
    try:
        return time(*(int(part or 0) for part in parts.groups())) if parts else _no_clock(field)
    except ValueError:
        return _no_clock(field)


def _no_clock(field: str):
    raise RowError(field, _("A time such as 08:30 is needed."))


def moment(row: dict, field: str) -> datetime | None:
    """Return day and time written 2026-11-23 08:30 (Asia/Shanghai); a day alone is its beginning, empty is None."""
    if not row[field]:
        return None
    parts = re.fullmatch(rf"{_DAY}(?:[T\s]*{_CLOCK})?", row[field])
    if parts is None:
        raise RowError(field, _("A time such as 2026-11-23 08:30 is needed."))
    try:
        return make_aware(datetime(*(int(part or 0) for part in parts.groups())))
    except ValueError as error:
        raise RowError(field, _("A time such as 2026-11-23 08:30 is needed.")) from error


def choice(row: dict, field: str, choices: type[models.TextChoices], default: str = "") -> str:
    """Return the value of a choice given by value or label, in any language; ``default`` for an empty cell."""
    if not row[field]:
        return default
    found = _known(choices).get(row[field].casefold())
    if found is None:
        raise RowError(field, _("One of these is needed: %(choices)s.")
                       % {"choices": "、".join(str(label) for label in choices.labels)})  # fmt: skip
    return found


@cache
def _known(choices: type[models.TextChoices]) -> dict[str, str]:
    return labelled(choices.choices)


def labelled(choices) -> dict[str, object]:
    """Return the stored value of each choice by its value and by its label in every language, in small letters."""
    known = {}
    for language in HEADER_LANGUAGES:
        with translation.override(language):
            known |= {str(label).casefold(): stored for stored, label in choices}
    return known | {str(stored).casefold(): stored for stored, _label in choices}


def phone(row: dict, field: str) -> str:
    """Return a telephone number as accounts have them, or ""."""
    number = text(row, field, 16)
    if number:
        try:
            phone_validator(number)
        except ValidationError as error:
            raise RowError(field, error.messages[0]) from error
    return number


def point(row: dict) -> dict:
    """Return ``longitude`` and ``latitude`` in WGS-84 from the columns of these names and ``coordinate_system``.

    Both are None where neither is given.
    """
    given = [row["longitude"], row["latitude"]]
    if not any(given):
        return {"longitude": None, "latitude": None}
    system = row["coordinate_system"].lower() or "wgs84"
    if system not in SYSTEMS:
        raise RowError("coordinate_system", _("Unknown coordinate system."))
    try:
        longitude, latitude = to_wgs84(*(float(value) for value in given), system)
    except CoordinateError as error:
        raise RowError("latitude" if error.field == "lat" else "longitude", str(error.detail)) from error
    except ValueError as error:
        raise RowError("longitude", _("Give both longitude and latitude in degrees.")) from error
    return {"longitude": longitude, "latitude": latitude}
