"""States and transitions of a hot-spot signal: new → a case is opened, a need is made of it, or dismissed.

Nothing here reads or writes data.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.hotspots.querysets import ACTS
from cases.hotspots.takers import has_taker
from governance.workflow import step


class SignalState(models.TextChoices):
    NEW = "new", _("New")
    OPENED = "opened", _("Case opened")
    NEED = "need", _("Made a need")
    DISMISSED = "dismissed", _("Dismissed")


class SignalSteps(models.Model):
    """The transitions; ``HotSpotSignal`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Open a proactive case"), source=[SignalState.NEW], target=SignalState.OPENED, allow=ACTS,
          event="hotspot.case_opened")  # fmt: skip
    def open_case(self):
        """Somebody shall look into why there are so many; only together with the case."""

    @step(label=_("Make it a need"), source=[SignalState.NEW], target=SignalState.NEED, allow=ACTS,
          event="hotspot.need_made", guards=[has_taker])  # fmt: skip
    def make_need(self):
        """Not one more repair but something the place lacks: only together with the need (``takers``)."""

    @step(label=_("Dismiss the signal"), source=[SignalState.NEW], target=SignalState.DISMISSED, allow=ACTS,
          event="hotspot.dismissed", backward=True)  # fmt: skip
    def dismiss(self):
        """It is known, explained or of no use; the reason stays with it."""
