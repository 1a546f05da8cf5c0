"""Settling with merchants by sheets, what a point is worth there, and the figures of months that are over."""

from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, User
from governance.workflow import FSMField, WorkflowModel
from partners.earning.querysets import ClosingQuerySet, SettlementRateQuerySet, SettlementSheetQuerySet
from partners.earning.workflow import SheetState, SheetSteps
from partners.models.ledger import Account, Transfer

DAYS = Func(F("first"), F("last"), Value("[]"), function="daterange")


class SettlementRate(models.Model):
    """What a community pays a merchant for a point, in yuan, from a day on; until the next rate."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    yuan = models.DecimalField(
        _("yuan a point"), max_digits=7, decimal_places=4, validators=[MinValueValidator(Decimal("0.0001"))]
    )
    valid_from = models.DateField(_("from"), default=timezone.localdate)

    objects = SettlementRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("settlement rate")
        verbose_name_plural = _("settlement rates")
        ordering = ["area", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["area", "valid_from"], name="settlement_rate_once_a_day"),
            models.CheckConstraint(name="settlement_rate_positive", condition=Q(yuan__gt=0)),
        ]

    def __str__(self):
        return f"{self.yuan.normalize():f}"


class SettlementSheet(SheetSteps, WorkflowModel):
    """What a merchant received in a period, to be paid elsewhere: proposed, confirmed by the merchant, settled.

    ``points``: those received less those returned, by the entries of the account; ``amount``: yuan at the rate in force
    on the last day. Two sheets of a merchant never share a day, but for withdrawn ones.
    """

    LOCK_WITH = ("area", "merchant", "merchant__unit", "merchant__area", "proposed_by")

    merchant = models.ForeignKey(Account, models.PROTECT, related_name="sheets", verbose_name=_("Merchant"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    number = models.CharField(_("number of the paper"), max_length=40, unique=True, editable=False)
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    points = models.PositiveIntegerField(_("number of points"))
    rate = models.ForeignKey(SettlementRate, models.PROTECT, related_name="+", verbose_name=_("settlement rate"))
    amount = models.DecimalField(_("amount (yuan)"), max_digits=14, decimal_places=2)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    paid_by = models.CharField(_("how it was paid"), max_length=120, blank=True)
    transfer = models.OneToOneField(
        Transfer, models.PROTECT, null=True, blank=True, related_name="sheet", verbose_name=_("transfer")
    )
    state = FSMField(_("state"), max_length=10, choices=SheetState, default=SheetState.PROPOSED, protected=True)

    objects = SettlementSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("settlement sheet")
        verbose_name_plural = _("settlement sheets")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="settlement_sheet_whole", condition=Q(points__gt=0, last__gte=F("first"))),
            models.CheckConstraint(
                name="settlement_sheet_settled",
                condition=Q(state="settled", transfer__isnull=False) | (~Q(state="settled") & Q(transfer__isnull=True)),
            ),
            ExclusionConstraint(
                name="settlement_sheet_no_overlap",
                expressions=[("merchant", RangeOperators.EQUAL), (DAYS, RangeOperators.OVERLAPS)],
                condition=~Q(state="withdrawn"),
            ),
        ]

    def __str__(self):
        return self.number


class MonthlyClosing(models.Model):
    """What a community's books stood at when a month was over: sums of all entries until then. Append-only.

    ``until`` is the moment the month ended (excluded). Figures as in ``ledger.statement.Liability``.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    until = models.DateTimeField(_("until"))
    outstanding = models.BigIntegerField(_("with members"))
    owed = models.BigIntegerField(_("owed"))
    issued = models.BigIntegerField(_("issued"))
    redeemed = models.BigIntegerField(_("redeemed"))
    expired = models.BigIntegerField(_("expired"))

    objects = ClosingQuerySet.as_manager()

    class Meta:
        verbose_name = _("monthly closing")
        verbose_name_plural = _("monthly closings")
        ordering = ["-until", "area"]
        constraints = [models.UniqueConstraint(fields=["area", "until"], name="monthly_closing_once")]

    def __str__(self):
        return f"{self.area} · {self.until:%Y-%m}"


class AccountClosing(models.Model):
    """What a member or merchant had when a month was over in which points moved there. Append-only; written with the
    ``MonthlyClosing`` of the same moment.

    ``balance``: the sum of all entries until then, in whole points: available and set aside less what is owed. Of a
    month without a row it is that of the last row before.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, verbose_name=_("account"))
    until = models.DateTimeField(_("until"))
    balance = models.BigIntegerField(_("Closing balance"))

    class Meta:
        verbose_name = _("monthly closing of an account")
        verbose_name_plural = _("monthly closings of accounts")
        ordering = ["-until", "account"]
        constraints = [models.UniqueConstraint(fields=["account", "until"], name="account_closing_once")]

    def __str__(self):
        return f"{self.account_id} · {self.until:%Y-%m}"
