"""States and transitions of a partner's papers: qualifications and agreements. Nothing here reads or writes data.

Qualification: submitted → verified → expired | revoked; refused, withdrawn.
Agreement: open → signed by both → over; void.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from partners.recruiting.querysets import ACTS, RUNS, SYSTEM


class QualificationState(models.TextChoices):
    SUBMITTED = "submitted", _("To be verified")
    VERIFIED = "verified", _("Document verified")
    REFUSED = "refused", _("Not accepted")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Does not hold any more")


class AgreementState(models.TextChoices):
    OPEN = "open", _("To be signed")
    SIGNED = "signed", _("Signed by both")
    OVER = "over", _("Over")
    VOID = "void", _("Void")


Q, A = QualificationState, AgreementState


class QualificationSteps(models.Model):
    """The transitions; ``Qualification`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Verify"), source=[Q.SUBMITTED], target=Q.VERIFIED, allow=RUNS, event="qualification.verified")
    def verify(self, *, verified_by, verified_at):
        """Somebody of the community compared it with the original."""
        self.verified_by, self.verified_at = verified_by, verified_at

    @step(label=_("Do not accept"), source=[Q.SUBMITTED], target=Q.REFUSED, allow=RUNS, event="qualification.refused",
          backward=True)  # fmt: skip
    def refuse(self):
        """Unreadable, not theirs, of another kind."""

    @step(label=_("Withdraw the document"), source=[Q.SUBMITTED], target=Q.WITHDRAWN, allow=ACTS,
          event="qualification.withdrawn")  # fmt: skip
    def withdraw(self):
        """Handed in by mistake."""

    @step(label=_("Does not hold any more"), source=[Q.VERIFIED], target=Q.REVOKED, allow=RUNS,
          event="qualification.revoked", backward=True)  # fmt: skip
    def revoke(self):
        """Revoked by who issued it, or verified by mistake."""

    @step(label=_("Called to mind"), source=[Q.VERIFIED], target=None, allow=SYSTEM, event="qualification.ending",
          quiet=True)  # fmt: skip
    def remind(self):
        """Its last day comes near."""

    @step(label=_("Expired"), source=[Q.VERIFIED], target=Q.EXPIRED, allow=SYSTEM, event="qualification.expired",
          quiet=True)  # fmt: skip
    def expire(self):
        """Its last day is over."""


class PartnerAgreementSteps(models.Model):
    """The transitions; ``PartnerAgreement`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Sign for the partner"), source=[A.OPEN], target=None, allow=ACTS, event="agreement.partner_signed")
    def sign(self, *, signer, at):
        """Who acts for the partner agrees to this text."""
        self.partner_signer, self.partner_signed_at = signer, at

    @step(
        label=_("Sign for the community"), source=[A.OPEN], target=None, allow=RUNS, event="agreement.community_signed"
    )
    def countersign(self, *, signer, at):
        """Somebody of the community does."""
        self.signer, self.signed_at = signer, at

    @step(label=_("Signed by both"), source=[A.OPEN], target=A.SIGNED, allow=SYSTEM, event="agreement.concluded",
          quiet=True)  # fmt: skip
    def conclude(self):
        """Both have."""

    @step(label=_("Void the agreement"), source=[A.OPEN], target=A.VOID, allow=RUNS, event="agreement.voided",
          backward=True)  # fmt: skip
    def void(self):
        """Not signed: another one is made instead, or none."""

    @step(label=_("Called to mind"), source=[A.SIGNED], target=None, allow=SYSTEM, event="agreement.ending", quiet=True)
    def remind(self):
        """Its last day comes near."""

    @step(label=_("Over"), source=[A.OPEN, A.SIGNED], target=A.OVER, allow=SYSTEM, event="agreement.over", quiet=True)
    def finish(self):
        """Its last day is over, or the partner left."""
