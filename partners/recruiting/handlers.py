"""What happens when a deadline of a partner is due."""

from django.utils import timezone

from governance.timers import fires
from partners.models import Partner, PartnerAgreement, Qualification
from partners.recruiting.acting import carry, clock
from partners.recruiting.agreements import agreement_finish
from partners.recruiting.deadlines import (
    AGREEMENT_ENDS,
    AGREEMENT_OVER,
    QUALIFICATION_ENDS,
    QUALIFICATION_OVER,
    RESUMES,
    day_over,
)
from partners.recruiting.papers_workflow import AgreementState, QualificationState
from partners.recruiting.parting import partner_resume
from partners.recruiting.workflow import PartnerState


@fires(RESUMES)
def suspension_over(timer) -> None:
    """The time of a suspension is over."""
    partner = Partner.objects.lock(timer.subject_id)
    until = partner.suspended_until
    if partner.state == PartnerState.SUSPENDED and until is not None and day_over(until) <= timer.due_at:
        partner_resume(partner, actor=clock(), occurred_at=timer.due_at)


@fires(QUALIFICATION_ENDS)
def qualification_ends(timer) -> None:
    """Call the end of a qualification to mind, unless it was replaced by one that holds longer."""
    row = Qualification.objects.get(pk=timer.subject_id)
    later = Qualification.objects.filter(partner=row.partner_id, kind=row.kind_id, state=QualificationState.VERIFIED)
    replaced = later.exclude(pk=row.pk).exclude(valid_to__lte=row.valid_to)
    if row.state == QualificationState.VERIFIED and not replaced.exists():
        carry(row, "remind", actor=clock(), occurred_at=_moment(timer), payload={"valid_to": str(row.valid_to)})


@fires(QUALIFICATION_OVER)
def qualification_over(timer) -> None:
    """The last day of a qualification is over; offers that need it are not on view any more."""
    row = Qualification.objects.get(pk=timer.subject_id)
    if row.state == QualificationState.VERIFIED:
        carry(row, "expire", actor=clock(), occurred_at=timer.due_at, payload={"valid_to": str(row.valid_to)})


@fires(AGREEMENT_ENDS)
def agreement_ends(timer) -> None:
    """Call the end of an agreement to mind."""
    row = PartnerAgreement.objects.get(pk=timer.subject_id)
    if row.state == AgreementState.SIGNED:
        carry(row, "remind", actor=clock(), occurred_at=_moment(timer), payload={"valid_to": str(row.valid_to)})


@fires(AGREEMENT_OVER)
def agreement_over(timer) -> None:
    """The last day of an agreement is over; the partner manager is told, and decides."""
    agreement_finish(PartnerAgreement.objects.get(pk=timer.subject_id), at=timer.due_at)


def _moment(timer):
    """When a reminder happens: it may have been due before the paper was verified."""
    return max(timer.due_at, timezone.now())
