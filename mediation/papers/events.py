"""Names of what happens to the links and on the own pages of parties. Payloads: ids and codes."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "dispute.link_made": _("Link made for a party"),
    "dispute.link_revoked": _("Link of a party revoked"),
    "dispute.link_locked": _("Link of a party locked after wrong tries"),
    "dispute.party_claimed": _("Account of a party known by their link"),
    "dispute.party_replied": _("A party said how the agreement is performed"),
}.items():
    register(name, label, close=True)
