"""Evidence that earns points: services rendered and donations received."""

import secrets

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, User
from governance.workflow import FSMField, WorkflowModel
from partners.earning.querysets import DonationQuerySet, ServiceRecordQuerySet
from partners.earning.workflow import DonationState, DonationSteps, RecordState, RecordSteps
from partners.models.earning import ServiceKind
from partners.models.partner import Partner

# Bounds of what one record may tell [J].
MOST_QUANTITY, MOST_SERVED, MOST_HOURS = 1_000, 100_000, 24


def new_code() -> str:
    """Return a code nobody guesses (96 random bits), for a page that shows a paper to whoever holds it."""
    return secrets.token_hex(12)


class ServiceRecord(RecordSteps, WorkflowModel):
    """A service that a partner says was rendered: once approved it earns points, and its hours are counted.

    ``quantity``: how many services or items. ``served``: how many people, never who. ``person``: whose hours they are.
    ``first_approver``: where two persons must approve, the one who did first.
    """

    LOCK_WITH = (
        "area",
        "partner__area",
        "partner__unit",
        "partner__person",
        "partner__account__area",
        "kind",
        "person",
    )

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="records", verbose_name=_("partner"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    kind = models.ForeignKey(ServiceKind, models.PROTECT, related_name="records", verbose_name=_("kind of service"))
    performed_at = models.DateTimeField(_("began at"))
    hours = models.DecimalField(
        _("hours"), max_digits=4, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(MOST_HOURS)],
    )  # fmt: skip
    quantity = models.PositiveIntegerField(
        _("how many"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_QUANTITY)]
    )
    served = models.PositiveIntegerField(_("people served"), default=0, validators=[MaxValueValidator(MOST_SERVED)])
    place = models.CharField(_("place"), max_length=120, blank=True)
    note = models.CharField(_("service in words"), max_length=500, blank=True)
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who did it")
    )
    reported_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("reported by"))
    reported_at = models.DateTimeField(_("reported at"), default=timezone.now)
    first_approver = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("first approval by")
    )
    state = FSMField(_("state"), max_length=10, choices=RecordState, default=RecordState.SUBMITTED, protected=True)

    objects = ServiceRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("record of a service")
        verbose_name_plural = _("records of services")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="service_record_measured",
                condition=Q(quantity__gte=1) & (Q(hours__isnull=True) | Q(hours__gt=0, hours__lte=MOST_HOURS)),
            ),
            models.CheckConstraint(
                name="service_record_first_approver",
                condition=Q(state="submitted", first_approver__isnull=True)
                | Q(state="checked", first_approver__isnull=False)
                | Q(state__in=["approved", "declined", "reversed"]),
            ),
        ]
        indexes = [models.Index(fields=["area", "state"], name="service_record_waiting")]

    def __str__(self):
        return f"{self.number} {self.kind}"

    @property
    def number(self) -> str:
        """How people call the record."""
        return f"FW{self.pk:06d}"


class GiftSort(models.TextChoices):
    GOODS = "goods", _("Goods")
    MONEY = "money", _("Money")


class Donation(DonationSteps, WorkflowModel):
    """Goods or money a partner gave, received by staff against a numbered receipt; once approved it earns points.

    ``value`` is in yuan as the giver states it, for the receipt alone: no money is moved here, and points are by rule.
    ``code`` opens the public page that says whether the receipt is genuine.
    """

    LOCK_WITH = ("area", "partner__area", "partner__unit", "partner__person", "partner__account__area", "kind")

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="donations", verbose_name=_("partner"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    kind = models.ForeignKey(ServiceKind, models.PROTECT, related_name="donations", verbose_name=_("kind of service"))
    receipt = models.CharField(_("receipt number"), max_length=40, unique=True, editable=False)
    code = models.CharField(max_length=24, unique=True, default=new_code, editable=False)
    sort = models.CharField(_("goods or money"), max_length=10, choices=GiftSort, default=GiftSort.GOODS)
    description = models.CharField(_("what was given"), max_length=200)
    quantity = models.PositiveIntegerField(
        _("how many"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_QUANTITY)]
    )
    value = models.DecimalField(_("stated value (yuan)"), max_digits=10, decimal_places=2, null=True, blank=True)
    received_on = models.DateField(_("received on"))
    received_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("donation taken in by"))
    first_approver = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("first approval by")
    )
    state = FSMField(_("state"), max_length=10, choices=DonationState, default=DonationState.RECEIVED, protected=True)

    objects = DonationQuerySet.as_manager()

    class Meta:
        verbose_name = _("donation")
        verbose_name_plural = _("donations")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="donation_quantity", condition=Q(quantity__gte=1)),
            models.CheckConstraint(name="donation_value", condition=Q(value__isnull=True) | Q(value__gt=0)),
        ]

    def __str__(self):
        return f"{self.receipt} {self.description}"

    @property
    def number(self) -> str:
        """How people call the donation: by its receipt."""
        return self.receipt


class NumberSeries(models.Model):
    """The last number given in a community and year to papers of one kind; locked by who takes the next."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    paper = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "paper", "year"], name="number_series_once")]

    def __str__(self):
        return f"{self.paper} {self.year} {self.last}"
