"""The link by which a party reads the own page without an account, and what parties say of performance there."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import User
from mediation.disputes.querysets import OfDisputeQuerySet, ReplyQuerySet
from mediation.models.dispute import Dispute
from mediation.models.party import Party
from mediation.papers.states import ReplyPerformed


class PartyLink(models.Model):
    """A link to the own page of one party. Only the SHA-256 of the token is kept: 256 random bits nobody guesses.

    ``failures``: how often the second factor (last four digits of the phone) was wrong; too often locks it
    (``locked_at``). ``opened_at``: when it was last opened.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="links", verbose_name=_("dispute"))
    party = models.ForeignKey(Party, models.PROTECT, related_name="links", verbose_name=_("party to a dispute"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("link made by"))
    made_at = models.DateTimeField(_("link made at"), default=timezone.now)
    expires_at = models.DateTimeField(_("link valid until"))
    revoked_at = models.DateTimeField(_("link revoked at"), null=True, blank=True)
    locked_at = models.DateTimeField(_("link locked at"), null=True, blank=True)
    failures = models.PositiveSmallIntegerField(_("wrong tries"), default=0)
    opened_at = models.DateTimeField(_("last opened at"), null=True, blank=True)

    objects = OfDisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("link of a party")
        verbose_name_plural = _("links of parties")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="party_link_expires_later", condition=Q(expires_at__gt=F("made_at"))),
        ]

    def __str__(self):
        return f"{self.dispute} {self.party_id}"

    def holds(self, at=None) -> bool:
        """Whether it still opens something at ``at`` (default now)."""
        return self.revoked_at is None and self.locked_at is None and self.expires_at > (at or timezone.now())


class PartyReply(models.Model):
    """What a party says of how an agreement is performed, on the own page. Append-only; whoever visits reads it.

    ``satisfaction``: 1 (not at all) to 5, None where they did not say; ``relapse``: it broke out again. ``corrects``:
    the reply of the same day that this one puts right; both stay, the later one counts.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="replies", verbose_name=_("dispute"))
    agreement = models.ForeignKey(
        "mediation.Agreement", models.PROTECT, related_name="replies", verbose_name=_("mediation agreement")
    )
    party = models.ForeignKey(Party, models.PROTECT, related_name="replies", verbose_name=_("party to a dispute"))
    performed = models.CharField(_("performance as the party says"), max_length=6, choices=ReplyPerformed)
    satisfaction = models.PositiveSmallIntegerField(
        _("satisfaction (1-5)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    relapse = models.BooleanField(_("broke out again"), default=False)
    at = models.DateTimeField(_("at"), default=timezone.now)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="corrected_by",
        verbose_name=_("puts right the reply"),
    )  # fmt: skip

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("reply of a party")
        verbose_name_plural = _("replies of parties")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="party_reply_satisfaction",
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__gte=1, satisfaction__lte=5),
            )
        ]

    def __str__(self):
        return f"{self.dispute} {self.get_performed_display()}"

    @property
    def superseded(self) -> bool:
        """Whether a later reply of the same day put it right; rows load ``corrected_by``."""
        return hasattr(self, "corrected_by")
