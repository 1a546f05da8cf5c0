"""States and transitions of a property contract: draft → in force → handing over → ended. No data is read."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models.organisation import Role
from governance.workflow import step
from property.serving.querysets import COMMUNITY, IN_AREA


class ContractState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_FORCE = "in_force", _("In force")
    HANDING_OVER = "handing_over", _("Handing over")
    ENDED = "ended", _("Ended")


C = ContractState
KEEPS = COMMUNITY | {Role.ADMINISTRATOR: IN_AREA}


class PropertyContractSteps(models.Model):
    """The transitions; ``PropertyContract`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Put in force"), source=[C.DRAFT], target=C.IN_FORCE, allow=KEEPS, event="contract.signed")
    def sign(self):
        """Signed by both: from now on repairs of the estate go to this company."""

    @step(
        label=_("Begin the hand-over"),
        source=[C.IN_FORCE],
        target=C.HANDING_OVER,
        allow=KEEPS,
        event="contract.handover_begun",
        backward=True,
    )
    def begin_handover(self):
        """The company leaves, or its term is over: a hand-over list is drawn up."""

    @step(label=_("End the contract"), source=[C.HANDING_OVER], target=C.ENDED, allow=KEEPS, event="contract.ended")
    def end(self, *, ended_on):
        """Everything on the hand-over list was handed over, or it is noted what is missing."""
        self.ended_on = ended_on
