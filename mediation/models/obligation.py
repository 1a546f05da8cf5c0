"""What a party of an agreement owes another, until when, and whether it was done."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.workflow import FSMField, WorkflowModel
from mediation.agreements.obligation_workflow import ObligationSteps
from mediation.agreements.querysets import ObligationQuerySet
from mediation.agreements.states import ObligationState
from mediation.models.agreement import Agreement
from mediation.models.dispute import Dispute
from mediation.models.party import Party


class Obligation(ObligationSteps, WorkflowModel):
    """``debtor`` owes ``creditor`` (None: all the others) ``what`` until ``due_on``, that day included.

    ``performed_on``: the day it was performed, where somebody said so; ``found_on``: where nobody did, the day of the
    visit that found it performed after its last day: whether it was in time is not known.
    ``amount`` and ``paid`` in yuan where it is about money. Counts only once the agreement is in effect.
    """

    LOCK_WITH = ("agreement", "dispute__area", "dispute__type", "dispute__mediator")

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="obligations", verbose_name=_("dispute"))
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, related_name="obligations", verbose_name=_("mediation agreement")
    )
    debtor = models.ForeignKey(Party, models.PROTECT, related_name="owes", verbose_name=_("debtor"))
    creditor = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="is_owed", verbose_name=_("creditor")
    )
    what = models.CharField(_("what is owed"), max_length=500)
    amount = models.DecimalField(
        _("amount owed (yuan)"), max_digits=14, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    paid = models.DecimalField(_("paid so far (yuan)"), max_digits=14, decimal_places=2, default=0)
    due_on = models.DateField(_("to be performed by"))
    state = FSMField(_("state"), max_length=18, choices=ObligationState, default=ObligationState.DUE, protected=True)
    performed_on = models.DateField(_("performed on"), null=True, blank=True)
    found_on = models.DateField(_("found performed on"), null=True, blank=True)
    urged_at = models.DateTimeField(_("urged at"), null=True, blank=True)
    told_at = models.DateTimeField(_("told of the way to court at"), null=True, blank=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("obligation of an agreement")
        verbose_name_plural = _("obligations of agreements")
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="obligation_amounts",
                condition=Q(paid__gte=0)
                & (Q(amount__isnull=True, paid=0) | Q(amount__isnull=False, amount__gte=0, paid__lte=F("amount"))),
            ),
            models.CheckConstraint(
                name="obligation_between_two", condition=Q(creditor__isnull=True) | ~Q(creditor=F("debtor"))
            ),
            models.CheckConstraint(
                name="obligation_performed_whole",
                condition=~Q(state="performed") | Q(performed_on__isnull=False) | Q(found_on__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["due_on"], name="obligation_due", condition=~Q(state="performed"))]

    def __str__(self):
        return f"{self.agreement} {self.due_on:%Y-%m-%d}"

    @property
    def area_id(self) -> int:
        """Where it is: the area of the dispute, for events."""
        return self.dispute.area_id
