"""Recorded hourly figures of air-quality stations, played back into devices at a chosen speed.

The files are those of the Beijing multi-site air-quality data: one station each, a row an hour, "NA" where nothing was
measured. The gaps are kept: an hour without any figure is an hour of silence.
"""

import csv
import gzip
import heapq
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from devices.models import Device
from devices.simulator import TooManyError
from governance.errors import Invalid

log = logging.getLogger("devices.simulator")
PROFILE = "air_quality"
METRICS = {
    "PM2.5": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "CO": "co", "O3": "o3", "TEMP": "air_temperature",
    "PRES": "pressure", "DEWP": "dew_point", "RAIN": "rain", "WSPM": "wind_speed",
}  # fmt: skip
TIME = ("year", "month", "day", "hour")
MISSING = "NA"
HOUR, MINUTE = 3600.0, 60.0


@dataclass(frozen=True, order=True)
class Row:
    """What a station measured in the hour that began ``at`` (its own clock)."""

    at: datetime
    device: str
    metrics: dict


def rows_of(path: Path, device: str) -> Iterator[Row]:
    """Yield the rows of a file (.csv or .csv.gz) that measured anything. Raises Invalid naming line and column."""
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            reader = csv.DictReader(file)
            lacking = sorted({*TIME, "PM10"} - set(reader.fieldnames or ()))
            if lacking:
                raise Invalid(_("%(file)s has no column %(column)s.") % {"file": path, "column": lacking[0]})
            for number, row in enumerate(reader, 2):
                metrics = {name: _figure(path, number, row, column) for column, name in METRICS.items()
                           if row.get(column, MISSING) != MISSING}  # fmt: skip
                if metrics:
                    yield Row(_hour(path, number, row), device, metrics)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise Invalid(_("%(file)s cannot be read: %(reason)s") % {"file": path, "reason": error}) from error


def _figure(path: Path, number: int, row: dict, column: str) -> float:
    try:
        return float(row[column])
    except (TypeError, ValueError) as error:
        raise _wrong(path, number, column, row[column]) from error


def _hour(path: Path, number: int, row: dict) -> datetime:
    try:
        return datetime(*(int(row[part]) for part in TIME))
    except (TypeError, ValueError) as error:
        raise _wrong(path, number, "year … hour", "-".join(str(row[part]) for part in TIME)) from error


def _wrong(path: Path, number: int, column: str, value) -> Invalid:
    detail = _("%(file)s:%(line)s [%(column)s] “%(value)s” cannot be read.")
    return Invalid(detail % {"file": path, "line": number, "column": column, "value": value}, field=column)


def stations(devices: Sequence[Device], files: Sequence[Path], wanted: Sequence[str] = ()) -> dict[str, Path]:
    """Return which file is played into which device: those ``wanted``, or the first of the air-quality profile.

    Raises Invalid, naming what is lacking; nothing is made for want of it.
    """
    known = {device.code: device for device in devices if device.profile.code == PROFILE}
    codes = list(wanted) or sorted(known)[: len(files)]
    for code in codes:
        if code not in known:
            raise Invalid(_("“%(code)s” is no demo device in use of the profile %(profile)s.")
                          % {"code": code, "profile": PROFILE}, field="to")  # fmt: skip
    if len(set(codes)) != len(files):
        raise Invalid(
            _("%(files)s files need as many devices of the profile %(profile)s; these are there: %(codes)s.")
            % {"files": len(files), "profile": PROFILE, "codes": ", ".join(sorted(known)) or "—"}, field="to",
        )  # fmt: skip
    return dict(zip(codes, files, strict=True))


def allowed_speed(speed: float, devices: Iterable[Device]) -> float:
    """Return how many times as fast an hourly record is played: no device sends more messages than it may."""
    rate = min(device.profile.rate for device in devices)
    fastest = rate * HOUR / MINUTE
    if speed > fastest:
        told = "%g times as fast would be too much: a device may send %g messages a minute. Played %g times as fast."
        log.warning(told, speed, rate, fastest)
    return min(speed, fastest)


def play(rows: Iterable[Iterable[Row]], send: Callable[[dict], bool], *, clock: Callable[[], float],
         pause: Callable[[float], None], speed: float) -> int:  # fmt: skip
    """Send rows in the order of their times, ``speed`` times as fast as they were measured; return how many were taken.

    Each of ``rows`` is one device's, in order. A device that sends too much says the same again once it may
    (TooManyError), and what it measured later after that; the others go on meanwhile. Each row is stamped with the
    moment it is first sent, so that it counts as news. ``clock`` gives seconds. However it ends, it is said how fast it
    really was.
    """
    start, first, last, taken = clock(), None, None, 0
    lines = [iter(line) for line in rows]

    def planned(number: int, row: Row) -> tuple[float, int, Row, None]:
        return start + (row.at - first).total_seconds() / speed, number, row, None

    try:
        begun = [(number, row) for number, line in enumerate(lines) for row in islice(line, 1)]
        first = min((row.at for _number, row in begun), default=None)
        due = [planned(number, row) for number, row in begun]
        heapq.heapify(due)
        while due:
            when, number, row, message = heapq.heappop(due)
            if when > clock():
                pause(when - clock())
            message = message or {
                "device": row.device, "at": timezone.localtime().isoformat(), "metrics": row.metrics
            }  # fmt: skip
            try:
                taken += send(message)
            except TooManyError as error:
                heapq.heappush(due, (clock() + error.seconds, number, row, message))
                continue
            last = max(last or row.at, row.at)
            for after in islice(lines[number], 1):
                heapq.heappush(due, planned(number, after))
    finally:
        _tell(taken, (last - first).total_seconds() if last else 0.0, clock() - start)
    return taken


def _tell(taken: int, recorded: float, took: float) -> None:
    """Say how much was taken and how many times as fast as it was measured; times in seconds."""
    log.info("%d messages taken: %.1f hours of the record in %.1f s, %.0f times as fast",
             taken, recorded / HOUR, took, recorded / took if took else 0)  # fmt: skip
