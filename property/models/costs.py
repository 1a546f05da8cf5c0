"""Cost periods of an estate: lines, who bears what, and what each dwelling is charged."""

from decimal import Decimal
from fractions import Fraction

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Dwelling, User
from governance.workflow import FSMField, WorkflowModel
from property.costs.querysets import ChargeQuerySet, PeriodQuerySet, PeriodRowQuerySet
from property.costs.split import HOUSEHOLD, INCOME, SUBSIDY, Term
from property.costs.workflow import PeriodState, PeriodSteps
from property.models.books import EstateBooks, money
from property.models.decision import Resolution


class CostSource(models.TextChoices):
    """Who bears a part of the cost (成本共担)."""

    SUBSIDY = SUBSIDY, _("Government subsidy")
    PUBLIC_INCOME = INCOME, _("Public income")
    HOUSEHOLD = HOUSEHOLD, _("Households")


class CostBasis(models.TextChoices):
    """By what the household part goes to the dwellings (民法典 283: as agreed, else by area)."""

    AREA = "area", _("By floor area")
    DWELLING = "dwelling", _("The same for each dwelling")
    AGREED = "agreed", _("By agreed shares")


class CostKind(models.TextChoices):
    CLEANING = "cleaning", _("Cleaning")
    SECURITY = "security", _("Security")
    REPAIRS = "repairs", _("Repairs and maintenance")
    GREENING = "greening", _("Greening")
    LIFTS = "lifts", _("Lifts")
    ENERGY = "energy", _("Water and electricity of common parts")
    STAFF = "staff", _("Management and staff")
    FEATURED = "featured", _("Featured services")
    OTHER = "other", _("Other")


class CostPeriod(PeriodSteps, WorkflowModel):
    """What an estate's services cost from ``first`` to ``last`` (days, both included), and who pays for it.

    ``due_on``: the last day for households to pay. ``owners_of``: the day whose owners are charged, the last one, or
    the day of publication where that comes first: a seller does not owe what was rendered to the buyer, nor the buyer
    what was before; who is asked in advance is who owns then. ``figures``: the final statement as disclosed. From
    publication on its lines, shares and charges stand (database triggers); a correction adds lines with the difference.
    """

    LOCK_WITH = ("books__estate__area", "books__company", "opened_by")

    books = models.ForeignKey(EstateBooks, models.PROTECT, related_name="periods", verbose_name=_("books of an estate"))
    name = models.CharField(_("name"), max_length=60)
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    basis = models.CharField(_("household part goes"), max_length=10, choices=CostBasis, default=CostBasis.AREA)
    state = FSMField(_("state"), max_length=10, choices=PeriodState, default=PeriodState.DRAFT, protected=True)
    agreement = models.CharField(
        _("agreed in"), max_length=200, blank=True, help_text=_("Contract, minutes or notice that says who bears what.")
    )
    resolution = models.ForeignKey(
        Resolution, models.PROTECT, null=True, blank=True, related_name="cost_periods", verbose_name=_("resolution")
    )
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("drawn up by"))
    opened_at = models.DateTimeField(_("drawn up at"), default=timezone.now)
    hands = ArrayField(models.BigIntegerField(), verbose_name=_("keys of who wrote it"), default=list, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    notice_until = models.DateField(_("objections until"), null=True, editable=False)
    owners_of = models.DateField(_("charged to the owners of"), null=True, editable=False)
    due_on = models.DateField(_("to be paid by"), null=True, editable=False)
    subsidy_received = money(_("subsidy received (yuan)"), null=True, editable=False)
    disclose_by = models.DateField(_("to be disclosed by"), null=True, editable=False)
    disclosed_at = models.DateTimeField(_("disclosed at"), null=True, editable=False)
    figures = models.JSONField(_("final statement"), null=True, editable=False)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost period")
        verbose_name_plural = _("cost periods")
        ordering = ["-last", "-id"]
        constraints = [
            models.CheckConstraint(
                name="cost_period_days_in_order",
                condition=Q(last__gte=F("first")),
                violation_error_message=_("The last day lies before the first."),
            ),
            models.UniqueConstraint(
                fields=["books", "name"], condition=~Q(state="discarded"), name="cost_period_once",
                violation_error_message=_("There is such a period already."),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["books", "-last"], name="cost_period_books")]

    def __str__(self):
        return f"{self.books} · {self.name}"

    @property
    def area_id(self) -> int:
        """Where events about it lie."""
        return self.books.area_id


class CostLine(models.Model):
    """One cost of a period, in yuan; its documents are attachments. A line that ``corrects`` one holds the difference.

    What a line stands for now is its amount and those of its corrections. ``due_on``: until when households pay what a
    correction adds, where the period was collected already.
    """

    period = models.ForeignKey(CostPeriod, models.PROTECT, related_name="lines", verbose_name=_("cost period"))
    kind = models.CharField(_("kind"), max_length=10, choices=CostKind)
    title = models.CharField(_("title"), max_length=120)
    supplier = models.CharField(_("paid to"), max_length=80, blank=True)
    amount = money(_("amount (yuan)"))
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name=_("corrects")
    )
    due_on = models.DateField(_("to be paid by"), null=True, editable=False)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    made_at = models.DateTimeField(_("recorded at"), default=timezone.now)

    objects = PeriodRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost line")
        verbose_name_plural = _("cost lines")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="cost_line_amount",
                condition=Q(corrects=None, amount__gt=0) | (Q(corrects__isnull=False) & ~Q(amount=0)),
                violation_error_message=_("The amount must be above 0."),
            ),
        ]

    def __str__(self):
        return self.title


class CostShare(models.Model):
    """What a source bears by agreement: a ``fixed`` amount, or a ``weight`` of what the fixed amounts leave."""

    period = models.ForeignKey(CostPeriod, models.PROTECT, related_name="shares", verbose_name=_("cost period"))
    source = models.CharField(_("borne by"), max_length=15, choices=CostSource)
    weight = models.DecimalField(_("share"), max_digits=9, decimal_places=4, null=True, blank=True)
    fixed = money(_("fixed amount (yuan)"), null=True, blank=True)

    objects = PeriodRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("share of a source")
        verbose_name_plural = _("shares of sources")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["period", "source"], name="cost_share_once"),
            models.CheckConstraint(
                name="cost_share_one_way",
                condition=Q(weight__gte=0, fixed=None) | Q(weight=None, fixed__gte=0),
            ),
        ]  # fmt: skip

    def __str__(self):
        return str(self.get_source_display())

    @property
    def term(self) -> Term:
        """The share as the split reads it."""
        return Term(self.source, Fraction(self.weight or Decimal(0)), self.fixed)


class CostPart(models.Model):
    """What a source bears in yuan: as published, or the difference that a ``correction`` makes. Stands for good."""

    period = models.ForeignKey(CostPeriod, models.PROTECT, related_name="parts", verbose_name=_("cost period"))
    source = models.CharField(_("borne by"), max_length=15, choices=CostSource)
    amount = money(_("amount (yuan)"))
    correction = models.ForeignKey(CostLine, models.PROTECT, null=True, related_name="+", verbose_name=_("correction"))

    objects = PeriodRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("part of a source")
        verbose_name_plural = _("parts of sources")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "source", "correction"], nulls_distinct=False, name="cost_part_once"
            ),
        ]

    def __str__(self):
        return f"{self.get_source_display()} {self.amount}"


class SubsidyDirection(models.TextChoices):
    """Which way subsidy goes after a period was settled."""

    CLAIMED = "claimed", _("Came in")
    RETURNED = "returned", _("Returned")


class SubsidyLine(models.Model):
    """Subsidy that came in (above 0) or was returned (below 0) after a period was settled, in yuan. Stands for good.

    A mistake is undone by a line that ``reverses`` it.
    """

    period = models.ForeignKey(CostPeriod, models.PROTECT, related_name="subsidy_lines", verbose_name=_("cost period"))
    amount = money(_("amount (yuan)"))
    booked_on = models.DateField(_("day"))
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("reverses")
    )
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    made_at = models.DateTimeField(_("recorded at"), default=timezone.now)

    objects = PeriodRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("subsidy after settlement")
        verbose_name_plural = _("subsidies after settlement")
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="subsidy_line_amount", condition=~Q(amount=0))]

    def __str__(self):
        return f"{self.booked_on} {self.amount}"


class AgreedShare(models.Model):
    """The agreed weight of a dwelling in a period whose household part goes by agreed shares."""

    period = models.ForeignKey(CostPeriod, models.PROTECT, related_name="agreed", verbose_name=_("cost period"))
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="+", verbose_name=_("dwelling"))
    weight = models.DecimalField(_("agreed share"), max_digits=12, decimal_places=4)

    objects = PeriodRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreed share of a dwelling")
        verbose_name_plural = _("agreed shares of dwellings")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["period", "dwelling"], name="agreed_share_once"),
            models.CheckConstraint(name="agreed_share_weight", condition=Q(weight__gte=0)),
        ]

    def __str__(self):
        return f"{self.dwelling} {self.weight}"


class Charge(models.Model):
    """What a dwelling is charged for a period, in yuan: as published with its ``weight``, or a correction's difference.

    To be paid once the period is collected. What a dwelling owes is never stored: it is what it was charged less what
    was paid (``property.costs.accounts``). Stands for good.
    """

    period = models.ForeignKey(
        CostPeriod, models.PROTECT, related_name="charges", verbose_name=_("cost period"), db_index=False
    )
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="charges", verbose_name=_("dwelling"))
    weight = models.DecimalField(_("weight"), max_digits=12, decimal_places=4)
    amount = money(_("amount (yuan)"))
    correction = models.ForeignKey(
        CostLine, models.PROTECT, null=True, related_name="charges", verbose_name=_("correction")
    )

    objects = ChargeQuerySet.as_manager()

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        ordering = ["-period", "dwelling", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "dwelling", "correction"], nulls_distinct=False, name="charge_once"
            ),
        ]

    def __str__(self):
        return f"{self.dwelling} {self.amount}"
