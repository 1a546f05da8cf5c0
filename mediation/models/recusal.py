"""A mediator who should not mediate a dispute: asked by a party, or stepping aside alone."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import User
from governance.workflow import FSMField, WorkflowModel
from mediation.disputes.querysets import RecusalQuerySet
from mediation.disputes.recusal_workflow import RecusalSteps
from mediation.disputes.states import RecusalGround, RecusalState
from mediation.models.dispute import Dispute
from mediation.models.party import Party


class Recusal(RecusalSteps, WorkflowModel):
    """``party`` None: the mediator steps aside (upheld at once). Somebody else of the unit decides the others,
    or the unit above where nobody is left. Whoever recorded one by mistake takes it back the same day."""

    LOCK_WITH = ("dispute__area",)

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="recusals", verbose_name=_("dispute"))
    mediator = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("mediator"))
    party = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("asked by the party")
    )
    ground = models.CharField(_("ground of the recusal"), max_length=8, choices=RecusalGround)
    words = models.CharField(_("reasons given"), max_length=500, blank=True)
    state = FSMField(_("state"), max_length=9, choices=RecusalState, default=RecusalState.ASKED, protected=True)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("recorded by")
    )
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("recusal decided by")
    )
    decided_at = models.DateTimeField(_("recusal decided at"), null=True, blank=True)

    objects = RecusalQuerySet.as_manager()

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "mediator"], condition=Q(state="asked"), name="recusal_one_open"
            ),
            models.CheckConstraint(
                name="recusal_decided_whole",
                condition=Q(state="asked", decided_at__isnull=True)
                | Q(state__in=["upheld", "rejected", "withdrawn"], decided_at__isnull=False, decided_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.dispute} {self.mediator}"
