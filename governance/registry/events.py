"""Names of what happens to residencies and ownerships."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "residency.claimed": _("Residency claimed"),
    "residency.verified": _("Residency confirmed"),
    "residency.refused": _("Residency refused"),
    "residency.withdrawn": _("Residency claim withdrawn"),
    "residency.ended": _("Moved out"),
    "ownership.claimed": _("Ownership claimed"),
    "ownership.verified": _("Ownership confirmed"),
    "ownership.refused": _("Ownership refused"),
    "ownership.withdrawn": _("Ownership claim withdrawn"),
    "ownership.corrected": _("Ownership corrected"),
    "ownership.voter_named": _("Named as voter"),
    "ownership.voter_replaced": _("Another owner votes now"),
    "ownership.ended": _("No longer owner"),
}.items():
    register(name, label)
