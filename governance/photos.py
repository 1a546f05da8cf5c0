"""Judging uploads by their content: photos made safe and small, PDF documents checked.

The name and the claimed type of an upload are never looked at. A photo is decoded in full and encoded anew from its
pixels alone, so nothing else survives: no EXIF, position, XMP, comment, colour profile, thumbnail, second frame or
appended data. A PDF cannot be cleaned that way: it is checked for its outer shape only and kept as it is, with its own
metadata, so it must be served as a download (``Content-Disposition: attachment``, ``X-Content-Type-Options: nosniff``).

Pure: bytes in, bytes out. Sizes are pixels and bytes.
"""

import io
import re
import struct
import zlib
from dataclasses import dataclass, replace
from typing import BinaryIO, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from governance.photo_origin import PhotoOrigin, origin_of_photo

MAX_BYTES = 10 * 1024 * 1024
# The long side of a stored photo: enough to read a number plate on a phone photo, small enough to show.
MAX_SIDE = 4096
# Pixels before decoding. Phones send JPEGs of up to 50 million, which decode shrunk (200 MB of memory); the other
# formats are screenshots and pictures from the web and decode in full: up to 16 bytes a pixel, 500 MB, for WebP.
MAX_JPEG_PIXELS = 64_000_000
MAX_OTHER_PIXELS = 32_000_000
# A progressive JPEG has about ten scans; thousands of them in a small file keep a decoder busy for minutes.
MAX_JPEG_SCANS = 64
JPEG_QUALITY = 85

# What the decoders raise on broken input; anything else is a defect of ours and must be seen.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    struct.error,
    zlib.error,
)

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\x01\xd0-\xd8\xff])")
_JPEG_END, _JPEG_SCAN = b"\xd9", b"\xda"


class UploadRefused(Exception):
    """An upload that is not kept.

    ``code``: ``empty``, ``too_large`` (bytes or pixels), ``not_allowed_type`` or ``damaged`` (cannot be decoded to the
    end). ``detail``: a translatable sentence for the person who sent it.
    """

    def __init__(self, code: str, detail: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Upload:
    """What is kept of an upload: for images the new encoding and its size, for documents the bytes as they came.

    ``origin`` is what the camera had written into a photo; it is no longer in ``data``.
    """

    kind: Literal["image", "document"]
    content_type: str
    width: int | None
    height: int | None
    data: bytes
    origin: PhotoOrigin = PhotoOrigin()


def inspect_upload(data: bytes | BinaryIO, *, max_bytes: int = MAX_BYTES) -> Upload:
    """Judge an upload by its content and return what may be stored.

    data: bytes, or a binary file read from where it stands (never further than ``max_bytes`` and one byte).
    Images (JPEG, PNG, WebP, and HEIC where a Pillow plugin reads it) come back upright, without metadata, at most
    ``MAX_SIDE`` on the long side, as JPEG, or as PNG if any pixel is transparent. PDF comes back unchanged.
    Raises UploadRefused.
    """
    content = _read(data, max_bytes)
    if content.startswith(b"%PDF-"):
        _check_pdf(content)
        return Upload("document", "application/pdf", None, None, content)
    return _clean_image(content, _image_format(content))


def _read(data: bytes | BinaryIO, max_bytes: int) -> bytes:
    content = data.read(max_bytes + 1) if hasattr(data, "read") else data
    content = bytes(memoryview(content))  # a TypeError for text
    if not content:
        raise UploadRefused("empty", _("The file is empty."))
    if len(content) > max_bytes:
        raise UploadRefused("too_large", _("The file is too large."))
    return content


def _image_format(content: bytes) -> str:
    """The name Pillow gives to the format whose signature the content begins with."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return _heic_format()
    raise UploadRefused("not_allowed_type", _("Only photos (JPEG, PNG, WebP) and PDF documents can be uploaded."))


def _heic_format() -> str:
    # Pillow has no HEIC decoder of its own; a plugin such as pillow-heif registers one under this name.
    Image.init()
    if "HEIF" not in Image.OPEN:
        raise UploadRefused(
            "not_allowed_type", _("HEIC photos cannot be read here. Please send the photo as JPEG instead.")
        )
    return "HEIF"


def _clean_image(content: bytes, image_format: str) -> Upload:
    """Decode, turn upright, shrink and encode the pixels anew."""
    if image_format == "JPEG" and _jpeg_scans(content) > MAX_JPEG_SCANS:
        raise UploadRefused("not_allowed_type", _("The photo is built in a way that is not accepted."))
    try:
        pixels = _decode(content, image_format)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except _DECODER_ERRORS as error:
        raise _damaged() from error
    return replace(_encode(pixels), origin=origin_of_photo(content, image_format))


def _decode(content: bytes, image_format: str) -> Image.Image:
    """The first frame, upright, within MAX_SIDE, as RGB or RGBA."""
    # Naming the format keeps Pillow's many other decoders away from untrusted bytes.
    with Image.open(io.BytesIO(content), formats=(image_format,)) as image:
        if image.width * image.height > (MAX_JPEG_PIXELS if image_format == "JPEG" else MAX_OTHER_PIXELS):
            raise _too_many_pixels()
        # JPEG decoders can shrink by 2, 4 or 8 while decoding, which saves most of the memory for the largest photos.
        shrink = max(image.size) / MAX_SIDE
        if shrink > 1:
            image.draft(None, tuple(max(int(side / shrink), 1) for side in image.size))
        image.load()
        pixels = _plain(image)
        # Before turning: each copy of a large photo costs hundreds of megabytes.
        pixels.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        return ImageOps.exif_transpose(pixels)


def _plain(image: Image.Image) -> Image.Image:
    """The image as RGB or RGBA, itself where it is one already."""
    if image.mode in ("I", "I;16", "I;16B", "I;16L", "I;16N"):
        # 16 bits per pixel: converting would clip everything above 255 to white instead of scaling.
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _encode(pixels: Image.Image) -> Upload:
    transparent = pixels.mode == "RGBA" and pixels.getchannel("A").getextrema()[0] < 255
    # A fresh image knows nothing but its pixels: encoders copy comments and profiles from the old one's `info`.
    clean = Image.new("RGBA" if transparent else "RGB", pixels.size)
    clean.paste(pixels.convert(clean.mode))
    output = io.BytesIO()
    if transparent:
        clean.save(output, "PNG")
    else:
        clean.save(output, "JPEG", quality=JPEG_QUALITY, optimize=True)
    content_type = "image/png" if transparent else "image/jpeg"
    return Upload("image", content_type, clean.width, clean.height, output.getvalue())


def _jpeg_scans(content: bytes) -> int:
    """How many times the main picture of a JPEG is gone over."""
    scans, position = 0, 2
    while marker := _JPEG_MARKER.search(content, position):
        if marker[1] == _JPEG_END:
            break
        scans += marker[1] == _JPEG_SCAN
        # Each segment begins with its length, the two bytes of the length included.
        position = marker.end() + max(int.from_bytes(content[marker.end() : marker.end() + 2]), 2)
    return scans


def _check_pdf(content: bytes) -> None:
    """The outer shape of a complete PDF and nothing after it (ISO 32000-1, 7.5: header, objects, trailer, %%EOF)."""
    if not re.match(rb"%PDF-[12]\.\d", content):
        raise UploadRefused("not_allowed_type", _("This is not a PDF document that can be read here."))
    # Data appended to a PDF (a ZIP archive, a web page) is how one file is made to pass as another.
    if not re.search(rb"startxref\s+\d+\s+%%EOF[\s\x00]*\Z", content[-2048:]):
        raise _damaged()


def _damaged() -> UploadRefused:
    return UploadRefused("damaged", _("The file is damaged or incomplete."))


def _too_many_pixels() -> UploadRefused:
    return UploadRefused("too_large", _("The photo has too many pixels."))
