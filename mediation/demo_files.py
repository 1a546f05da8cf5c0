"""A drawn page for the demo's files: lines of writing, two signatures and a seal; nothing that could be read."""

import io

from PIL import Image, ImageDraw

from governance.photos import Upload, inspect_upload

SIZE = (420, 594)  # the sides of A4


def page_drawn(lines: int = 14) -> Upload:
    """Return a photo of a signed page."""
    image = Image.new("RGB", SIZE, (250, 249, 244))
    draw = ImageDraw.Draw(image)
    draw.rectangle([130, 40, 290, 54], fill=(60, 60, 60))
    for number in range(lines):
        top, short = 90 + number * 22, 110 if number % 5 == 4 else 0
        draw.line([50, top, 370 - short, top], fill=(120, 120, 120), width=3)
    for left in (60, 170):
        draw.line([left, 470, left + 30, 452, left + 50, 474, left + 80, 456], fill=(40, 50, 110), width=3)
    draw.ellipse([265, 410, 365, 510], outline=(196, 40, 40), width=5)
    file = io.BytesIO()
    image.save(file, "JPEG")
    return inspect_upload(file.getvalue())
