"""Pictures for cameras of the simulator, which see nothing: a street in greys with the camera's code and the moment."""

import random
from datetime import datetime
from io import BytesIO

from PIL import Image, ImageDraw

SIZE = (640, 360)
SKY, GROUND, KERB, INK = (176, 188, 199), (92, 96, 101), (205, 205, 200), (255, 255, 255)
# So many things stand about; the frame is around the first of them, as video systems draw it.
THINGS, FRAME = 6, (226, 68, 51)


def snapshot_of(code: str, at: datetime, rng: random.Random) -> bytes:
    """Return a JPEG of what a camera might have seen at a moment."""
    picture = Image.new("RGB", SIZE, SKY)
    draw = ImageDraw.Draw(picture)
    width, height = SIZE
    draw.rectangle((0, height * 0.45, width, height), fill=GROUND)
    draw.line((0, height * 0.62, width, height * 0.5), fill=KERB, width=4)
    for number in range(THINGS):
        left, top = rng.randint(20, width - 120), rng.randint(height // 2, height - 70)
        box = (left, top, left + rng.randint(30, 90), top + rng.randint(20, 55))
        draw.rectangle(box, fill=tuple(rng.randint(40, 200) for _channel in range(3)))
        if not number:
            framed = (box[0] - 6, box[1] - 6, box[2] + 6, box[3] + 6)
    draw.rectangle(framed, outline=FRAME, width=3)
    draw.text((12, 10), f"{code}  {at:%Y-%m-%d %H:%M:%S}", fill=INK, font_size=18)
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
