"""Transitions of a follow-up visit. Nothing here reads or writes data.

planned → due → done | unreachable | refused | overdue | cancelled (domain/mediation.md). Nobody cancels a visit: it
ends with the dispute, and comes back with it where that end was a mistake. A superior urges what is overdue. What was
logged by a slip is corrected within days. It moves with the day of the effect, where that was put right.
"""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.followup.querysets import CLOCK, LOGS, URGES
from mediation.followup.states import OPEN_VISITS, UNTIL_LATE
from mediation.followup.states import VisitState as V

CORRECTED_FOR = timedelta(days=7)  # after it was logged [J]: a slip is seen soon, later talks are other visits


def logged_lately(visit) -> bool:
    """Whether it was written down so few days ago that it may still be a slip."""
    return visit.logged_at is not None and timezone.now() <= visit.logged_at + CORRECTED_FOR


def not_urged_today(visit) -> bool:
    """Whether it may be urged now: once a day is enough."""
    return not visit.was_urged_today


class VisitSteps(models.Model):
    """The transitions; ``FollowUpVisit`` inherits them."""

    class Meta:
        abstract = True

    @step(
        label=_("The visit comes due"), source=[V.PLANNED], target=V.DUE, allow=CLOCK, event="followup.due", quiet=True
    )
    def come_due(self):
        """Its day has come."""

    @step(label=_("The visit is late"), source=list(UNTIL_LATE), target=V.OVERDUE, allow=CLOCK,
          event="followup.overdue", quiet=True)  # fmt: skip
    def lapse(self):
        """The days of grace are over, tried in vain or not; the superior sees it."""

    @step(label=_("The visit is moved"), source=list(OPEN_VISITS), target=None, allow=CLOCK, event="followup.moved",
          quiet=True)  # fmt: skip
    def move(self, *, due_on, grace_until):
        """The day from which the agreement binds was put right."""
        self.due_on, self.grace_until = due_on, grace_until

    @step(label=_("The visit is planned again"), source=list(OPEN_VISITS), target=V.PLANNED, allow=CLOCK,
          event="followup.moved", quiet=True)  # fmt: skip
    def plan_again(self, *, due_on, grace_until):
        """So was it, and by its new day the visit has not come due, or is not late."""
        self.due_on, self.grace_until = due_on, grace_until

    @step(label=_("Log the visit"), source=list(OPEN_VISITS), target=V.DONE, allow=LOGS, event="followup.done")
    def log(self, *, found, on, by, at):
        """What was found. ``found``: the columns it fills."""
        for name, value in found.items():
            setattr(self, name, value)
        self.visited_on, self.visited_by, self.logged_at = on, by, at

    @step(label=_("Correct what was logged"), source=[V.DONE, V.REFUSED], target=V.DONE, allow=LOGS,
          event="followup.corrected", backward=True, guards=[logged_lately])  # fmt: skip
    def correct(self, *, found, on, by):
        """A slip: the answers anew, for some days after they were written down."""
        for name, value in found.items():
            setattr(self, name, value)
        self.visited_on, self.visited_by = on, by

    @step(label=_("Nobody was reached"), source=list(UNTIL_LATE), target=V.UNREACHABLE, allow=LOGS,
          event="followup.unreachable")  # fmt: skip
    def miss(self, *, on, by):
        """One attempt more; it can be tried again."""
        self.visited_on, self.visited_by, self.attempts = on, by, self.attempts + 1

    @step(label=_("Nobody was reached"), source=[V.OVERDUE], target=None, allow=LOGS, event="followup.unreachable")
    def miss_late(self, *, on, by):
        """One attempt more of a visit that is late; it stays late."""
        self.visited_on, self.visited_by, self.attempts = on, by, self.attempts + 1

    @step(label=_("Urge the visit"), source=[V.OVERDUE], target=None, allow=URGES, event="followup.urged",
          reason=True, guards=[not_urged_today])  # fmt: skip
    def urge(self, *, at):
        """A superior asks the unit to make it, or to say why it was not made."""
        self.urged_at = at

    @step(label=_("The parties refuse the visit"), source=list(OPEN_VISITS), target=V.REFUSED, allow=LOGS,
          event="followup.refused")  # fmt: skip
    def refuse(self, *, on, by, at):
        """They need not answer."""
        self.visited_on, self.visited_by, self.logged_at = on, by, at

    @step(label=_("Cancel the visit"), source=list(OPEN_VISITS), target=V.CANCELLED, allow=CLOCK,
          event="followup.cancelled", quiet=True)  # fmt: skip
    def cancel(self):
        """The dispute ended without an agreement, or a newer agreement has visits of its own."""

    @step(label=_("The visit is to be made after all"), source=[V.CANCELLED], target=V.PLANNED, allow=CLOCK,
          event="followup.back", quiet=True)  # fmt: skip
    def come_back(self):
        """The end of the dispute was a mistake; its days stay, and what is late by them is late again."""
