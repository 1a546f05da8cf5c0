"""The code that a room shows for signing in: for one session, for some minutes, made and checked without storing it.

``<session>-<minute>-<mac>``: the MAC is keyed with the installation's secret, so nobody makes one up, and a photograph
of the screen sent to somebody at home is worth nothing a little later.
"""

import re
from datetime import UTC, datetime, timedelta

import segno
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from governance.errors import Invalid
from property.models import AssemblySession

CODE = re.compile(r"([1-9][0-9]{0,17})-([0-9]{1,10})-([0-9a-f]{20})")
SALT = "property.assembly.sign_in"
# A code is taken for so long after it was shown; a new one is shown every minute [J].
LIVES = timedelta(minutes=5)
MINUTE = 60


def _slot(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp()) // MINUTE


def _mac(pk: int, slot: int) -> str:
    return salted_hmac(SALT, f"{pk}:{slot}", algorithm="sha256").hexdigest()[:20]


def code_of(session: AssemblySession, at: datetime) -> str:
    """Return the code to show at ``at``."""
    slot = _slot(at)
    return f"{session.pk}-{slot}-{_mac(session.pk, slot)}"


def session_of(code: str, at: datetime) -> AssemblySession:
    """Return the session that a code is for. Raises Invalid naming ``code`` for a made-up, old or early one."""
    found = CODE.fullmatch(code)
    if found is None or not constant_time_compare(found[3], _mac(int(found[1]), int(found[2]))):
        raise Invalid(_("This is no code for signing in."), field="code", code="invalid")
    age = _slot(at) - int(found[2])
    if not 0 <= age <= LIVES.total_seconds() // MINUTE:
        raise Invalid(_("This code has run out: open the one shown now."), field="code", code="expired")
    session = AssemblySession.objects.filter(pk=int(found[1])).first()
    if session is None:
        raise Invalid(_("This is no code for signing in."), field="code", code="invalid")
    return session


def qr_svg(address: str) -> SafeString:
    """Return an address as a QR code, an SVG element that scales with its box."""
    return mark_safe(segno.make_qr(address, error="m").svg_inline(border=2, omitsize=True, svgclass="qr"))
