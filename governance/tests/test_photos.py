"""Uploads are judged by content, and photos come out clean."""

import io
import struct
import zlib

import pytest
from django.utils.functional import Promise
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from governance.photos import MAX_JPEG_SCANS, MAX_SIDE, UploadRefused, inspect_upload

RED, BLUE = (220, 30, 30), (30, 30, 220)
ORIENTATION, GPS, MAKE, GPS_LATITUDE = 0x0112, 0x8825, 0x010F, 2
SCRIPT = b"<html><script>alert(1)</script></html>"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def picture(width=64, height=32, mode="RGB") -> Image.Image:
    """Left half red, right half blue."""
    image = Image.new("RGB", (width, height), RED)
    ImageDraw.Draw(image).rectangle((width // 2, 0, width, height), fill=BLUE)
    return image.quantize(4) if mode == "P" else image.convert(mode)


def encoded(image: Image.Image, image_format="JPEG", **options) -> bytes:
    output = io.BytesIO()
    image.save(output, image_format, **options)
    return output.getvalue()


def located_exif(orientation=1) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = orientation, "SecretPhone"
    exif.get_ifd(GPS)[GPS_LATITUDE] = (35.0, 2.0, 3.0)
    return exif


def decoded(upload) -> Image.Image:
    image = Image.open(io.BytesIO(upload.data))
    image.load()
    return image


def refusal(data, **options) -> str:
    with pytest.raises(UploadRefused) as refused:
        inspect_upload(data, **options)
    assert isinstance(refused.value.detail, Promise)
    return refused.value.code


def close_to(pixel, colour) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=False))


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_a_photo_comes_out_without_position_or_any_metadata(image_format):
    # Given a photo with a position, a phone's name, XMP and a colour profile in it
    options = {
        "exif": located_exif(),
        "xmp": b"<x:xmpmeta>SecretPlace</x:xmpmeta>",
        "icc_profile": b"SecretProfile" * 20,
    }
    if image_format == "JPEG":
        options["comment"] = b"SecretComment"
    if image_format == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_text("Comment", "SecretComment")
    data = encoded(picture(), image_format, **options)
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(GPS)
    # when it is uploaded
    upload = inspect_upload(data)
    # then a JPEG of the same size comes out, and nothing else does.
    assert (upload.kind, upload.content_type, upload.width, upload.height) == ("image", "image/jpeg", 64, 32)
    image = decoded(upload)
    assert image.format == "JPEG"
    assert not image.getexif()
    assert {"exif", "xmp", "icc_profile", "comment"}.isdisjoint(image.info)
    assert b"Secret" not in upload.data
    assert close_to(image.getpixel((5, 16)), RED)


def test_transparency_is_kept_as_png_without_its_texts():
    # Given a PNG with a transparent pixel and a text chunk
    image, notes = picture(mode="RGBA"), PngInfo()
    image.putpixel((0, 0), (0, 0, 0, 0))
    notes.add_text("Author", "SecretName")
    # when it is uploaded, then a PNG with the transparent pixel comes out, without the text.
    upload = inspect_upload(encoded(image, "PNG", pnginfo=notes, exif=located_exif()))
    assert upload.content_type == "image/png"
    assert decoded(upload).getpixel((0, 0))[3] == 0
    assert b"Secret" not in upload.data
    assert not decoded(upload).getexif()


def test_an_alpha_channel_that_hides_nothing_becomes_jpeg():
    # Given a screenshot with a fully opaque alpha channel, when uploaded, then it is stored as the smaller JPEG.
    assert inspect_upload(encoded(picture(mode="RGBA"), "PNG")).content_type == "image/jpeg"


UPRIGHT = [("JPEG", "RGB"), ("JPEG", "L"), ("WEBP", "RGB"), *(("PNG", mode) for mode in ("RGB", "RGBA", "L", "P"))]


@pytest.mark.parametrize(("image_format", "mode"), UPRIGHT)
def test_a_photo_is_turned_upright(image_format, mode):
    # Given a photo taken sideways (orientation 6: the left side of the data is the top), longer than allowed
    upload = inspect_upload(encoded(picture(4200, 84, mode), image_format, exif=located_exif(orientation=6)))
    # when it is uploaded, then it stands upright and shrunk, the left half above the right.
    assert (upload.width, upload.height) == (82, MAX_SIDE)
    upper, lower = (decoded(upload).getpixel((41, row)) for row in (100, 4000))
    expected = [picture(4200, 84, mode).convert("RGB").getpixel((column, 5)) for column in (100, 4000)]
    assert close_to(upper, expected[0])
    assert close_to(lower, expected[1])


@pytest.mark.parametrize(
    ("size", "expected"), [((9000, 100), (4096, 46)), ((50, 5000), (41, 4096)), ((6000, 1), (4096, 1))]
)
@pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
def test_the_long_side_is_limited(size, expected, image_format):
    # Given a picture longer than allowed, when uploaded, then it is shrunk in proportion (one pixel at least).
    upload = inspect_upload(encoded(Image.new("RGB", size, RED), image_format))
    assert max(upload.width, upload.height) == MAX_SIDE
    assert (upload.width, upload.height) == pytest.approx(expected, abs=1)
    assert decoded(upload).size == (upload.width, upload.height)


@pytest.mark.parametrize("mode", ["L", "CMYK", "YCbCr"])
def test_other_jpeg_colours_are_read(mode):
    # Given a JPEG in another colour model, when uploaded, then it becomes an ordinary RGB one.
    assert decoded(inspect_upload(encoded(picture(mode=mode)))).mode == "RGB"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16"])
def test_other_png_colours_are_read(mode):
    # Given a PNG of another pixel type, when uploaded, then it becomes an ordinary RGB picture.
    image = Image.new(mode, (8, 8)) if mode == "I;16" else picture(8, 8, mode)
    assert decoded(inspect_upload(encoded(image, "PNG"))).mode == "RGB"


def test_sixteen_bit_grey_is_scaled_not_clipped():
    # Given a 16-bit grey picture of half brightness, when uploaded, then it is half bright, not white.
    upload = inspect_upload(encoded(Image.new("I;16", (8, 8), 0x8000), "PNG"))
    assert decoded(upload).getpixel((4, 4))[0] == pytest.approx(128, abs=3)


def test_a_palette_with_transparency_keeps_it():
    # Given a palette PNG whose first colour is transparent, when uploaded, then its pixels are.
    upload = inspect_upload(encoded(Image.new("P", (8, 8), 0), "PNG", transparency=0))
    assert upload.content_type == "image/png"
    assert decoded(upload).getpixel((4, 4))[3] == 0


def test_an_animation_keeps_its_first_frame_only():
    # Given an animated WebP, when uploaded, then one still picture of its first frame comes out.
    frames = [Image.new("RGB", (16, 16), RED), Image.new("RGB", (16, 16), BLUE)]
    image = decoded(inspect_upload(encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])))
    assert getattr(image, "n_frames", 1) == 1
    assert close_to(image.getpixel((8, 8)), RED)


def test_several_pictures_in_one_jpeg_leave_the_first():
    # Given a phone's multi-picture JPEG (MPO), when uploaded, then only its first picture is kept.
    image = decoded(
        inspect_upload(encoded(picture(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 32), BLUE)]))
    )
    assert image.format == "JPEG"
    assert close_to(image.getpixel((5, 16)), RED)


def test_a_file_is_read_like_bytes_and_never_beyond_the_limit():
    # Given an open file, when uploaded, then its content counts; and of an endless one only the limit is read.
    assert inspect_upload(io.BytesIO(encoded(picture()))).kind == "image"

    class Endless(io.RawIOBase):
        def read(self, size=-1):
            assert 0 <= size <= 1001
            return b"x" * size

    assert refusal(Endless(), max_bytes=1000) == "too_large"


def test_empty_and_oversized_uploads_are_refused():
    # Given nothing, or a byte more than allowed, when uploaded, then it is refused; exactly the limit passes.
    data = encoded(picture())
    assert refusal(b"") == "empty"
    assert refusal(io.BytesIO()) == "empty"
    assert refusal(data, max_bytes=len(data) - 1) == "too_large"
    assert inspect_upload(data, max_bytes=len(data)).kind == "image"


OTHER_TYPES = {
    "text": "井盖倾斜".encode(),
    "html": SCRIPT,
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "zip": b"PK\x03\x04" + bytes(40),
    "windows program": b"MZ" + bytes(100),
    "gif": encoded(picture(), "GIF"),
    "tiff": encoded(picture(), "TIFF"),
    "bmp": encoded(picture(), "BMP"),
    "avif": b"\x00\x00\x00\x1cftypavif" + bytes(40),
    "video": b"\x00\x00\x00\x1cftypisom" + bytes(40),
    "html before a pdf": SCRIPT + PDF,
    "html before a jpeg": SCRIPT + encoded(picture()),
    "a pdf of no known version": PDF.replace(b"1.4", b"9.x"),
}


@pytest.mark.parametrize("data", OTHER_TYPES.values(), ids=OTHER_TYPES.keys())
def test_other_types_are_refused_whatever_their_name_says(data):
    # Given content that is no photo and no PDF, in a file named .jpg, when uploaded, then it is refused.
    file = io.BytesIO(data)
    file.name, file.content_type = "photo.jpg", "image/jpeg"
    assert refusal(file) == "not_allowed_type"


@pytest.mark.skipif("HEIF" in Image.OPEN, reason="a HEIC decoder is installed")
def test_heic_is_refused_with_advice_where_it_cannot_be_read():
    # Given an iPhone's HEIC photo and no decoder for it, when uploaded, then the advice is to send JPEG.
    with pytest.raises(UploadRefused) as refused:
        inspect_upload(b"\x00\x00\x00\x1cftypheic" + bytes(40))
    assert refused.value.code == "not_allowed_type"
    assert "HEIC" in refused.value.detail._args[0]


def bomb(width: int, height: int) -> bytes:
    """A small PNG that claims a huge size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(8000, 4001), (10_000, 10_000), (60_000, 60_000)])
def test_decompression_bombs_are_refused_before_decoding(size):
    # Given a few bytes that would unfold to gigabytes, when uploaded, then they are refused for their pixels.
    assert refusal(bomb(*size)) == "too_large"


@pytest.mark.parametrize("size", [(8001, 8000), (60_000, 1_100)])
def test_a_jpeg_that_claims_too_many_pixels_is_refused(size):
    # Given a small JPEG whose frame header claims a huge size, when uploaded, then it is refused for its pixels.
    data = encoded(picture())
    header = data.index(b"\xff\xc0") + 5
    assert refusal(data[:header] + struct.pack(">HH", *size) + data[header + 4 :]) == "too_large"


@pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning")
def test_a_bomb_is_refused_where_warnings_are_errors():
    # Given warnings that are errors, when a bomb comes in, then it is refused in the same way.
    assert refusal(bomb(10_000, 10_000)) == "too_large"


def test_a_jpeg_of_countless_scans_is_refused():
    # Given a progressive JPEG, when it has its usual scans, then it passes; with its last scan repeated, it does not.
    data = encoded(picture(), progressive=True)
    assert inspect_upload(data).kind == "image"
    last = data.rindex(b"\xff\xda")
    assert refusal(data[:last] + data[last:-2] * MAX_JPEG_SCANS + data[-2:]) == "not_allowed_type"


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("kept", [0.05, 0.5, 0.9])
def test_truncated_photos_are_refused(image_format, kept):
    # Given a photo cut off in transfer, when uploaded, then it is refused as damaged.
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    data = encoded(noise, image_format)
    assert refusal(data[: int(len(data) * kept)]) == "damaged"


@pytest.mark.parametrize("extra", [SCRIPT, b"PK\x05\x06" + bytes(18), PDF], ids=["html", "zip", "pdf"])
def test_what_is_hidden_behind_or_inside_a_photo_does_not_survive(extra):
    # Given a photo that is something else too, behind its end or in a comment
    for data in (encoded(picture()) + extra, encoded(picture(), comment=extra)):
        assert extra in data
        # when it is uploaded, then only its pixels come out.
        upload = inspect_upload(data)
        assert upload.content_type == "image/jpeg"
        assert extra not in upload.data
        assert decoded(upload).size == (64, 32)


def test_a_pdf_is_accepted_by_content_and_kept_as_it_is():
    # Given a PDF named as a photo, when uploaded, then it is a document, unchanged.
    file = io.BytesIO(PDF)
    file.name = "photo.jpg"
    upload = inspect_upload(file)
    assert (upload.kind, upload.content_type, upload.width, upload.height) == (
        "document",
        "application/pdf",
        None,
        None,
    )
    assert upload.data == PDF
    real = encoded(picture(), "PDF")
    assert inspect_upload(real).data == real


@pytest.mark.parametrize("data", [PDF[:-20], PDF + SCRIPT, PDF + b"PK\x05\x06" + bytes(18)], ids=["cut", "html", "zip"])
def test_a_pdf_that_does_not_end_as_one_is_refused(data):
    # Given a PDF cut off, or with something appended, when uploaded, then it is refused.
    assert refusal(data) == "damaged"


def test_text_instead_of_bytes_is_a_mistake_of_the_caller():
    # Given a file opened as text, when uploaded, then it is a TypeError, not a refusal.
    with pytest.raises(TypeError):
        inspect_upload(io.StringIO("hello"))


SAMPLES = [encoded(picture(), name, exif=located_exif()) for name in ("JPEG", "PNG", "WEBP")] + [
    encoded(picture(), "JPEG", progressive=True),
    PDF,
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_damaged_bytes_are_kept_clean_or_refused_never_a_crash(sample, draw):
    # Given an upload with some bytes changed, when judged, then it is refused or comes out as one of the kept types.
    broken = bytearray(sample)
    for position, value in draw.draw(
        st.lists(st.tuples(st.integers(0, len(sample) - 1), st.integers(0, 255)), max_size=8)
    ):
        broken[position] = value
    try:
        upload = inspect_upload(bytes(broken))
    except UploadRefused as refused:
        assert refused.code in {"too_large", "not_allowed_type", "damaged"}
    else:
        assert upload.content_type in {"image/jpeg", "image/png", "application/pdf"}
        assert upload.kind == "document" or not decoded(upload).getexif()
