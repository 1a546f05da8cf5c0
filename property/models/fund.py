"""The maintenance fund of an estate, its ledger, and what resolutions let be used from it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import User
from governance.workflow import FSMField, WorkflowModel
from property.costs.querysets import FundQuerySet, FundRowQuerySet
from property.costs.workflow import BooksState, FundSteps
from property.models.books import EstateBooks, LedgerEntry, money
from property.models.decision import Resolution


class MaintenanceFund(FundSteps, WorkflowModel):
    """The maintenance fund (维修资金) of an estate. Many old estates have none: theirs has no row here.

    Its balance is that of the last line of its ledger (``FundEntry``).
    """

    LOCK_WITH = ("books__estate__area", "books__company")

    books = models.OneToOneField(EstateBooks, models.PROTECT, related_name="fund", verbose_name=_("books of an estate"))
    bank = models.CharField(_("kept at"), max_length=80, help_text=_("Bank or authority that holds the money."))
    state = FSMField(_("state"), max_length=10, choices=BooksState, default=BooksState.OPEN, protected=True)
    opened_on = models.DateField(_("opened on"), default=timezone.localdate)

    objects = FundQuerySet.as_manager()

    class Meta:
        verbose_name = _("maintenance fund")
        verbose_name_plural = _("maintenance funds")
        ordering = ["books"]

    def __str__(self):
        return str(self.books)

    @property
    def area_id(self) -> int:
        """Where events about it lie."""
        return self.books.area_id


class FundUse(models.Model):
    """What a resolution lets be used from a fund: at most ``amount`` yuan for ``purpose``.

    Stated before the vote opens, so that it is what was voted on; never changed (database triggers).
    """

    fund = models.ForeignKey(MaintenanceFund, models.PROTECT, related_name="uses", verbose_name=_("maintenance fund"))
    resolution = models.OneToOneField(Resolution, models.PROTECT, related_name="fund_use", verbose_name=_("resolution"))
    amount = money(_("at most (yuan)"))
    purpose = models.CharField(_("purpose"), max_length=200)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    made_at = models.DateTimeField(_("recorded at"), default=timezone.now)

    objects = FundRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("use of a fund put to a resolution")
        verbose_name_plural = _("uses of funds put to resolutions")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="fund_use_amount", condition=Q(amount__gt=0))]

    def __str__(self):
        return f"{self.resolution} · {self.purpose}"


class FundEntryKind(models.TextChoices):
    DEPOSIT = "deposit", _("Deposit")
    INTEREST = "interest", _("Interest")
    USE = "use", _("Use")
    REVERSAL = "reversal", _("Reversal")


class FundEntry(LedgerEntry):
    """A line of a maintenance fund: money in (above 0), or used under a ``resolution`` (below 0)."""

    fund = models.ForeignKey(
        MaintenanceFund, models.PROTECT, related_name="entries", verbose_name=_("maintenance fund"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=10, choices=FundEntryKind)
    resolution = models.ForeignKey(
        Resolution, models.PROTECT, null=True, blank=True, related_name="fund_entries", verbose_name=_("resolution")
    )

    objects = FundRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a maintenance fund")
        verbose_name_plural = _("lines of maintenance funds")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["fund", "ordinal"], name="fund_line_once"),
            models.CheckConstraint(name="fund_balance", condition=Q(balance__gte=0) & ~Q(amount=0)),
            models.CheckConstraint(
                name="fund_signs",
                condition=Q(kind__in=["deposit", "interest"], amount__gt=0, resolution=None, reverses=None)
                | Q(kind="use", amount__lt=0, resolution__isnull=False, reverses=None)
                | Q(kind="reversal", reverses__isnull=False),
            ),
        ]
