"""Names of what happens to service lists, contracts, parcels and care visits."""

from django.utils.translation import gettext_lazy as _

from cases.evidence import register_kind
from governance.events import register

for name, label in {
    "service_list.party_agreed": _("Party organisation agreed to the service list"),
    "service_list.company_agreed": _("Company agreed to the service list"),
    "service_list.published": _("Service list published"),
    "service_list.replaced": _("Service list replaced"),
    "service_list.withdrawn": _("Draft of a service list withdrawn"),
    "service.planned": _("Service planned"),
    "service.done": _("Service reported as done"),
    "service.checked": _("Service confirmed on site"),
    "service.refused": _("Service found not done"),
    "service.missed": _("Service missed"),
    "service.excused": _("Service excused"),
    "service.left_out": _("Service left out"),
    "service.rated": _("Service rated"),
    "contract.signed": _("Property contract in force"),
    "contract.handover_begun": _("Hand-over begun"),
    "contract.item_settled": _("Hand-over item settled"),
    "contract.evaluated": _("Property company evaluated"),
    "contract.ended": _("Property contract ended"),
    "parcel.received": _("Parcel received"),
    "parcel.notified": _("Household told of a parcel"),
    "parcel.collected": _("Parcel collected"),
    "parcel.overdue": _("Parcel overdue"),
    "parcel.returned": _("Parcel sent back"),
    "care.planned": _("Care visit planned"),
    "care.visited": _("Care visit made"),
    "care.missed": _("Care visit missed"),
    "care.cancelled": _("Care visit cancelled"),
    "care.stopped": _("Care visits stopped"),
}.items():
    register(name, label)

register_kind("service_missed", _("Service missed"), lambda data: data.get("date", ""))
register_kind("care_needs_help", _("On a care visit somebody needs help."), lambda data: data.get("due_on", ""))
register_kind(
    "care_not_met", _("On a care visit nobody opened: look after the person."), lambda data: data.get("due_on", "")
)
