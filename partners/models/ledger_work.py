"""What is under way in the points bank: points set aside, and corrections that two people make."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.models import Area, User
from partners.ledger.querysets import AdjustmentQuerySet, HoldQuerySet
from partners.models.ledger import Account, Transfer


class HoldStage(models.TextChoices):
    OPEN = "open", _("Open")
    POSTED = "posted", _("Redeemed")
    VOIDED = "voided", _("Released")
    TIMED_OUT = "timed_out", _("Released: time is up")


class Hold(models.Model):
    """Points of a member set aside ``until`` a moment: redeemed, released, or released when time is up; exactly once.

    Which lots they are of is what ``placed`` drew. Held points do not expire. The model is TigerBeetle's pending
    transfer: placing and ending are two transfers. ``counterpart``: the merchant they will go to (none: the community).
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="holds", verbose_name=_("account"))
    counterpart = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("far side")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    amount = models.IntegerField(_("number of points"))
    until = models.DateTimeField(_("until"))
    stage = models.CharField(_("state"), max_length=10, choices=HoldStage, default=HoldStage.OPEN, editable=False)
    placed = models.OneToOneField(Transfer, models.PROTECT, related_name="placed_hold", verbose_name=_("set aside by"))
    ended = models.OneToOneField(
        Transfer, models.PROTECT, null=True, blank=True, related_name="ended_hold", verbose_name=_("ended by")
    )

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("points set aside")
        verbose_name_plural = _("points set aside")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="hold_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="hold_ended_or_open",
                condition=Q(stage=HoldStage.OPEN, ended__isnull=True)
                | (~Q(stage=HoldStage.OPEN) & Q(ended__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.amount} · {self.get_stage_display()}"


class AdjustmentStage(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")


class Adjustment(models.Model):
    """A correction without evidence: proposed by one person, decided by another, with a reason in words.

    ``amount``: points added, or taken away (negative). ``expires_on``: last day of points added.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="adjustments", verbose_name=_("account"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    amount = models.IntegerField(_("number of points"))
    expires_on = models.DateField(_("good until"), null=True, blank=True)
    reason = models.TextField(_("reason"), max_length=500)
    stage = models.CharField(
        _("state"), max_length=10, choices=AdjustmentStage, default=AdjustmentStage.PROPOSED, editable=False
    )
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"), db_default=Now(), editable=False)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    transfer = models.OneToOneField(
        Transfer, models.PROTECT, null=True, blank=True, related_name="adjustment", verbose_name=_("transfer")
    )

    objects = AdjustmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("adjustment of points")
        verbose_name_plural = _("adjustments of points")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="adjustment_not_zero", condition=~Q(amount=0)),
            models.CheckConstraint(name="adjustment_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="adjustment_two_people",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="adjustment_stage",
                condition=Q(stage="proposed", decided_by__isnull=True, decided_at__isnull=True, transfer__isnull=True)
                | Q(stage="declined", decided_by__isnull=False, decided_at__isnull=False, transfer__isnull=True)
                | Q(stage="approved", decided_by__isnull=False, decided_at__isnull=False, transfer__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.amount:+} · {self.get_stage_display()}"
