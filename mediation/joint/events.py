"""Names of what happens in joint work. Payloads: numbers, codes, states, days; never names or words.

A caucus note leaves no event at all.
"""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "dispute.suggestion_set_aside": _("Suggestion of a higher tier not taken"),
    "dispute.tier_changed": _("Tier of a dispute changed"),
    "escalation.requested": _("Takeover of a dispute asked for"),
    "escalation.accepted": _("Takeover of a dispute accepted"),
    "escalation.mediator_named": _("Another mediator named for a takeover"),
    "escalation.carried_out": _("Dispute taken over"),
    "escalation.declined": _("Takeover of a dispute declined"),
    "escalation.withdrawn": _("Request for a takeover withdrawn"),
    "track.invited": _("Organ invited to joint mediation"),
    "track.accepted": _("Organ takes part in joint mediation"),
    "track.begun": _("Track of joint mediation begun"),
    "track.result": _("Result of a track handed in"),
    "track.result_corrected": _("Result of a track corrected"),
    "track.declined": _("Organ declined joint mediation"),
    "track.given_up": _("Track that did not answer ended"),
    "track.winding_up": _("Result of a track may still be handed in"),
    "track.goes_on": _("Track goes on: the end of the dispute was a mistake"),
    "track.ended": _("Track ended with the dispute"),
    "track.lead_given": _("Lead of joint mediation given"),
    "track.lead_passed_on": _("Lead of joint mediation passed on"),
    "department_task.asked": _("Department asked about a dispute"),
    "department_task.answered": _("Department answered about a dispute"),
    "department_task.asked_again": _("Department asked again about a dispute"),
    "department_task.overdue": _("Answer of a department overdue"),
    "department_task.closed": _("Task of a department closed"),
    "sitting.planned": _("Sitting of a mediation planned"),
    "sitting.moved": _("Sitting of a mediation moved"),
    "sitting.amended": _("How or where a mediation sits corrected"),
    "sitting.held": _("Sitting of a mediation held"),
    "sitting.corrected": _("Who came to a sitting corrected"),
    "sitting.cancelled": _("Sitting of a mediation cancelled"),
    "mediation_note.written": _("Mediation record written"),
    "mediation_note.kept_back": _("Mediation record made a caucus note"),
    "dispute.record_kept_back": _("A mediation record was taken out of the file by its writer"),
    "helper.registered": _("Respected local registered"),
    "helper.amended": _("Entry of a respected local corrected"),
    "helper.suspended": _("Respected local suspended"),
    "helper.resumed": _("Respected local may be invited again"),
    "helper.left": _("Respected local left the register"),
    "helper_invitation.proposed": _("Respected local proposed to the parties"),
    "helper_invitation.sent": _("Respected local invited"),
    "helper_invitation.accepted": _("Respected local takes part"),
    "helper_invitation.declined": _("Respected local declined"),
    "helper_invitation.withdrawn": _("Invitation of a respected local taken back"),
    "helper_invitation.expired": _("Access of a respected local ended"),
    "helper_invitation.ended": _("Access of a respected local ended before its last day"),
    "helper_invitation.thanked": _("Respected local thanked"),
    "helper_invitation.thanks_corrected": _("Hours and thanks of a respected local corrected"),
}.items():
    register(name, label, close=not name.startswith("helper."))  # the register of helpers is of no dispute
