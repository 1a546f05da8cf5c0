"""What notices may say of ends to come."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.models import OrgUnit
from governance.notices import notice_context
from property.models import CrossAppointment, PartyMembership, PropertyContract
from property.reminders.terms import committee_ends

VARIABLES = {"what": _("what ends"), "area": _("area"), "ends": _("last day")}


def _words(what: str, area, ends, page: str, pk: int) -> dict:
    url = reverse(f"admin:{page}_change", args=[pk])
    return {"what": what, "area": area.name, "ends": f"{ends:%Y-%m-%d}" if ends else "", "url": url}


@notice_context("property.propertycontract", variables=VARIABLES, rows=lambda: PropertyContract.objects.with_rows())
def contract_words(contract: PropertyContract, *, public: bool) -> dict:
    """Return a contract in texts; they go to staff only."""
    what = f"{contract.estate.name} · {contract.company.name}"
    return _words(what, contract.area, contract.valid_to, "property_propertycontract", contract.pk)


@notice_context("property.partymembership", variables=VARIABLES, rows=lambda: PartyMembership.objects.with_rows())
def post_words(row: PartyMembership, *, public: bool) -> dict:
    """Return a post in texts: whose it is stands on its page."""
    what = f"{row.organisation.name} · {row.get_post_display()}"
    return _words(what, row.area, row.valid_to, "property_partymembership", row.pk)


@notice_context("property.crossappointment", variables=VARIABLES, rows=lambda: CrossAppointment.objects.with_rows())
def seat_words(row: CrossAppointment, *, public: bool) -> dict:
    """Return a cross-appointment in texts: whose it is stands on its page."""
    return _words(f"{row.unit.name} · {row.seat}", row.area, row.valid_to, "property_crossappointment", row.pk)


@notice_context("governance.orgunit", variables=VARIABLES, rows=lambda: committee_ends().select_related("area"))
def committee_words(unit: OrgUnit, *, public: bool) -> dict:
    """Return an owners' committee in texts."""
    return _words(unit.name, unit.area, unit.ends_on, "governance_orgunit", unit.pk)
