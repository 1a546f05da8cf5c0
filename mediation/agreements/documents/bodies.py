"""Which body a paper names: the one that acted, not always the committee of the place (decision 0043)."""

from datetime import datetime

from governance.models import Event, OrgUnit, UnitKind
from mediation.agreements.events import AGREEMENT_EFFECTIVE
from mediation.models import Agreement, AgreementForm, Dispute

# What a body calls itself in a sentence.
CALLED = {UnitKind.MEDIATION_COMMITTEE: "本委员会", UnitKind.MEDIATION_CENTRE: "本中心",
          UnitKind.GOVERNANCE_CENTRE: "本中心"}  # fmt: skip


def called(unit: OrgUnit) -> str:
    """Return how a unit speaks of itself."""
    return CALLED.get(unit.kind, "本单位")


def unit_on(dispute: Dispute, at: datetime | None) -> OrgUnit:
    """Return which unit had the dispute at a moment (None: now)."""
    if at is None:
        return dispute.unit
    before = dispute.tiers.filter(changed_at__lte=at).select_related("unit").order_by("-id").first()
    return dispute.unit if before is None else before.unit


def body_of(dispute: Dispute, agreement: Agreement | None) -> OrgUnit:
    """Return for which unit an agreement was sealed, or an oral one recorded; before that: the one that has it now."""
    if agreement is None or agreement.effective_on is None:
        return dispute.unit
    if agreement.form == AgreementForm.WRITTEN:
        told = Event.objects.filter(subject_type="mediation.agreement", subject_id=agreement.pk)
        event = told.filter(name=AGREEMENT_EFFECTIVE, unit__isnull=False).select_related("unit").first()
        if event is not None:
            return event.unit
    return unit_on(dispute, agreement.sealed_at or agreement.mediator_signed_at)
