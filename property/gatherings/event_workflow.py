"""States and transitions of a neighbours' event. Nothing here reads or writes data.

draft → published (sign-up) → closed → under way → held → settled; postponed, cancelled.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from property.gatherings.querysets import RUNS, SYSTEM


class EventState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Open for sign-up")
    CLOSED = "closed", _("Sign-up closed")
    UNDER_WAY = "under_way", _("Under way")
    HELD = "held", _("Held")
    SETTLED = "settled", _("Settled")
    POSTPONED = "postponed", _("Postponed")
    CANCELLED = "cancelled", _("Cancelled")


S = EventState
TO_COME = (S.PUBLISHED, S.CLOSED)
PLANNED = (S.DRAFT, *TO_COME)
OVER = (S.HELD, S.SETTLED)
PREPARED = (*PLANNED, S.UNDER_WAY, S.POSTPONED)
HAPPENED = (S.UNDER_WAY, *OVER)


def counts_places(event) -> bool:
    """Whether people sign up; else they just come."""
    return event.places > 0


def unsettled(event) -> bool:
    """Whether the cost is not published yet."""
    return event.settled_at is None


class NeighbourEventSteps(models.Model):
    """The transitions; ``NeighbourEvent`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Change the plan"), source=[S.DRAFT], target=None, allow=RUNS, event="gathering.planned")
    def plan(self, **plan):
        """Anything of the plan, before it is published."""
        for name, value in plan.items():
            setattr(self, name, value)

    @step(label=_("Publish"), source=[S.DRAFT], target=S.PUBLISHED, allow=RUNS, event="gathering.published")
    def publish(self, *, published_at):
        """Residents see it and sign up."""
        self.published_at = published_at

    @step(label=_("Change the number of places"), source=TO_COME, target=None, allow=RUNS, event="gathering.resized")
    def resize(self, *, places):
        """More places go to who waits, in order; fewer only while nobody loses theirs."""
        self.places = places

    @step(label=_("Close the sign-up"), source=[S.PUBLISHED], target=S.CLOSED, allow=RUNS | SYSTEM,
          event="gathering.closed")  # fmt: skip
    def close(self):
        """By itself when its time is over, or earlier by hand."""

    @step(label=_("Sign somebody up"), source=[S.PUBLISHED], target=None, allow=RUNS,
          event="gathering.signed_up_for", guards=[counts_places])  # fmt: skip
    def sign_up_for(self):
        """Who asked in person or by telephone; by the rules under which people sign up themselves."""

    @step(label=_("Open the sign-up again"), source=[S.CLOSED], target=S.PUBLISHED, allow=RUNS,
          event="gathering.reopened", backward=True)  # fmt: skip
    def reopen(self, *, sign_up_until):
        """Until another time."""
        self.sign_up_until = sign_up_until

    @step(label=_("Begin"), source=TO_COME, target=S.UNDER_WAY, allow=RUNS, event="gathering.begun")
    def begin(self, *, begun_at):
        """People check in; who comes without having signed up may while places are free."""
        self.begun_at = begun_at

    @step(label=_("Somebody came without sign-up"), source=[S.UNDER_WAY], target=None, allow=RUNS,
          event="gathering.walked_in")  # fmt: skip
    def walk_in(self):
        """By user name or by name, while places are free."""

    @step(label=_("End"), source=[S.UNDER_WAY], target=S.HELD, allow=RUNS, event="gathering.held")
    def finish(self, *, held_at):
        """Who never came is counted; volunteers still there are checked out."""
        self.held_at = held_at

    @step(label=_("Settle and publish the cost"), source=[S.HELD], target=S.SETTLED, allow=RUNS,
          event="gathering.settled")  # fmt: skip
    def settle(self, *, settled_at):
        """Residents read the cost; after this only correcting lines are added."""
        self.settled_at = settled_at

    @step(label=_("Settle and publish the cost"), source=[S.CANCELLED], target=None, allow=RUNS,
          event="gathering.settled", guards=[unsettled])  # fmt: skip
    def settle_cancelled(self, *, settled_at):
        """What was spent before it was called off; it stays a cancelled event."""
        self.settled_at = settled_at

    @step(label=_("Postpone"), source=TO_COME, target=S.POSTPONED, allow=RUNS, event="gathering.postponed",
          backward=True)  # fmt: skip
    def postpone(self):
        """Everybody signed up is told and keeps the place; the venue is free."""

    @step(label=_("Set a new date or place"), source=[*TO_COME, S.POSTPONED], target=S.PUBLISHED, allow=RUNS,
          event="gathering.rescheduled")  # fmt: skip
    def reschedule(self, *, starts_at, ends_at, venue, place, sign_up_from, sign_up_until):
        """Everybody signed up is told where and when; also when the venue was taken back."""
        self.starts_at, self.ends_at, self.venue, self.place = starts_at, ends_at, venue, place
        self.sign_up_from, self.sign_up_until = sign_up_from, sign_up_until

    @step(label=_("Cancel"), source=[*PLANNED, S.POSTPONED], target=S.CANCELLED, allow=RUNS,
          event="gathering.cancelled", backward=True)  # fmt: skip
    def cancel(self):
        """It will not be held; everybody signed up is told."""

    @step(label=_("Add to the programme"), source=PREPARED, target=None, allow=RUNS, event="gathering.item_added")
    def add_item(self):
        """An item of the programme."""

    @step(label=_("Take off the programme"), source=PREPARED, target=None, allow=RUNS, event="gathering.item_dropped")
    def drop_item(self):
        """An item that is not shown after all."""

    @step(label=_("Add a task for volunteers"), source=PREPARED, target=None, allow=RUNS, event="gathering.task_added")
    def add_task(self):
        """What hands are wanted for, and how many."""

    @step(label=_("Add photos"), source=HAPPENED, target=None, allow=RUNS, event="gathering.photos_added")
    def add_photos(self):
        """With whom they show, or that nobody can be recognised."""

    @step(label=_("Add a line of cost"), source=[*PREPARED, S.HELD, S.CANCELLED], target=None, allow=RUNS,
          event="gathering.cost_added", guards=[unsettled])  # fmt: skip
    def add_cost(self):
        """Planned or actual, with its receipts."""

    @step(label=_("Correct a line of cost"), source=[*PREPARED, *OVER, S.CANCELLED], target=None, allow=RUNS,
          event="gathering.cost_corrected", backward=True)  # fmt: skip
    def correct_cost(self):
        """A new line that says by how much the old one was wrong; no line is ever changed."""
