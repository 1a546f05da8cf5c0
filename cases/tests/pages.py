"""What the tests of the residents' pages share: photos, forms, what is stored, and what a page shows."""

import io
import uuid
from html.parser import HTMLParser

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cases.models import Case, CaseReporter
from governance.models import Attachment, Event, IdempotencyRecord

PHONE = "13800001234"
GPS = 0x8825  # EXIF tag of the position


def photo(position: bool = False) -> SimpleUploadedFile:
    """A JPEG; with ``position`` its EXIF says where it was taken and by which camera."""
    exif = Image.Exif()
    if position:
        exif[0x010F] = "SpyCamera"
        exif[GPS] = {1: "N", 2: (28.0, 12.0, 18.0), 3: "E", 4: (112.0, 54.0, 18.0)}
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), "gray").save(buffer, "JPEG", exif=exif)
    return SimpleUploadedFile("IMG_1.jpg", buffer.getvalue(), "image/jpeg")


def form_of(city, **given) -> dict:
    """What a browser sends from /r/; None leaves a field out."""
    fields = {
        "description": "人行道上的井盖歪了，很危险",
        "longitude": str(city.point[0]),
        "latitude": str(city.point[1]),
        "once": str(uuid.uuid4()),
    } | given
    return {name: value for name, value in fields.items() if value is not None}


def stored_files() -> list:
    root = settings.MEDIA_ROOT
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


def counts() -> tuple:
    """Everything a refused report must leave alone."""
    rows = (Case, CaseReporter, Attachment, Event, IdempotencyRecord)
    return tuple(model.objects.count() for model in rows) + (len(stored_files()),)


def page_of(case, rest="") -> str:
    return f"/r/{case.token}/{rest}"


class Page(HTMLParser):
    """Visible text and the addresses a page names."""

    def __init__(self, html: str):
        super().__init__()
        self.words, self.addresses, self.hidden = [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in ("script", "style")
        for name, value in attrs:
            if name in ("src", "href", "action", "data-tiles", "srcset"):
                self.addresses.append(value)
            if name in ("alt", "title", "placeholder", "aria-label"):
                self.words.append(value)

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.hidden:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())
