"""The code that a room shows for signing in to a session of an assembly (``governance.room_codes``)."""

from datetime import datetime

from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.room_codes import LIVES, MINUTE, RoomCodes, qr_svg
from property.models import AssemblySession

CODES = RoomCodes("property.assembly.sign_in")

__all__ = ["LIVES", "MINUTE", "code_of", "qr_svg", "session_of"]


def code_of(session: AssemblySession, at: datetime) -> str:
    """Return the code to show at ``at``."""
    return CODES.code_of(session.pk, at)


def session_of(code: str, at: datetime) -> AssemblySession:
    """Return the session that a code is for. Raises Invalid naming ``code`` for a made-up, old or early one."""
    session = AssemblySession.objects.filter(pk=CODES.subject_of(code, at)).first()
    if session is None:
        raise Invalid(_("This is no code for signing in."), field="code", code="invalid")
    return session
