"""Names of what happens to partners, their papers and what they offer."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "partner.applied": _("Applied as a partner"),
    "partner.approved": _("Application approved"),
    "partner.declined": _("Application declined"),
    "partner.withdrawn": _("Application withdrawn"),
    "partner.activated": _("Partner became active"),
    "partner.suspended": _("Partner suspended"),
    "partner.resumed": _("Partner active again"),
    "partner.left": _("Partner left"),
    "partner.ended": _("Partnership ended by the community"),
    "partner.person_added": _("Somebody acts for the partner"),
    "partner.person_ended": _("Somebody does not act for the partner any more"),
    "qualification.submitted": _("Qualification handed in"),
    "qualification.verified": _("Qualification verified"),
    "qualification.refused": _("Qualification not accepted"),
    "qualification.withdrawn": _("Qualification withdrawn"),
    "qualification.revoked": _("Qualification does not hold any more"),
    "qualification.ending": _("Qualification ends soon"),
    "qualification.expired": _("Qualification expired"),
    "agreement.made": _("Partnership agreement made out"),
    "agreement.partner_signed": _("Agreement signed for the partner"),
    "agreement.community_signed": _("Agreement signed for the community"),
    "agreement.concluded": _("Agreement signed by both"),
    "agreement.voided": _("Agreement void"),
    "agreement.ending": _("Agreement ends soon"),
    "agreement.over": _("Agreement over"),
    "offer.made": _("Offer made"),
    "offer.published": _("Offer put on view"),
    "offer.declined": _("Offer not taken up"),
    "offer.changed": _("Offer changed by the community"),
    "offer.revised": _("Offer changed by the partner"),
    "offer.ended": _("Offer ended"),
    "offer.taken_down": _("Offer taken off view"),
    "offer_slot.made": _("Date of an offer added"),
    "offer_slot.cancelled": _("Date of an offer cancelled"),
    "offer_place.taken": _("Place at an offer taken"),
    "offer_place.again": _("Place at an offer taken again"),
    "offer_place.cancelled": _("Place at an offer given back"),
    "offer_place.dropped": _("Place at an offer lost with its date"),
}.items():
    register(name, label)
