"""States and transitions of a care visit: planned → visited; missed when its day is over, and made up for later."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from property.serving.other_querysets import VISITORS
from property.serving.querysets import COMMUNITY, SYSTEM


class VisitState(models.TextChoices):
    PLANNED = "planned", _("To be visited")
    VISITED = "visited", _("Visited")
    MISSED = "missed", _("Nobody has been there")
    CANCELLED = "cancelled", _("Cancelled")


V = VisitState


class CareVisitSteps(models.Model):
    """The transitions; ``CareVisit`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Report the visit"), source=[V.PLANNED, V.MISSED], target=V.VISITED, allow=VISITORS,
          event="care.visited")  # fmt: skip
    def visit(self, *, visited_by, visited_at, condition):
        """Somebody was there, and says how the person is."""
        self.visited_by, self.visited_at, self.condition = visited_by, visited_at, condition

    @step(label=_("Mark as missed"), source=[V.PLANNED], target=V.MISSED, allow=SYSTEM, event="care.missed", quiet=True)
    def miss(self):
        """The day is over and nobody has been there: an alarm."""

    @step(label=_("Cancel"), source=[V.PLANNED], target=V.CANCELLED, allow=COMMUNITY, event="care.cancelled",
          backward=True)  # fmt: skip
    def cancel(self):
        """The person is away, in hospital, or has moved."""

    @step(label=_("Stop"), source=[V.PLANNED], target=V.CANCELLED, allow=SYSTEM, event="care.stopped", quiet=True)
    def stop(self):
        """The person is no longer on the list."""
