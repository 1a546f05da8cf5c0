"""States and transitions of a dispatch rule: draft → on ⇄ off. Nothing here reads or writes data."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models.organisation import Role
from governance.scoping import InArea
from governance.workflow import step


class RuleState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ON = "on", _("Switched on")
    OFF = "off", _("Switched off")


S = RuleState
# Who may change or try a rule may switch it.
SWITCHES = {Role.ADMINISTRATOR: InArea()}


class RuleSteps(models.Model):
    """The transitions; ``DispatchRule`` inherits them."""

    class Meta:
        abstract = True

    @step(
        label=_("Switch on"),
        source=[S.DRAFT, S.OFF],
        target=S.ON,
        allow=SWITCHES,
        event="rule.switched_on",
    )
    def switch_on(self, *, switched_at):
        """The rule decides from now on; a dry run of its present content must have been looked at."""
        self.switched_at = switched_at

    @step(
        label=_("Switch off"),
        source=[S.ON],
        target=S.OFF,
        allow=SWITCHES,
        event="rule.switched_off",
        backward=True,
    )
    def switch_off(self, *, switched_at):
        """The rule decides no more; it may be changed, tried and switched on again."""
        self.switched_at = switched_at
