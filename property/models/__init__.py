"""Models of red property; each topic in its own file."""

from property.models.party import (
    CrossAppointment,
    CrossDirection,
    CrossProcedure,
    HouseholdCare,
    PartyLevel,
    PartyMembership,
    PartyOrganisation,
    PartyPost,
)
from property.models.serving import (
    ListState,
    RecordState,
    ServiceField,
    ServiceGroup,
    ServiceItem,
    ServiceList,
    ServiceRating,
    ServiceRecord,
    ServiceRule,
)

__all__ = [
    "CrossAppointment",
    "CrossDirection",
    "CrossProcedure",
    "HouseholdCare",
    "ListState",
    "PartyLevel",
    "PartyMembership",
    "PartyOrganisation",
    "PartyPost",
    "RecordState",
    "ServiceField",
    "ServiceGroup",
    "ServiceItem",
    "ServiceList",
    "ServiceRating",
    "ServiceRecord",
    "ServiceRule",
]
