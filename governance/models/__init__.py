"""Models of the shared kernel; each topic in its own file."""

from governance.models.area import Area, AreaKind
from governance.models.attachment import Attachment, AttachmentPurpose
from governance.models.calendar import CalendarDay
from governance.models.event import Event, Remark
from governance.models.idempotency import IdempotencyRecord
from governance.models.organisation import Appointment, OrgUnit, Role, UnitKind
from governance.models.person import User
from governance.models.process import Heartbeat
from governance.models.timer import Timer

__all__ = [
    "Appointment",
    "Area",
    "AreaKind",
    "Attachment",
    "AttachmentPurpose",
    "CalendarDay",
    "Event",
    "Heartbeat",
    "IdempotencyRecord",
    "OrgUnit",
    "Remark",
    "Role",
    "Timer",
    "UnitKind",
    "User",
]
