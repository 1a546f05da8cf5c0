"""Names of what is told of ends to come."""

from django.utils.translation import gettext_lazy as _

from governance.events import register
from property.models import Ending

ENDS = {
    Ending.CONTRACT: "contract.ends_soon",
    Ending.PARTY_POST: "party_post.ends_soon",
    Ending.CROSS_APPOINTMENT: "cross_appointment.ends_soon",
    Ending.COMMITTEE: "owners_committee.ends_soon",
}
LABELS = {
    Ending.CONTRACT: _("A property contract ends soon"),
    Ending.PARTY_POST: _("The term of a party post ends soon"),
    Ending.CROSS_APPOINTMENT: _("A cross-appointment ends soon"),
    Ending.COMMITTEE: _("The term of an owners' committee ends soon"),
}

for kind, name in ENDS.items():
    register(name, LABELS[kind])
