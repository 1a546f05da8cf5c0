"""The code shown at an event for checking in (``governance.room_codes``)."""

from datetime import datetime

from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.room_codes import RoomCodes
from property.models import NeighbourEvent

CODES = RoomCodes("property.gatherings.check_in")


def code_of(event: NeighbourEvent, at: datetime) -> str:
    """Return the code to show at ``at``."""
    return CODES.code_of(event.pk, at)


def event_of(code: str, at: datetime) -> NeighbourEvent:
    """Return the event that a code is for. Raises Invalid naming ``code`` for a made-up, old or early one."""
    event = NeighbourEvent.objects.filter(pk=CODES.subject_of(code, at)).first()
    if event is None:
        raise Invalid(_("This is no code for checking in."), field="code", code="invalid")
    return event
