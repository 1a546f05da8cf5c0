"""Codes that a room shows, to sign in by: for one subject, for some minutes, made and checked without storing them.

``<subject>-<minute>-<mac>``: the MAC is keyed with the installation's secret, so nobody makes one up, and a photograph
of the screen sent to somebody at home is worth nothing a little later.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import segno
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from governance.errors import Invalid

CODE = re.compile(r"([1-9][0-9]{0,17})-([0-9]{1,10})-([0-9a-f]{20})")
# A code is taken for so long after it was shown; a new one is shown every minute [J].
LIVES = timedelta(minutes=5)
MINUTE = 60


def _slot(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp()) // MINUTE


@dataclass(frozen=True)
class RoomCodes:
    """Codes of one kind of subject: ``salt`` keeps those of different kinds apart."""

    salt: str

    def _mac(self, pk: int, slot: int) -> str:
        return salted_hmac(self.salt, f"{pk}:{slot}", algorithm="sha256").hexdigest()[:20]

    def code_of(self, pk: int, at: datetime) -> str:
        """Return the code to show at ``at``."""
        slot = _slot(at)
        return f"{pk}-{slot}-{self._mac(pk, slot)}"

    def subject_of(self, code: str, at: datetime) -> int:
        """Return the id a code is for. Raises Invalid naming ``code`` for a made-up, old or early one."""
        found = CODE.fullmatch(code)
        if found is None or not constant_time_compare(found[3], self._mac(int(found[1]), int(found[2]))):
            raise Invalid(_("This is no code for signing in."), field="code", code="invalid")
        age = _slot(at) - int(found[2])
        if not 0 <= age <= LIVES.total_seconds() // MINUTE:
            raise Invalid(_("This code has run out: open the one shown now."), field="code", code="expired")
        return int(found[1])


def qr_svg(address: str) -> SafeString:
    """Return an address as a QR code, an SVG element that scales with its box."""
    return mark_safe(segno.make_qr(address, error="m").svg_inline(border=2, omitsize=True, svgclass="qr"))
