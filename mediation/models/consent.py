"""What parties were asked and answered, and that they were told of the other routes. Append-only: the latest counts."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import User
from mediation.disputes.querysets import ConsentQuerySet, OfDisputeQuerySet
from mediation.disputes.states import ConsentAnswer, ConsentTo, TellingWay
from mediation.models.authorisation import AgentAuthorisation
from mediation.models.dispute import Dispute
from mediation.models.party import Party


class Consent(models.Model):
    """One answer of one party. ``about``: the mediator or helper asked about; ``until``: the last day of a longer term.

    Who refuses a longer term need name no day. ``round``: how often the dispute had been reopened: whoever agreed
    before is asked again (人民调解法 3).
    ``recorded_by`` None: the party answered on their own page. ``authorisation``: the paper of the legal agent who
    answered for a party without full capacity. ``said_on``: the day on which it was said; ``at``: when it was recorded.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="consents", verbose_name=_("dispute"))
    party = models.ForeignKey(
        Party, models.PROTECT, related_name="consents", verbose_name=_("party to a dispute")
    )  # fmt: skip
    what = models.CharField(_("asked about"), max_length=9, choices=ConsentTo)
    answer = models.CharField(_("answer of the party"), max_length=9, choices=ConsentAnswer)
    how = models.CharField(_("how it was said"), max_length=7, choices=TellingWay)
    about = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person asked about")
    )
    until = models.DateField(_("longer until"), null=True, blank=True)
    round = models.PositiveSmallIntegerField(_("times reopened"), default=0, editable=False)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("recorded by")
    )
    authorisation = models.ForeignKey(
        AgentAuthorisation, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("authorisation of the agent"),
    )  # fmt: skip
    said_on = models.DateField(_("said on"), default=timezone.localdate)
    at = models.DateTimeField(_("recorded at"), default=timezone.now)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer of a party")
        verbose_name_plural = _("answers of parties")
        ordering = ["-id"]
        indexes = [models.Index(fields=["dispute", "what", "party", "-id"], name="consent_latest")]
        constraints = [
            models.CheckConstraint(
                name="consent_about_somebody",
                condition=Q(what__in=["mediator", "helper"], about__isnull=False)
                | Q(what__in=["mediation", "extension"], about__isnull=True),
            ),
            models.CheckConstraint(
                name="consent_extension_until",
                condition=Q(until__isnull=True) & (~Q(what="extension") | ~Q(answer="agreed"))
                | Q(what="extension", until__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.get_what_display()}: {self.get_answer_display()}"

    @property
    def void(self) -> bool:
        """Whether the party was put right since (name, phone, capacity): it counts no longer."""
        return self.pk <= self.party.answers_after


class RoutesTold(models.Model):
    """A party was told of arbitration, the administrative and the court route (人民调解法 26). Append-only.

    ``told_by`` None: on the party's own page, when they withdrew there. ``ending``: how often an end had been taken
    back as a mistake; what was told at such an end does not count for a later one.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="routes_told", verbose_name=_("dispute"))
    party = models.ForeignKey(
        Party, models.PROTECT, related_name="routes_told", verbose_name=_("party to a dispute")
    )  # fmt: skip
    round = models.PositiveSmallIntegerField(_("times reopened"), default=0, editable=False)
    ending = models.PositiveSmallIntegerField(_("times an end was taken back"), default=0, editable=False)
    how = models.CharField(_("how it was said"), max_length=7, choices=TellingWay)
    told_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("told by")
    )  # fmt: skip
    at = models.DateTimeField(_("at"), default=timezone.now)

    objects = OfDisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("party told of other routes")
        verbose_name_plural = _("parties told of other routes")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["party", "round", "ending"], name="routes_told_once_an_end")]

    def __str__(self):
        return f"{self.dispute} {self.get_how_display()}"
