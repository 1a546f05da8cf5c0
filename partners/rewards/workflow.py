"""States and transitions of rewards and redemptions. Nothing here reads or writes data.

A reward: draft → offered ⇄ paused → ended. A redemption: held → fulfilled | cancelled | timed out; then returned.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from partners.rewards.querysets import HANDS_OVER, MEMBERS, RUNS, SYSTEM


class RewardState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    OFFERED = "offered", _("On offer")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Off the shelf")


R = RewardState
LIVING = (R.DRAFT, R.OFFERED, R.PAUSED)


def has_stock(reward) -> bool:
    """Whether there are pieces of it; of a service there are hours."""
    return reward.kind != "service"


class RewardSteps(models.Model):
    """The transitions; ``Reward`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Change the reward"), source=[R.DRAFT, R.PAUSED], target=None, allow=RUNS, event="reward.planned")
    def plan(self, **plan):
        """Anything but its kind; a redemption keeps the price it was made at."""
        for name, value in plan.items():
            setattr(self, name, value)

    @step(label=_("Offer it"), source=[R.DRAFT, R.PAUSED], target=R.OFFERED, allow=RUNS, event="reward.offered")
    def offer(self):
        """Members see it and redeem points for it."""

    @step(label=_("Receive stock"), source=LIVING, target=None, allow=RUNS, event="reward.received",
          guards=[has_stock])  # fmt: skip
    def receive(self):
        """Pieces that came in, or coupons the merchant agreed to; a line of the stock book."""

    @step(label=_("Correct the stock"), source=LIVING, target=None, allow=RUNS, event="reward.corrected",
          backward=True, guards=[has_stock])  # fmt: skip
    def correct(self):
        """What was counted wrong, broke or was lost; a line of the stock book with its reason."""

    @step(label=_("Pause"), source=[R.OFFERED], target=R.PAUSED, allow=RUNS, event="reward.paused")
    def pause(self):
        """Nobody redeems for now; what is set aside stays so."""

    @step(label=_("End the offer"), source=LIVING, target=R.ENDED, allow=RUNS, event="reward.ended", backward=True)
    def end(self):
        """For good; what is set aside is still handed over."""


class RedemptionState(models.TextChoices):
    HELD = "held", _("Kept for the member")
    FULFILLED = "fulfilled", _("Fulfilled")
    CANCELLED = "cancelled", _("Cancelled")
    TIMED_OUT = "timed_out", _("Timed out")
    RETURNED = "returned", _("Returned")


S = RedemptionState
# States that count as had, for limits per person.
COUNTED = (S.HELD, S.FULFILLED)


def to_be_prepared(redemption) -> bool:
    """Whether it is goods that nobody has said are ready."""
    return redemption.kind == "goods" and redemption.ready_at is None


class RedemptionSteps(models.Model):
    """The transitions; ``Redemption`` inherits them. The ledger moves the points in the same transaction."""

    class Meta:
        abstract = True

    @step(label=_("Ready for pick-up"), source=[S.HELD], target=None, allow=RUNS, event="redemption.ready",
          guards=[to_be_prepared])  # fmt: skip
    def prepare(self, *, ready_at):
        """The goods lie there with the name on them; the member is told."""
        self.ready_at = ready_at

    @step(label=_("Hand over"), source=[S.HELD], target=S.FULFILLED, allow=HANDS_OVER, event="redemption.fulfilled")
    def fulfil(self, *, ended_at):
        """Goods handed over, service used, coupon taken: by the code the member shows."""
        self.ended_at = ended_at

    @step(label=_("Cancel my redemption"), source=[S.HELD], target=S.CANCELLED, allow=MEMBERS,
          event="redemption.cancelled")  # fmt: skip
    def cancel(self, *, ended_at):
        """By the member, before it is fulfilled: points, stock and hours come back."""
        self.ended_at, self.takes = ended_at, False

    @step(label=_("Cancel for the member"), source=[S.HELD], target=S.CANCELLED, allow=RUNS | SYSTEM,
          event="redemption.called_off", backward=True)  # fmt: skip
    def call_off(self, *, ended_at, words):
        """By the community, with a reason that the member is told."""
        self.ended_at, self.words, self.takes = ended_at, words, False

    @step(label=_("Time out"), source=[S.HELD], target=S.TIMED_OUT, allow=SYSTEM, event="redemption.timed_out",
          quiet=True)  # fmt: skip
    def time_out(self, *, ended_at):
        """When the time set aside is over: points, stock and hours come back."""
        self.ended_at, self.takes = ended_at, False

    @step(label=_("Return it"), source=[S.FULFILLED], target=S.RETURNED, allow=RUNS, event="redemption.returned",
          backward=True, name="return")  # fmt: skip
    def give_back(self, *, returned_at, words, reversal, restock):
        """After it was fulfilled: the points are given back by a reversal; the piece goes back to the stock or not."""
        self.returned_at, self.words, self.reversal = returned_at, words, reversal
        self.takes = self.takes and not restock
