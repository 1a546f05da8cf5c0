"""Names of what happens to disputes. Payloads: numbers, codes, states, days; never names or words."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "dispute.registered": _("Dispute registered"),
    "dispute.amended": _("Dispute corrected"),
    "dispute.assigned": _("Mediator appointed"),
    "dispute.violence_marked": _("Signs of violence marked"),
    "dispute.consent_asked": _("Parties asked for consent"),
    "dispute.rights_told": _("Parties told of their rights and duties"),
    "dispute.accepted": _("Dispute accepted for mediation"),
    "dispute.begun": _("Mediation begun"),
    "dispute.extended": _("Mediation term extended"),
    "dispute.term_over": _("Mediation term is over"),
    "dispute.agreed": _("Mediation agreement reached"),
    "dispute.end_moved": _("Day on which the dispute ended put right with its agreement"),
    "dispute.terminated": _("Mediation was terminated"),
    "dispute.declined": _("Dispute declined"),
    "dispute.end_taken_back": _("End of the dispute taken back as a mistake"),
    "dispute.referred": _("Dispute referred elsewhere"),
    "dispute.closed": _("The dispute was closed"),
    "dispute.archived": _("File of the dispute archived"),
    "dispute.reopened": _("Dispute reopened"),
    "dispute.reopening_taken_back": _("Reopening of the dispute taken back"),
    "dispute.emptied": _("Archived file emptied of contact data"),
    "dispute.party_added": _("Party added to a dispute"),
    "dispute.party_amended": _("Party of a dispute corrected"),
    "dispute.party_name_corrected": _("Slip in a party's name corrected"),
    "dispute.party_struck": _("Party struck from a dispute"),
    "dispute.party_unmasked": _("Party of a dispute unmasked"),
    "dispute.consent_recorded": _("Answer of a party recorded"),
    "dispute.routes_told": _("Parties told of other routes"),
    "dispute.police_told": _("Police told of a dispute"),
    "recusal.asked": _("Recusal of a mediator asked for"),
    "recusal.upheld": _("Recusal of a mediator upheld"),
    "recusal.rejected": _("Recusal of a mediator rejected"),
    "recusal.withdrawn": _("Recusal of a mediator taken back"),
}.items():
    register(name, label, close=True)
