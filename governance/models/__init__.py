"""Models of the shared kernel; each topic in its own file."""

from governance.models.area import Area, AreaKind
from governance.models.attachment import Attachment, AttachmentPurpose
from governance.models.calendar import CalendarDay
from governance.models.event import Event, Remark
from governance.models.exchange import ImportFile, ImportRun, ImportState
from governance.models.idempotency import IdempotencyRecord
from governance.models.identity import LinkedIdentity
from governance.models.notice import (
    Delivery,
    DeliveryState,
    Notice,
    NoticeChannel,
    NoticeCursor,
    NoticePreference,
    NoticeRule,
    NoticeTemplate,
)
from governance.models.organisation import OUTSIDE_ROLES, WORKING_ROLES, Appointment, OrgUnit, Role, UnitKind
from governance.models.person import User
from governance.models.place import Building, Dwelling, DwellingUse, Entrance, Estate
from governance.models.process import Heartbeat
from governance.models.residency import Ownership, Residency, ResidencyKind
from governance.models.timer import Timer
from governance.models.venue import (
    Booking,
    BookingSeries,
    CalendarFeed,
    OpeningHours,
    Venue,
    VenueClosure,
)

__all__ = [
    "OUTSIDE_ROLES",
    "WORKING_ROLES",
    "Appointment",
    "Area",
    "AreaKind",
    "Attachment",
    "AttachmentPurpose",
    "Booking",
    "BookingSeries",
    "Building",
    "CalendarDay",
    "CalendarFeed",
    "Delivery",
    "DeliveryState",
    "Dwelling",
    "DwellingUse",
    "Entrance",
    "Estate",
    "Event",
    "Heartbeat",
    "IdempotencyRecord",
    "ImportFile",
    "ImportRun",
    "ImportState",
    "LinkedIdentity",
    "Notice",
    "NoticeChannel",
    "NoticeCursor",
    "NoticePreference",
    "NoticeRule",
    "NoticeTemplate",
    "OpeningHours",
    "OrgUnit",
    "Ownership",
    "Remark",
    "Residency",
    "ResidencyKind",
    "Role",
    "Timer",
    "UnitKind",
    "User",
    "Venue",
    "VenueClosure",
]
