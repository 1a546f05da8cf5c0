"""Verdicts on an early warning: true, false or known; one given in error may be put right.

Nothing here reads or writes data.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.warning.querysets import JUDGES
from mediation.warning.states import WarningState as S


class WarningSteps(models.Model):
    """The transitions; ``EarlyWarning`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("It is true"), source=[S.OPEN, S.FALSE, S.KNOWN], target=S.TRUE, allow=JUDGES, event="warning.true",
          name="confirm")  # fmt: skip
    def confirm(self):
        """Somebody looked: disputes are building up there."""

    @step(label=_("It was known already"), source=[S.OPEN, S.TRUE, S.FALSE], target=S.KNOWN, allow=JUDGES,
          event="warning.known", name="known")  # fmt: skip
    def mark_known(self):
        """Those who work there knew and act already."""

    @step(label=_("It is a false alarm"), source=[S.OPEN, S.TRUE, S.KNOWN], target=S.FALSE, allow=JUDGES,
          event="warning.false", backward=True, name="dismiss")  # fmt: skip
    def dismiss(self):
        """Somebody looked and found nothing in common; the reason stays with it."""
