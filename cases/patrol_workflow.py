"""States and transitions of a round: planned → under way → finished; missed when nobody went, or called off.

Nothing here reads or writes data.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.patrol_querysets import SUPERVISORS, WALKERS
from governance.models.organisation import Role
from governance.scoping import Anywhere
from governance.workflow import step


class PatrolState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    UNDER_WAY = "under_way", _("Under way")
    FINISHED = "finished", _("Finished")
    MISSED = "missed", _("Missed")
    CANCELLED = "cancelled", _("Cancelled")


S = PatrolState
CLOCK = {Role.SYSTEM: Anywhere()}


class PatrolSteps(models.Model):
    """The transitions; ``Patrol`` inherits them. Methods set fields of the round only, times come from the caller."""

    class Meta:
        abstract = True

    @step(label=_("Start the round"), source=[S.PLANNED], target=S.UNDER_WAY, allow=WALKERS, event="patrol.started")
    def start(self, *, worker, started_at):
        """Somebody of the team sets out; from now on it is that person's round."""
        self.worker, self.started_at = worker, started_at

    @step(
        label=_("Finish the round"),
        source=[S.UNDER_WAY],
        target=S.FINISHED,
        allow=WALKERS | CLOCK,
        event="patrol.finished",
    )
    def finish(self, *, finished_at):
        """All points were seen, or it is said why not."""
        self.finished_at = finished_at

    @step(
        label=_("Mark as missed"),
        source=[S.PLANNED],
        target=S.MISSED,
        allow=CLOCK,
        event="patrol.missed",
        quiet=True,
    )
    def miss(self):
        """The window ended and nobody had set out."""

    @step(
        label=_("Take up again"),
        source=[S.MISSED],
        target=S.UNDER_WAY,
        allow=CLOCK,
        event="patrol.resumed",
        quiet=True,
    )
    def resume(self, *, worker, started_at):
        """A check-in made within the window came in late: somebody was there after all. Only together with it."""
        self.worker, self.started_at = worker, started_at

    @step(label=_("Assign"), source=[S.PLANNED], target=None, allow=SUPERVISORS | CLOCK,
          event="patrol.assigned")  # fmt: skip
    def assign(self, *, worker):
        """Give the round to one of the team, or (None) to the team as a whole."""
        self.worker = worker

    @step(
        label=_("Cancel"),
        source=[S.PLANNED, S.UNDER_WAY],
        target=S.CANCELLED,
        allow=SUPERVISORS,
        event="patrol.cancelled",
        backward=True,
    )
    def cancel(self):
        """It is not to be walked: bad weather, another task."""
