"""The kernel's admin: base classes for the apps, and the pages of the kernel's own models."""

from governance.admin import (
    areas,
    bookings,
    calendar_links,
    holidays,
    identities,
    imports,
    notice_rules,
    notices,
    organisation,
    people,
    places,
    records,
    residencies,
    venues,
)

__all__ = [
    "areas",
    "bookings",
    "calendar_links",
    "holidays",
    "identities",
    "imports",
    "notice_rules",
    "notices",
    "organisation",
    "people",
    "places",
    "records",
    "residencies",
    "venues",
]
