"""Names of what happens to service lists and to what is done by them."""

from django.utils.translation import gettext_lazy as _

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
}.items():
    register(name, label)
