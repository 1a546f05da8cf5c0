"""The paper by which an agent may act for a party (授权委托书, or the proof of who is the legal agent)."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.masking import masked_name
from governance.models import User
from mediation.agreements.states import AuthorisationScope
from mediation.disputes.querysets import AuthorisationQuerySet
from mediation.models.dispute import Dispute
from mediation.models.party import Party


class AgentAuthorisation(models.Model):
    """Number, day and scope of the paper; ``agent``: whom it names, as the party's agent was written then.

    Never changed: a new paper is another row, the newest of the agent counts. One that was recorded wrongly is struck
    with a reason, and kept, until something rests on it.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="authorisations", verbose_name=_("dispute"))
    party = models.ForeignKey(
        Party, models.PROTECT, related_name="authorisations", verbose_name=_("party to a dispute")
    )  # fmt: skip
    agent = models.CharField(_("represented by"), max_length=80)
    number = models.CharField(_("number of the authorisation"), max_length=60)
    signed_on = models.DateField(_("day of the authorisation"))
    scope = models.CharField(_("scope of the authorisation"), max_length=7, choices=AuthorisationScope)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    at = models.DateTimeField(_("recorded at"), default=timezone.now)
    struck_at = models.DateTimeField(_("authorisation struck at"), null=True, blank=True, editable=False)

    objects = AuthorisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("authorisation of an agent")
        verbose_name_plural = _("authorisations of agents")
        ordering = ["-id"]

    def __str__(self):
        return self.number

    @property
    def masked_agent(self) -> str:
        """Whom the paper names, masked."""
        return masked_name(self.agent)

    @property
    def of_former_agent(self) -> bool:
        """Whether somebody else represents the party now, or nobody."""
        return self.agent != self.party.agent
