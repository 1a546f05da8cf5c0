"""Names of what happens to the links and on the own pages of parties. Payloads: ids and codes."""

from django.utils.translation import gettext_lazy as _

from governance.events import on_own_page, register

for name, label in {
    "dispute.link_made": _("Link made for a party"),
    "dispute.link_revoked": _("Link of a party revoked"),
    "dispute.link_locked": _("Link of a party locked after wrong tries"),
    "dispute.party_claimed": _("Account of a party known by their link"),
    "dispute.party_replied": _("A party said how the agreement is performed"),
}.items():
    register(name, label, close=True)

# By link a party is no account of ours: the system writes down what they said on their own page.
on_own_page("dispute.consent_recorded", "dispute.party_replied", "confirmation.consent_recorded",
            "counselling.consented", "counselling.declined", "recusal.asked")  # fmt: skip
