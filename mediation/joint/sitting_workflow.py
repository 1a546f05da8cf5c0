"""Transitions of a sitting (调解会). Nothing here reads or writes data."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.disputes.states import DisputeState
from mediation.joint.querysets import HANDLES_IT, SYSTEM
from mediation.joint.states import SittingState as S

CORRECTED_FOR = timedelta(days=7)  # after it was recorded, as with a visit [J]: a slip is seen soon


def recorded_lately(sitting) -> bool:
    """Whether it was recorded a few days ago at most, and the file is not archived."""
    lately = sitting.held_at is not None and timezone.now() <= sitting.held_at + CORRECTED_FOR
    return lately and sitting.dispute.state != DisputeState.ARCHIVED


def has_begun(sitting) -> bool:
    return sitting.starts_at <= timezone.now()


class SittingSteps(models.Model):
    """The transitions; ``Sitting`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Move the sitting"), source=[S.PLANNED], target=None, allow=HANDLES_IT, event="sitting.moved",
          reason=True)  # fmt: skip
    def move(self, *, starts_at, ends_at):
        """Another time; the room is booked anew."""
        self.starts_at, self.ends_at = starts_at, ends_at

    @step(label=_("Correct how and where"), source=[S.PLANNED], target=None, allow=HANDLES_IT, event="sitting.amended",
          reason=True)  # fmt: skip
    def amend(self, *, kind, place, link):
        """On site, at the centre or by video, the place in words, the link; time and room stay as they are."""
        self.kind, self.place, self.link = kind, place, link

    @step(label=_("Record that it was held"), source=[S.PLANNED], target=S.HELD, allow=HANDLES_IT,
          event="sitting.held", guards=[has_begun])  # fmt: skip
    def hold(self, *, at):
        """Who was there is written down beside it."""
        self.held_at = at

    @step(label=_("Correct who came"), source=[S.HELD], target=None, allow=HANDLES_IT, event="sitting.corrected",
          guards=[recorded_lately], reason=True)  # fmt: skip
    def correct(self):
        """Somebody was ticked, or left out, by a slip; who came is written down anew beside it."""

    @step(label=_("Cancel the sitting"), source=[S.PLANNED], target=S.CANCELLED, allow=HANDLES_IT | SYSTEM,
          event="sitting.cancelled", backward=True)  # fmt: skip
    def cancel(self):
        """It is not held; the room is given back."""
