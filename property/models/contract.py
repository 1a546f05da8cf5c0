"""The contract by which a property company is brought into an estate, its evaluations, and the hand-over at its end."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import FilingStandard
from governance.models import Area, Estate, OrgUnit, User
from governance.workflow import FSMField, WorkflowModel
from property.models.party import PartyOrganisation
from property.models.serving import ServiceList, company_check
from property.serving.contract_workflow import ContractState, PropertyContractSteps
from property.serving.other_querysets import ContractQuerySet


class Selection(models.TextChoices):
    TENDER = "tender", _("Public tender")
    AGREEMENT = "agreement", _("By agreement with the owners' committee")
    OWNERS = "owners", _("Decided by the owners")
    INTRODUCED = "introduced", _("Brought in by the community")


class PropertyContract(PropertyContractSteps, WorkflowModel):
    """How a company was selected, for which term and price (yuan per m² and month), and what it does.

    One contract of an estate is in force at a time. ``repair_standard``: what repairs asked for by residents are filed
    under; without one they wait for a registrar.
    """

    LOCK_WITH = ("area", "estate", "company", "organisation")

    number = models.CharField(_("contract number"), max_length=40, unique=True)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="property_contracts", verbose_name=_("estate"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), editable=False)
    company = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="property_contracts", verbose_name=_("property company")
    )
    organisation = models.ForeignKey(
        PartyOrganisation, models.PROTECT, related_name="property_contracts", verbose_name=_("party organisation")
    )
    selection = models.CharField(_("how it was selected"), max_length=12, choices=Selection)
    decided_on = models.DateField(_("decided on"))
    decision = models.CharField(_("decision document"), max_length=80)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"))
    price = models.DecimalField(
        _("price (yuan per m² and month)"), max_digits=6, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    service_list = models.ForeignKey(
        ServiceList, models.PROTECT, null=True, blank=True, related_name="contracts", verbose_name=_("service list")
    )
    repair_standard = models.ForeignKey(
        FilingStandard, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("filing standard of repairs"),
    )  # fmt: skip
    state = FSMField(_("state"), max_length=12, choices=ContractState, default=ContractState.DRAFT, protected=True)
    ended_on = models.DateField(_("ended on"), null=True, editable=False)

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("property contract")
        verbose_name_plural = _("property contracts")
        ordering = ["estate", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                name="contract_dates_in_order",
                condition=Q(valid_to__gte=F("valid_from"), valid_from__gte=F("decided_on")),
                violation_error_message=_("Decided on, from and to must come in this order."),
            ),
            models.CheckConstraint(name="contract_price", condition=Q(price__gte=0)),
            models.CheckConstraint(
                name="contract_ended_with_a_day",
                condition=Q(state="ended", ended_on__isnull=False) | (~Q(state="ended") & Q(ended_on__isnull=True)),
            ),
            models.UniqueConstraint(fields=["estate"], condition=Q(state="in_force"), name="contract_one_in_force"),
        ]

    def __str__(self):
        return f"{self.estate} {self.number}"

    def serves_on(self, day: date) -> bool:
        """Tell whether the company looks after the estate on ``day`` by this contract, as ``serving`` does of rows."""
        if self.state == ContractState.HANDING_OVER:
            return self.valid_from <= day
        return self.state == ContractState.IN_FORCE and self.valid_from <= day <= self.valid_to

    def clean(self):
        """Take the estate's area; refuse a unit that is no company, and a list of another estate or company."""
        if self.estate_id is None:
            return
        self.area = self.estate.area
        company_check(self.company if self.company_id else None)
        listed = self.service_list
        if listed is not None and (listed.estate_id, listed.company_id) != (self.estate_id, self.company_id):
            raise ValidationError(
                {"service_list": _("A list of this estate and this company is needed.")}, code="mismatch"
            )


class ContractEvaluation(models.Model):
    """The yearly evaluation. ``share`` (percent kept, cut) and ``stars`` are copied from the year's figures."""

    class Verdict(models.TextChoices):
        CONTINUE = "continue", _("Go on")
        IMPROVE = "improve", _("Go on, with what must get better")
        REPLACE = "replace", _("Look for another company")

    contract = models.ForeignKey(
        PropertyContract, models.PROTECT, related_name="evaluations", verbose_name=_("property contract")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    score = models.PositiveSmallIntegerField(_("score (0 to 100)"), validators=[MaxValueValidator(100)])
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    words = models.CharField(_("in words"), max_length=500)
    share = models.DecimalField(_("share kept (%)"), max_digits=4, decimal_places=1, null=True)
    stars = models.DecimalField(_("stars"), max_digits=3, decimal_places=2, null=True)
    evaluated_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("evaluated by"))
    evaluated_at = models.DateTimeField(_("evaluated at"), default=timezone.now)

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "year"], name="contract_evaluated_once_a_year"),
            models.CheckConstraint(name="contract_score", condition=Q(score__lte=100)),
        ]

    def __str__(self):
        return f"{self.year}: {self.score}"


class HandOverItem(models.Model):
    """Something the leaving company hands over, or fails to: it is settled by whoever takes it over."""

    contract = models.ForeignKey(
        PropertyContract, models.PROTECT, related_name="handover", verbose_name=_("property contract")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("what is handed over"), max_length=120)
    is_complete = models.BooleanField(_("handed over in full"), null=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("taken over by"), editable=False
    )
    settled_at = models.DateTimeField(_("settled at"), null=True, editable=False)

    class Meta:
        verbose_name = _("hand-over item")
        verbose_name_plural = _("hand-over items")
        ordering = ["contract", "position"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "position"], name="handover_position_once"),
            models.CheckConstraint(
                name="handover_settled_whole",
                condition=Q(is_complete__isnull=True, settled_by__isnull=True, settled_at__isnull=True)
                | Q(is_complete__isnull=False, settled_by__isnull=False, settled_at__isnull=False),
            ),
            models.CheckConstraint(name="handover_missing_said", condition=~Q(is_complete=False) | ~Q(note="")),
        ]

    def __str__(self):
        return self.name
