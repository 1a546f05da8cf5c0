"""When and where a photo was taken, as its camera wrote it (EXIF 2.32: DateTimeOriginal, GPS IFD).

Whoever wants to can write anything there: it supports a person's judgement and never replaces it. Phones in China may
write GCJ-02 instead of WGS-84 positions (up to some 700 m off); what is compared with it must allow for that.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image

# A clock of the camera without a zone is meant as local time here.
LOCAL = ZoneInfo("Asia/Shanghai")
LONGEST = 100  # characters of a time that are looked at
_WRONG = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError)


@dataclass(frozen=True, slots=True)
class PhotoOrigin:
    """What a camera says: ``taken_at`` (aware), ``longitude``, ``latitude`` in degrees; None where it is silent."""

    taken_at: datetime | None = None
    longitude: float | None = None
    latitude: float | None = None


def origin_of_photo(content: bytes, image_format: str) -> PhotoOrigin:
    """Return what the camera wrote into a photo; nothing where it is unreadable or impossible. Never raises for it."""
    try:
        with Image.open(io.BytesIO(content), formats=(image_format,)) as image:
            exif = image.getexif()
            details, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    except _WRONG:
        return PhotoOrigin()
    longitude, latitude = _position(gps)
    return PhotoOrigin(_moment(details), longitude, latitude)


def _moment(details) -> datetime | None:
    text = details.get(ExifTags.Base.DateTimeOriginal)
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.strptime(text[:LONGEST].strip("\x00 "), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    zone = details.get(ExifTags.Base.OffsetTimeOriginal)
    try:
        offset = datetime.strptime(str(zone)[:6], "%z").tzinfo if zone else LOCAL
    except ValueError:
        offset = LOCAL
    try:
        aware = moment.replace(tzinfo=offset)
        return aware if aware.utcoffset() < timedelta(days=1) and moment.year > 1990 else None
    except OverflowError:
        return None


def _position(gps) -> tuple[float | None, float | None]:
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W", 180)
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S", 90)
    # 0, 0 is what a phone without a fix writes.
    if longitude is None or latitude is None or (longitude, latitude) == (0, 0):
        return None, None
    return longitude, latitude


def _degrees(parts, half, negative: str, most: int) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
        found = degrees + minutes / 60 + seconds / 3600
    except _WRONG:
        return None
    if not 0 <= found <= most:  # also refuses NaN
        return None
    return -found if str(half).strip("\x00 ").upper() == negative else found
