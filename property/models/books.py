"""The books of an estate, what households paid into them, and the ledger of its public income."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Dwelling, Estate, OrgUnit, User
from governance.workflow import FSMField, WorkflowModel
from property.costs.querysets import BookRowQuerySet, BooksQuerySet, PaymentQuerySet
from property.costs.workflow import BooksState, BooksSteps


def money(label: str, **options) -> models.DecimalField:
    """Return a field of yuan, exact to the fen, up to a thousand million."""
    return models.DecimalField(label, max_digits=12, decimal_places=2, **options)


class EstateBooks(BooksSteps, WorkflowModel):
    """The books (账簿) of an estate: who keeps them, and the lock under which money is written into them.

    Everything that counts money of an estate locks its row, after the dwellings it writes for; so receipts are numbered
    without gaps and no two people spend the same yuan.
    """

    LOCK_WITH = ("estate__area", "company")

    estate = models.OneToOneField(Estate, models.PROTECT, related_name="books", verbose_name=_("estate"))
    company = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="kept_books", verbose_name=_("property company"),
        help_text=_("Keeps the books and collects; empty where the community does it itself."),
    )  # fmt: skip
    state = FSMField(_("state"), max_length=10, choices=BooksState, default=BooksState.OPEN, protected=True)
    opened_on = models.DateField(_("opened on"), default=timezone.localdate)

    objects = BooksQuerySet.as_manager()

    class Meta:
        verbose_name = _("books of an estate")
        verbose_name_plural = _("books of estates")
        ordering = ["estate"]

    def __str__(self):
        return str(self.estate)

    @property
    def area_id(self) -> int:
        """Where events about it lie."""
        return self.estate.area_id

    @property
    def area(self):
        """The area of the estate."""
        return self.estate.area


class LedgerEntry(models.Model):
    """A line of a ledger with its running balance, in yuan. Never changed or deleted (database triggers).

    Lines of one ledger are numbered from 1 without gaps; the balance is that of the line before and the amount, and is
    never below zero (both checked by the database). A mistake is undone by a line that ``reverses`` it.
    """

    ordinal = models.PositiveIntegerField(_("line"))
    amount = money(_("amount (yuan)"))
    balance = money(_("balance (yuan)"))
    booked_on = models.DateField(_("day"))
    purpose = models.CharField(_("purpose"), max_length=200)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("reverses")
    )
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    made_at = models.DateTimeField(_("recorded at"), default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.ordinal} · {self.purpose}"


class IncomeKind(models.TextChoices):
    """What common parts earn with (民法典 282)."""

    PARKING = "parking", _("Parking on common ground")
    ADVERTISING = "advertising", _("Advertising")
    LIFT_ADVERTISING = "lift_advertising", _("Advertising in lifts")
    VENUE = "venue", _("Hire of common rooms")
    VENDING = "vending", _("Vending and parcel machines")
    OTHER = "other", _("Other")


class IncomeDirection(models.TextChoices):
    INCOME = "income", _("Income")
    COST = "cost", _("Reasonable cost")
    SHARED = "shared", _("Bears a cost period")
    REVERSAL = "reversal", _("Reversal")


class IncomeEntry(LedgerEntry):
    """A line of the public income (公共收益) of an estate: net of reasonable cost it is the owners'.

    ``period``: the cost period that a ``shared`` line helps to pay (negative), or gives back to after a correction.
    """

    books = models.ForeignKey(
        EstateBooks, models.PROTECT, related_name="income", verbose_name=_("books of an estate"), db_index=False
    )
    direction = models.CharField(_("sort of line"), max_length=10, choices=IncomeDirection)
    kind = models.CharField(_("kind of income"), max_length=20, choices=IncomeKind, blank=True)
    period = models.ForeignKey(
        "property.CostPeriod", models.PROTECT, null=True, blank=True, related_name="income", verbose_name=_("period")
    )

    objects = BookRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of public income")
        verbose_name_plural = _("public income")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["books", "ordinal"], name="income_line_once"),
            models.CheckConstraint(name="income_balance", condition=Q(balance__gte=0) & ~Q(amount=0)),
            models.CheckConstraint(
                name="income_signs",
                condition=Q(direction="income", amount__gt=0, reverses=None, period=None)
                | Q(direction="cost", amount__lt=0, reverses=None, period=None)
                | Q(direction="shared", reverses=None, period__isnull=False)
                | Q(direction="reversal", reverses__isnull=False),
            ),
        ]


class PaymentKind(models.TextChoices):
    PAYMENT = "payment", _("Payment")
    REFUND = "refund", _("Money given back")
    REVERSAL = "reversal", _("Reversal")


class PaymentMethod(models.TextChoices):
    CASH = "cash", _("Cash")
    BANK = "bank", _("Bank transfer")
    WECHAT = "wechat", _("WeChat Pay")
    ALIPAY = "alipay", _("Alipay")
    OTHER = "other", _("Other")


class Payment(models.Model):
    """Money of a household, in yuan: in (above 0), back out (below 0), or the reversal of such a line.

    It counts for the ``account`` of the household that paid, oldest bill first (``property.costs.accounts``);
    ``covers`` keeps what it paid when it came: pairs of cost period and amount, the rest is credit. Receipts are
    numbered by estate and ``year`` without gaps, refunds and reversals in the same series. Never changed or deleted
    (database triggers). ``reference`` is the bank's number of the transfer.
    """

    books = models.ForeignKey(
        EstateBooks, models.PROTECT, related_name="payments", verbose_name=_("books of an estate"), db_index=False
    )
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="payments", verbose_name=_("dwelling"))
    account = models.ForeignKey(
        "property.HouseholdAccount", models.PROTECT, related_name="payments", verbose_name=_("account of a household")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=PaymentKind, default=PaymentKind.PAYMENT)
    amount = money(_("amount (yuan)"))
    method = models.CharField(_("way of payment"), max_length=10, choices=PaymentMethod)
    paid_on = models.DateField(_("paid on"))
    reference = models.CharField(_("number of the transfer"), max_length=60, blank=True)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("receipt"))
    covers = models.JSONField(_("covers"), default=list)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("reverses")
    )
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    made_at = models.DateTimeField(_("recorded at"), default=timezone.now)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["books", "year", "number"], name="payment_receipt_once"),
            models.CheckConstraint(
                name="payment_signs",
                condition=Q(kind="payment", amount__gt=0, reverses=None)
                | Q(kind="refund", amount__lt=0, reverses=None)
                | (Q(kind="reversal", reverses__isnull=False) & ~Q(amount=0)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["books", "reference"], condition=~Q(reference=""), name="payment_reference"
            ),
            models.Index(F("books"), F("paid_on").desc(), name="payment_by_day"),
        ]  # fmt: skip

    def __str__(self):
        return self.receipt

    @property
    def receipt(self) -> str:
        """The number of the receipt; reads the estate unless it is loaded."""
        return f"{self.books.estate.code}-{self.year}-{self.number:06d}"
