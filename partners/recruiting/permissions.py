"""Who may view and change what belongs to partners. Transitions carry their own rule."""

from django.utils.translation import gettext as _

from governance.configuration import guards, lies_in
from governance.errors import Conflict
from governance.models import Area, Role
from governance.permissions import ADMIN_ONLY, permit
from partners.models import AgreementTerms, PartnerAgreement, Recruitment
from partners.recruiting.querysets import LOOKING_ROLES, RUNNING_ROLES

KEEPERS = frozenset(RUNNING_ROLES)
CONCERNED = frozenset([*RUNNING_ROLES, *LOOKING_ROLES])
SETTING_UP = frozenset([Role.ADMINISTRATOR, *RUNNING_ROLES])

permit("partners.partner", view=CONCERNED)
permit("partners.qualification", view=CONCERNED)
permit("partners.partneragreement", view=CONCERNED)
permit("partners.offer", view=CONCERNED, add=KEEPERS)
permit("partners.offerslot", view=CONCERNED)
permit("partners.offerplace", view=CONCERNED)
permit("partners.recruitment", view=CONCERNED, add=SETTING_UP, change=SETTING_UP)
for name in ("qualificationkind", "profession", "agreementterms"):
    permit(f"partners.{name}", view=CONCERNED, add=ADMIN_ONLY, change=ADMIN_ONLY)


def places_of_recruitment(page: Recruitment) -> list[Area]:
    """A page touches its community."""
    return [page.area]


def guard_terms(terms: AgreementTerms, stored: AgreementTerms | None, _actor) -> None:
    """What somebody has signed is not changed: a new version is made. Raises Conflict."""
    signed = stored is not None and PartnerAgreement.objects.filter(terms=stored).exists()
    if signed and any(getattr(terms, name) != getattr(stored, name) for name in ("code", "title", "text")):
        raise Conflict(_("This text was agreed to already: make a new version."), code="signed")


lies_in("partners.recruitment", places_of_recruitment)
guards("partners.agreementterms", guard_terms)
