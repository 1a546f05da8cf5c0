"""What points are redeemed for, and the book of its stock."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, User, Venue
from governance.workflow import FSMField, WorkflowModel
from partners.models.ledger import Account
from partners.rewards.querysets import RewardQuerySet, StockEntryQuerySet
from partners.rewards.workflow import RewardState, RewardSteps

DEAREST = 100_000  # points: ten thousand consultations [J]
LARGEST_STOCK = 1_000_000


class RewardKind(models.TextChoices):
    SERVICE = "service", _("Community service")
    GOODS = "goods", _("Goods to pick up")
    COUPON = "coupon", _("Merchant's coupon")


class LimitPer(models.TextChoices):
    MONTH = "month", _("Calendar month")
    YEAR = "year", _("Calendar year")
    EVER = "ever", _("Altogether")


class Audience(models.TextChoices):
    ALL = "all", _("All members")
    PEOPLE = "people", _("People only")
    UNITS = "units", _("Organisations only")


class Reward(RewardSteps, WorkflowModel):
    """Something members of a community (``area``) redeem ``cost`` points for.

    - service: hours of ``minutes`` in ``venue``, booked by the kernel's engine for a time the member chooses;
    - goods: pieces handed over at ``pickup_place`` in ``pickup_hours``;
    - coupon: of ``merchant``, worth what ``worth`` says.

    ``keep_days``: how long a redemption is set aside before it times out (of a coupon: how long it is good; of a
    service: counted from the end of the booked time). ``most`` per member in ``per`` (none: no limit). ``stocked`` is
    the sum of the stock book, ``taken`` what of it is set aside or gone; both are kept by triggers (migration
    0005_rewards), which refuse more taken than stocked whoever writes: coupons issued ≤ stock, invariant 9.
    """

    LOCK_WITH = ("area", "venue", "merchant__unit", "merchant__area")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="rewards", verbose_name=_("community"))
    kind = models.CharField(_("kind"), max_length=10, choices=RewardKind)
    title = models.CharField(_("name"), max_length=60)
    about = models.TextField(_("about the reward"), max_length=1000, blank=True)
    cost = models.PositiveIntegerField(
        _("cost in points"), validators=[MinValueValidator(1), MaxValueValidator(DEAREST)]
    )
    audience = models.CharField(_("for whom"), max_length=10, choices=Audience, default=Audience.ALL)
    stocked = models.PositiveIntegerField(_("stock so far"), default=0, editable=False)
    taken = models.PositiveIntegerField(_("of it set aside or gone"), default=0, editable=False)
    most = models.PositiveSmallIntegerField(
        _("at most per member"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    per = models.CharField(_("period of the limit"), max_length=10, choices=LimitPer, default=LimitPer.MONTH)
    offered_from = models.DateField(_("offered from"), null=True, blank=True)
    offered_to = models.DateField(_("offered to"), null=True, blank=True)
    keep_days = models.PositiveSmallIntegerField(
        _("set aside for (days)"), default=7, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    venue = models.ForeignKey(
        Venue, models.PROTECT, null=True, blank=True, related_name="rewards", verbose_name=_("venue")
    )
    minutes = models.PositiveSmallIntegerField(
        _("length in minutes"), null=True, blank=True, validators=[MinValueValidator(15), MaxValueValidator(720)]
    )
    pickup_place = models.CharField(_("pick-up place"), max_length=120, blank=True)
    pickup_hours = models.CharField(_("pick-up hours"), max_length=120, blank=True)
    merchant = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="rewards", verbose_name=_("merchant")
    )
    worth = models.CharField(_("worth"), max_length=80, blank=True)
    state = FSMField(_("state"), max_length=10, choices=RewardState, default=RewardState.DRAFT, protected=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)

    objects = RewardQuerySet.as_manager()

    class Meta:
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="reward_not_oversold", condition=Q(taken__lte=F("stocked"))),
            models.CheckConstraint(name="reward_costs_points", condition=Q(cost__gte=1, cost__lte=DEAREST)),
            models.CheckConstraint(name="reward_kept_some_days", condition=Q(keep_days__gte=1, keep_days__lte=366)),
            models.CheckConstraint(
                name="reward_dates_in_order",
                condition=Q(offered_from__isnull=True)
                | Q(offered_to__isnull=True)
                | Q(offered_to__gte=F("offered_from")),
            ),
            models.CheckConstraint(
                name="reward_by_kind",
                condition=Q(
                    kind="service", venue__isnull=False, minutes__isnull=False, merchant__isnull=True, stocked=0
                )
                | (Q(kind="goods", venue__isnull=True, merchant__isnull=True) & ~Q(pickup_place=""))
                | (Q(kind="coupon", venue__isnull=True, merchant__isnull=False) & ~Q(worth="")),
            ),
        ]
        indexes = [models.Index(fields=["area", "state"], name="reward_area_state")]

    def __str__(self):
        return self.title

    def natural_key(self):
        return (self.code,)

    @property
    def free(self) -> int | None:
        """Pieces left; None where there is no stock."""
        return None if self.kind == RewardKind.SERVICE else self.stocked - self.taken

    @property
    def limit_text(self) -> str:
        """How many a member may have in which time; empty without a limit."""
        return "" if self.most is None else f"{self.most} / {self.get_per_display()}"


class StockKind(models.TextChoices):
    RECEIPT = "receipt", _("Stock in")
    CORRECTION = "correction", _("Corrected")


class StockEntry(models.Model):
    """A line of the stock book: pieces that came in, or a correction. Append-only (database triggers)."""

    reward = models.ForeignKey(Reward, models.PROTECT, related_name="stock", verbose_name=_("reward"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    kind = models.CharField(_("kind"), max_length=10, choices=StockKind)
    amount = models.IntegerField(_("pieces"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    entered_at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    objects = StockEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of the stock book")
        verbose_name_plural = _("stock book")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="stock_entry_by_kind",
                condition=Q(kind="receipt", amount__gt=0) | (Q(kind="correction") & ~Q(amount=0) & ~Q(note="")),
            ),
            models.CheckConstraint(
                name="stock_entry_within_reason", condition=Q(amount__gte=-LARGEST_STOCK, amount__lte=LARGEST_STOCK)
            ),
        ]

    def __str__(self):
        return f"{self.reward} {self.amount:+}"
