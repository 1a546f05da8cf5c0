"""Labels to stick on devices: a QR code that leads to the device's page on the phone.

The address names the device and holds no secret: who opens it signs in, and sees what they may.
"""

import segno
from django.utils.safestring import SafeString, mark_safe

# Level Q survives a quarter of the code being scratched or muddy (ISO/IEC 18004), as labels in the street are [J].
ERROR_CORRECTION = "q"
MOST_LABELS = 500


def qr_svg(address: str) -> SafeString:
    """Return an address as a QR code, an SVG element that scales with its box."""
    code = segno.make_qr(address, error=ERROR_CORRECTION)
    return mark_safe(code.svg_inline(border=2, omitsize=True, svgclass="qr"))
