"""What a file with an agreement must hold before it is archived (人民调解法 27; domain/mediation.md, "File").

Registered with the disputes' own check; follow-up visits register theirs where they are kept.
"""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mediation.agreements.authorising import SETTLES
from mediation.agreements.states import UNDER_WAY, AgreementForm, SignatureHow
from mediation.confirmation.eligibility import bound_by
from mediation.confirmation.states import ConfirmationState, WishHow
from mediation.disputes.completeness import completeness_check
from mediation.files.states import FileKind
from mediation.models import (
    AgentAuthorisation,
    Agreement,
    AgreementState,
    ConfirmationConsent,
    Dispute,
    DisputeFile,
    DisputeSource,
    JudicialConfirmation,
    MediationNote,
    NoteKind,
    Obligation,
    ObligationState,
    Party,
    PartySide,
)

SETTLED = (ObligationState.PERFORMED, ObligationState.TOLD_OF_LITIGATION)
C = ConfirmationState
WITH_COURT = (C.JOINTLY_APPLIED, C.RECEIVED, C.ADMITTED)


@completeness_check
def agreement_missing(dispute: Dispute) -> Iterator[str]:
    """Yield what is missing: of every mediation the notice of rights, identities and the record, of an agreement also
    its scan and its outcome; that one was agreed before a renewed mediation failed changes nothing."""
    rows = Agreement.objects.filter(dispute=dispute)
    if rows.filter(state__in=UNDER_WAY).exists():
        yield _("An agreement is drafted but neither in effect nor discarded.")
    agreement = rows.filter(state=AgreementState.EFFECTIVE).order_by("-id").first()
    if dispute.ended_ground and agreement is None:
        yield from _papers_missing(dispute, None)
        return
    if agreement is None:
        yield _("The agreement in effect is missing.")
        return
    yield from _papers_missing(dispute, agreement)
    yield from _scan_missing(agreement)
    yield from _authorisations_missing(agreement)
    yield from _outcome_missing(agreement)


def _papers_missing(dispute: Dispute, agreement: Agreement | None) -> Iterator[str]:
    if dispute.rights_told_on is None:
        yield _("It is not recorded that the parties were told of their rights and duties.")
    nameless = [party.label for party in _identified(dispute, agreement) if not party.identity_digest]
    if nameless:
        yield _("The identity number is missing of: %(parties)s.") % {"parties": _(", ").join(nameless)}
    if not MediationNote.objects.filter(dispute=dispute, kind=NoteKind.RECORD).exists():
        yield _("The mediation record is missing.")


def _identified(dispute: Dispute, agreement: Agreement | None) -> list[Party]:
    """Return whose identity belongs into the file: of those whom an agreement binds; without one, of who applied. A
    party who never came has shown no paper."""
    if agreement is not None:
        return bound_by(agreement)
    applied = dispute.source == DisputeSource.APPLICATION
    return list(dispute.parties.filter(side=PartySide.APPLICANT)) if applied else []


def _scan_missing(agreement: Agreement) -> Iterator[str]:
    """Of a written agreement somebody signed by hand."""
    if agreement.form != AgreementForm.WRITTEN:
        return
    by_hand = agreement.signatures.exclude(how=SignatureHow.ELECTRONIC).exists()
    kept = DisputeFile.objects.filter(dispute=agreement.dispute_id, kind=FileKind.SIGNED_AGREEMENT).kept()
    # A dispute that was reopened may hold the scan of an older agreement: this one's was added after it was drafted.
    if by_hand and not kept.filter(added_at__gte=agreement.drafted_at).exists():
        yield _("The scan of the signed agreement is missing.")


def _authorisations_missing(agreement: Agreement) -> Iterator[str]:
    """Of every agent who signed or applied for a party: the paper by which they did, whoever is the agent now."""
    papers = AgentAuthorisation.objects.standing().filter(party=OuterRef("party"), scope__in=SETTLES)
    # A signature holds its paper; only those of older releases hold none.
    signed = agreement.signatures.filter(by_agent=True, authorisation=None)
    signed = signed.exclude(Exists(papers.filter(signed_on__lte=timezone.localdate())))
    wishes = ConfirmationConsent.objects.filter(confirmation__agreement=agreement, how=WishHow.AGENT)
    wishes = wishes.exclude(Exists(papers.filter(signed_on__lte=OuterRef("said_on"))))
    count = len({*signed.values_list("party", flat=True), *wishes.values_list("party", flat=True)})
    if count:
        yield ngettext(
            "The authorisation of the agent of %(count)s party is missing.",
            "The authorisations of the agents of %(count)s parties are missing.", count,
        ) % {"count": count}  # fmt: skip


def _outcome_missing(agreement: Agreement) -> Iterator[str]:
    owed = Obligation.objects.filter(agreement=agreement).exclude(state__in=SETTLED).count()
    if owed:
        yield ngettext(
            "%(count)s obligation is neither performed nor followed to its end.",
            "%(count)s obligations are neither performed nor followed to their end.", owed,
        ) % {"count": owed}  # fmt: skip
    confirmation = JudicialConfirmation.objects.filter(agreement=agreement).first()
    if confirmation is None:
        return
    if confirmation.state in WITH_COURT:
        yield _("The court has not decided about the confirmation yet.")
    elif confirmation.state == C.ELIGIBLE and not confirmation.late:
        yield _("The parties have not said yet whether they want the agreement confirmed.")
