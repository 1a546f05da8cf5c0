"""Names of what happens to records, donations, hours and settlement sheets. Payloads hold ids, codes and figures."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "service_record.submitted": _("Service reported"),
    "service_record.checked": _("Service approved by the first person"),
    "service_record.approved": _("Service approved"),
    "service_record.declined": _("Service declined"),
    "service_record.reversed": _("Approval of a service reversed"),
    "donation.received": _("Donation received"),
    "donation.checked": _("Donation approved by the first person"),
    "donation.approved": _("Donation approved"),
    "donation.declined": _("Donation declined"),
    "donation.returned": _("Donation given back"),
    "volunteer_hours.counted": _("Hours of volunteering counted"),
    "volunteer_hours.reversed": _("Hours of volunteering taken back"),
    "hours_certificate.issued": _("Certificate of volunteering issued"),
    "hours_certificate.revoked": _("Certificate of volunteering revoked"),
    "settlement_sheet.proposed": _("Settlement sheet proposed"),
    "settlement_sheet.confirmed": _("Settlement sheet confirmed"),
    "settlement_sheet.disputed": _("Settlement sheet disputed"),
    "settlement_sheet.proposed_again": _("Settlement sheet proposed again"),
    "settlement_sheet.withdrawn": _("Settlement sheet withdrawn"),
    "settlement_sheet.settled": _("Settlement sheet settled"),
    "outcome.paid": _("Points paid for an outcome"),
}.items():
    register(name, label)
