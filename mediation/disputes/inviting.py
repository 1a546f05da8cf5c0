"""The court that transferred a dispute: it invited the mediation, and it alone confirms an agreement (民事诉讼法 205).

It is kept from the registering on, so that no other one is taken for it later.
"""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import OrgUnit
from governance.models.organisation import UnitKind
from mediation.confirmation.states import ConfirmationState
from mediation.disputes.states import DisputeSource
from mediation.models import Dispute, JudicialConfirmation

# The court has the application: what it rests on is not changed any more.
RECEIVED = (ConfirmationState.RECEIVED, ConfirmationState.ADMITTED, ConfirmationState.VALID)


def courts(kept: OrgUnit | None = None) -> QuerySet[OrgUnit]:
    """Return the courts in use, and the one that stands there."""
    in_use = Q(kind=UnitKind.COURT, is_active=True)
    return OrgUnit.objects.filter(in_use | Q(pk=kept.pk) if kept else in_use).order_by("code")


def court_kind_check(court: OrgUnit, field: str) -> None:
    """Refuse a unit that is no court in use. Raises Invalid naming ``field``."""
    if court.kind != UnitKind.COURT or not court.is_active:
        raise Invalid(_("This is no court."), field=field, code="kind")


def inviting_court_check(source: str, court: OrgUnit | None) -> None:
    """Refuse a transfer by a court that is not named, a unit that is no court, or a court that transferred nothing.
    Raises Invalid naming ``inviting_court``."""
    if source == DisputeSource.COURT and court is None:
        raise Invalid(_("Say which court transferred it: that one alone confirms an agreement."),
                      field="inviting_court", code="required")  # fmt: skip
    if court is None:
        return
    if source != DisputeSource.COURT:
        raise Invalid(_("No court transferred this dispute."), field="inviting_court", code="not_transferred")
    court_kind_check(court, "inviting_court")


def inviting_court_amend_check(dispute: Dispute, *, source: str, inviting_court: OrgUnit | None) -> None:
    """Refuse a correction of them that does not hold, or that comes after the court received an application. Raises
    Invalid naming ``inviting_court``, Conflict (``at_court``)."""
    inviting_court_check(source, inviting_court)
    if JudicialConfirmation.objects.filter(dispute=dispute, state__in=RECEIVED).exists():
        raise Conflict(_("A court has received an application for confirmation already."), code="at_court")
