"""The kernel's admin: base classes for the apps, and the pages of the kernel's own models."""

from governance.admin import areas, holidays, organisation, people, records

__all__ = ["areas", "holidays", "organisation", "people", "records"]
