"""Names of what happens on patrols."""

from django.utils.translation import gettext_lazy as _

from cases.evidence import register_origin
from governance.events import register

for name, label in {
    "patrol.planned": _("Round planned"),
    "patrol.assigned": _("Round assigned"),
    "patrol.started": _("Round started"),
    "patrol.resumed": _("Round taken up again"),
    "patrol.checked_in": _("Checked in at a point"),
    "patrol.finding": _("Finding reported"),
    "patrol.point_missed": _("Point missed"),
    "patrol.finished": _("Round finished"),
    "patrol.missed": _("Round missed"),
    "patrol.cancelled": _("Round cancelled"),
}.items():
    register(name, label)

register_origin("route", _("Patrol route"))
