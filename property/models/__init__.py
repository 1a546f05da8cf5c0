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

__all__ = [
    "CrossAppointment",
    "CrossDirection",
    "CrossProcedure",
    "HouseholdCare",
    "PartyLevel",
    "PartyMembership",
    "PartyOrganisation",
    "PartyPost",
]
