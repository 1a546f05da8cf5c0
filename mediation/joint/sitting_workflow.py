"""Transitions of a sitting (调解会). Nothing here reads or writes data."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.joint.querysets import HANDLES_IT, SYSTEM
from mediation.joint.states import SittingState as S


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

    @step(label=_("Record that it was held"), source=[S.PLANNED], target=S.HELD, allow=HANDLES_IT,
          event="sitting.held", guards=[has_begun])  # fmt: skip
    def hold(self, *, at):
        """Who was there is written down beside it."""
        self.held_at = at

    @step(label=_("Cancel the sitting"), source=[S.PLANNED], target=S.CANCELLED, allow=HANDLES_IT | SYSTEM,
          event="sitting.cancelled", backward=True)  # fmt: skip
    def cancel(self):
        """It is not held; the room is given back."""
