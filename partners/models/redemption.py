"""A member's redemption of points for a reward, and the code by which it is fulfilled."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, Booking, User
from governance.workflow import FSMField, WorkflowModel
from partners.models.ledger import Account, Transfer
from partners.models.ledger_work import Hold
from partners.models.reward import Reward, RewardKind
from partners.rewards.querysets import CouponQuerySet, RedemptionQuerySet
from partners.rewards.workflow import RedemptionState, RedemptionSteps


class Redemption(RedemptionSteps, WorkflowModel):
    """Points of ``account`` set aside for one piece of a reward, at the ``cost`` and under the name of that day.

    ``hold`` is what the ledger set aside until ``until``; its state and this one agree whenever a transaction commits
    (a deferred trigger). ``takes``: one piece of the stock is this one's. ``key`` names the wish: once an account.
    ``merchant`` is whose coupon it is; ``booking`` the hours of a service. ``words``: why it was cancelled or taken
    back, for the member. ``reversal``: the transfer that gave the points of a returned one back.
    """

    LOCK_WITH = ("area", "reward", "account__area", "merchant", "hold", "booking")

    reward = models.ForeignKey(Reward, models.PROTECT, related_name="redemptions", verbose_name=_("reward"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="redemptions", verbose_name=_("community"))
    account = models.ForeignKey(Account, models.PROTECT, related_name="redemptions", verbose_name=_("points account"))
    merchant = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="coupons", verbose_name=_("merchant")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=RewardKind)
    title = models.CharField(_("name"), max_length=60)
    worth = models.CharField(_("worth"), max_length=80, blank=True)
    cost = models.PositiveIntegerField(_("cost in points"))
    key = models.CharField(_("key"), max_length=120)
    takes = models.BooleanField(default=False, editable=False)
    hold = models.OneToOneField(Hold, models.PROTECT, related_name="redemption", verbose_name=_("points set aside"))
    booking = models.OneToOneField(
        Booking, models.PROTECT, null=True, blank=True, related_name="redemption", verbose_name=_("booking")
    )
    reversal = models.OneToOneField(
        Transfer, models.PROTECT, null=True, blank=True, related_name="returned_redemption", verbose_name=_("reversal")
    )
    redeemed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("redeemed by"))
    redeemed_at = models.DateTimeField(_("redeemed at"), default=timezone.now, editable=False)
    until = models.DateTimeField(_("set aside until"))
    ready_at = models.DateTimeField(_("ready at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    returned_at = models.DateTimeField(_("returned at"), null=True, blank=True)
    words = models.CharField(_("reason"), max_length=300, blank=True)
    state = FSMField(_("state"), max_length=10, choices=RedemptionState, default=RedemptionState.HELD, protected=True)

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="redemption_once_a_key"),
            models.CheckConstraint(
                name="redemption_by_kind",
                condition=Q(kind="service", merchant__isnull=True, booking__isnull=False, takes=False)
                | Q(kind="goods", merchant__isnull=True, booking__isnull=True)
                | Q(kind="coupon", merchant__isnull=False, booking__isnull=True),
            ),
            models.CheckConstraint(
                name="redemption_takes_while_it_has",
                condition=Q(kind="service")
                | Q(state__in=["held", "fulfilled"], takes=True)
                | Q(state__in=["cancelled", "timed_out"], takes=False)
                | Q(state="returned"),
            ),
            models.CheckConstraint(
                name="redemption_ended_or_held",
                condition=Q(state="held", ended_at__isnull=True) | (~Q(state="held") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="redemption_returned_with_reversal",
                condition=Q(state="returned", returned_at__isnull=False, reversal__isnull=False)
                | (~Q(state="returned") & Q(returned_at__isnull=True, reversal__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "reward", "redeemed_at"], name="redemption_of_member"),
            models.Index(fields=["area", "state"], name="redemption_area_state"),
            models.Index(fields=["merchant", "ended_at"], name="redemption_of_merchant"),
        ]

    def __str__(self):
        return self.title

    @property
    def time_text(self) -> str:
        """The booked hours of a service; empty for others."""
        return self.booking.time_text if self.booking_id else ""

    @property
    def who(self) -> str:
        """Whose it is."""
        return str(self.account.user or self.account.unit)


class Coupon(models.Model):
    """The code of a redemption: of a merchant's coupon, of goods to pick up, of booked hours to show at the door.

    One redemption has one code, and it is good once: the state of the redemption says whether it still is. ``digest``
    is its keyed hash, by which who is shown the code finds it; ``sealed`` the code itself, encrypted, for its owner's
    page alone. So neither lists nor a copy of the table tell unused codes. Never changed, never deleted (triggers).
    """

    redemption = models.OneToOneField(Redemption, models.PROTECT, related_name="coupon", verbose_name=_("redemption"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    sealed = models.BinaryField(editable=False)

    objects = CouponQuerySet.as_manager()

    class Meta:
        verbose_name = _("coupon code")
        verbose_name_plural = _("coupon codes")
        ordering = ["id"]

    def __str__(self):
        return str(self.redemption_id)
