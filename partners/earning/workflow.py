"""States and transitions of what earns points, and of sheets and certificates. Nothing here reads or writes data.

Record: submitted → (checked →) approved → reversed; declined. Donation: received → (checked →) approved → returned;
declined. Sheet: proposed → confirmed by the merchant → settled; disputed, withdrawn. Certificate: valid → revoked.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from partners.earning.querysets import OF_MERCHANT, RUNS, SYSTEM


class RecordState(models.TextChoices):
    SUBMITTED = "submitted", _("Waits for approval")
    CHECKED = "checked", _("Waits for a second approval")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    REVERSED = "reversed", _("Reversed")


class DonationState(models.TextChoices):
    RECEIVED = "received", _("Received, waits for approval")
    CHECKED = "checked", _("Waits for a second approval")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    RETURNED = "returned", _("Given back")


class SheetState(models.TextChoices):
    PROPOSED = "proposed", _("Waits for the merchant")
    CONFIRMED = "confirmed", _("Confirmed by the merchant")
    DISPUTED = "disputed", _("Disputed by the merchant")
    SETTLED = "settled", _("Settled")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class CertificateState(models.TextChoices):
    VALID = "valid", _("Valid")
    REVOKED = "revoked", _("Revoked")


R, D, H, C = RecordState, DonationState, SheetState, CertificateState


class RecordSteps(models.Model):
    """The transitions; ``ServiceRecord`` inherits them. ``approve`` is carried out as ``check`` or ``accept``."""

    class Meta:
        abstract = True

    @step(label=_("Approve"), source=[R.SUBMITTED, R.CHECKED], target=R.APPROVED, allow=RUNS,
          event="service_record.approved")  # fmt: skip
    def approve(self):
        """It took place as reported: points by the rule of its day."""

    @step(label=_("First approval"), source=[R.SUBMITTED], target=R.CHECKED, allow=RUNS,
          event="service_record.checked", quiet=True)  # fmt: skip
    def approve_first(self, *, by):
        """So many points need a second person."""
        self.first_approver = by

    @step(label=_("Decline"), source=[R.SUBMITTED, R.CHECKED], target=R.DECLINED, allow=RUNS,
          event="service_record.declined", backward=True)  # fmt: skip
    def decline(self):
        """It did not take place like this."""

    @step(label=_("Reverse"), source=[R.APPROVED], target=R.REVERSED, allow=RUNS, event="service_record.reversed",
          backward=True)  # fmt: skip
    def reverse(self):
        """It turned out otherwise: points and hours are taken back."""


class DonationSteps(models.Model):
    """The transitions; ``Donation`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Approve"), source=[D.RECEIVED, D.CHECKED], target=D.APPROVED, allow=RUNS,
          event="donation.approved")  # fmt: skip
    def approve(self):
        """It is there as the receipt says: points by the rule of its day."""

    @step(label=_("First approval"), source=[D.RECEIVED], target=D.CHECKED, allow=RUNS, event="donation.checked",
          quiet=True)  # fmt: skip
    def approve_first(self, *, by):
        """So many points need a second person."""
        self.first_approver = by

    @step(label=_("Decline"), source=[D.RECEIVED, D.CHECKED], target=D.DECLINED, allow=RUNS,
          event="donation.declined", backward=True)  # fmt: skip
    def decline(self):
        """The receipt was a mistake: it is void."""

    @step(label=_("Give back"), source=[D.APPROVED], target=D.RETURNED, allow=RUNS, event="donation.returned",
          backward=True)  # fmt: skip
    def give_back(self):
        """The gift went back to the giver: its points are taken back."""


class SheetSteps(models.Model):
    """The transitions; ``SettlementSheet`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Confirm the figures"), source=[H.PROPOSED], target=H.CONFIRMED, allow=OF_MERCHANT,
          event="settlement_sheet.confirmed")  # fmt: skip
    def confirm(self):
        """The figures are those of the merchant's own book."""

    @step(label=_("Dispute"), source=[H.PROPOSED], target=H.DISPUTED, allow=OF_MERCHANT,
          event="settlement_sheet.disputed", reason=True)  # fmt: skip
    def dispute(self):
        """The figures are not; the merchant says why."""

    @step(label=_("Propose again"), source=[H.DISPUTED], target=H.PROPOSED, allow=RUNS,
          event="settlement_sheet.proposed_again", reason=True)  # fmt: skip
    def propose_again(self, *, points, amount):
        """The entries were looked through: the sheet says what they add up to now."""
        self.points, self.amount = points, amount

    @step(label=_("Withdraw"), source=[H.PROPOSED, H.DISPUTED, H.CONFIRMED], target=H.WITHDRAWN, allow=RUNS,
          event="settlement_sheet.withdrawn", backward=True)  # fmt: skip
    def withdraw(self):
        """The sheet does not hold; its days may go onto another one."""

    @step(label=_("Record the payment"), source=[H.CONFIRMED], target=H.SETTLED, allow=RUNS,
          event="settlement_sheet.settled")  # fmt: skip
    def settle(self, *, paid_by, transfer):
        """It was paid elsewhere; the points leave the merchant's account."""
        self.paid_by, self.transfer = paid_by, transfer


class CertificateSteps(models.Model):
    """The transitions; ``HoursCertificate`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Revoke"), source=[C.VALID], target=C.REVOKED, allow=RUNS | SYSTEM,
          event="hours_certificate.revoked", backward=True)  # fmt: skip
    def revoke(self):
        """What it certifies does not hold any more; whoever looks it up is told so."""
