"""Drawn pictures for the demo history, with time and place as a phone writes them."""

import io
from datetime import datetime
from random import Random

from PIL import ExifTags, Image, ImageDraw

from cases.models import Case
from governance.clock import SHANGHAI
from governance.photos import Upload, inspect_upload

SIZE = (640, 420)


def photo_of_work(case: Case, at: datetime, rng: Random) -> Upload:
    """Return a picture of a street put in order, taken at ``at`` some metres from the case."""
    image = Image.new("RGB", SIZE, (190, 208, 222))
    draw = ImageDraw.Draw(image)
    width, height = SIZE
    for left in range(0, width, 90):
        top = rng.randint(60, 170)
        draw.rectangle([left, top, left + 76, 260], fill=(150 + rng.randint(0, 50), 148, 140))
    draw.rectangle([0, 260, width, 300], fill=(176, 172, 164))
    draw.rectangle([0, 300, width, height], fill=(92, 94, 98))
    for left in range(20, width, 120):
        draw.rectangle([left, 354, left + 60, 362], fill=(228, 226, 214))
    file = io.BytesIO()
    image.save(file, "JPEG", exif=_exif(case, at, rng))
    return inspect_upload(file.getvalue())


def _exif(case: Case, at: datetime, rng: Random) -> Image.Exif:
    exif = Image.Exif()
    local = at.astimezone(SHANGHAI)
    exif.get_ifd(ExifTags.IFD.Exif).update({
        ExifTags.Base.DateTimeOriginal: local.strftime("%Y:%m:%d %H:%M:%S"),
        ExifTags.Base.OffsetTimeOriginal: "+08:00",
    })  # fmt: skip
    if case.longitude is not None:
        longitude, latitude = (value + rng.uniform(-2e-4, 2e-4) for value in (case.longitude, case.latitude))
        exif.get_ifd(ExifTags.IFD.GPSInfo).update({
            ExifTags.GPS.GPSLongitudeRef: "E", ExifTags.GPS.GPSLongitude: _degrees(longitude),
            ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: _degrees(latitude),
        })  # fmt: skip
    return exif


def _degrees(value: float) -> tuple[float, float, float]:
    whole = int(value)
    minutes = (value - whole) * 60
    return float(whole), float(int(minutes)), round((minutes - int(minutes)) * 60, 4)
