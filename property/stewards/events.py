"""Names of what happens to stewards, their shifts, what they saw, and their hours."""

from django.utils.translation import gettext_lazy as _

from cases.evidence import register_origin
from governance.events import register

for name, label in {
    "steward.day_planned": _("A shift planned for one day"),
    "steward.ended": _("Steward left the team"),
    "steward.hours_counted": _("Steward's time counted"),
    "steward.hours_corrected": _("Steward's time corrected"),
    "steward.visit_logged": _("Outreach visit logged"),
    "steward.visit_case": _("Questions of an outreach visit became a case"),
    "shift.planned": _("Steward shift planned"),
    "shift.called_off": _("Steward shift called off"),
    "shift.reminded": _("Stewards reminded of a shift"),
    "duty.taken": _("Shift taken"),
    "duty.assigned": _("Shift assigned"),
    "duty.started": _("Shift begun"),
    "duty.ended": _("Shift ended"),
    "duty.given_up": _("Shift given up"),
    "duty.no_show": _("Steward did not come"),
    "duty.excused": _("Absence excused"),
    "duty.called_off": _("Place in a shift called off"),
    "join.asked": _("Somebody asked to join the stewards"),
    "join.accepted": _("Accepted as a steward"),
    "join.declined": _("Not accepted as a steward"),
    "join.withdrawn": _("Request to join withdrawn"),
    "sighting.reported": _("Dispute seen and handed over"),
    "sighting.reported_urgent": _("Urgent dispute seen and handed over"),
    "sighting.unanswered": _("Dispute seen, not answered in time"),
    "sighting.taken": _("Dispute taken on"),
    "sighting.taken_by_mediation": _("Dispute seen taken on by mediation"),
    "sighting.dismissed": _("Dispute seen: nothing to settle"),
    "sighting.became_case": _("Dispute seen became a case"),
}.items():
    register(name, label)

register_origin("outreach_visit", _("Outreach visit"))
register_origin("dispute_sighting", _("Dispute seen"))
