"""Names of what happens to agreements and obligations. Payloads hold ids, states, dates and figures only.

``agreement.effective`` is what others listen to (follow-up visits): its subject is the ``Agreement``; its payload has
``dispute``, ``effective_on`` and ``obligations`` (ids). ``mediation_agreement.day_corrected`` moves what they reckoned:
its payload has ``effective_on`` and the day ``before``.
"""

from django.utils.translation import gettext_lazy as _

from governance.events import register

AGREEMENT_EFFECTIVE = register("agreement.effective", _("Mediation agreement in effect"), close=True)
AGREEMENT_DAY_CORRECTED = register(
    "mediation_agreement.day_corrected", _("Day of the effect of a mediation agreement corrected"), close=True
)
for name, label in {
    "dispute.agent_authorised": _("Authorisation of an agent recorded"),
    "dispute.authorisation_struck": _("Authorisation of an agent struck"),
    "mediation_agreement.drafted": _("Mediation agreement drafted"),
    "mediation_agreement.amended": _("Draft of the mediation agreement corrected"),
    "mediation_agreement.party_signed": _("A party signed the mediation agreement"),
    "mediation_agreement.signed_by_parties": _("All parties signed the mediation agreement"),
    "mediation_agreement.signed_by_mediator": _("The mediator signed the mediation agreement"),
    "mediation_agreement.mediator_signature_void": _("Signature of the former mediator void"),
    "mediation_agreement.signature_corrected": _("Day of a signature of a mediation agreement corrected"),
    "mediation_agreement.discarded": _("Draft of the mediation agreement discarded"),
    "mediation_agreement.lapsed": _("Draft of the mediation agreement lapsed"),
    "mediation_agreement.replaced": _("Mediation agreement replaced by a newer one"),
    "obligation.performed": _("Obligation performed"),
    "obligation.part": _("Obligation performed in part"),
    "obligation.overdue": _("Obligation not performed in time"),
    "obligation.urged": _("Debtor urged to perform"),
    "obligation.told_of_litigation": _("Creditor told of the way to court"),
    "obligation.replaced": _("Obligation replaced by a newer agreement"),
    "obligation.corrected": _("Record of an obligation corrected"),
}.items():
    register(name, label, close=True)
