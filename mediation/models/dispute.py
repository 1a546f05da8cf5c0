"""The dispute (纠纷), its types, and its tier through time."""

from datetime import date, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, OrgUnit, User
from governance.workflow import FSMField, WorkflowModel
from mediation.disputes.dispute_workflow import DisputeSteps
from mediation.disputes.querysets import DisputeQuerySet, DisputeTypeQuerySet, OfDisputeQuerySet
from mediation.disputes.states import (
    OPEN,
    DeclineGround,
    DisputeSource,
    DisputeState,
    DisputeTier,
    DisputeUrgency,
    ReferredTo,
    TerminationGround,
)
from mediation.joint.tier_workflow import TierSteps

RUNNING = (DisputeState.ACCEPTED, DisputeState.MEDIATING)


class DisputeType(models.Model):
    """One of the types that the public systems share (domain/mediation.md, "Types and sources").

    ``identity_relation``, ``title_to_property``: matters whose mediated agreement a court does not confirm
    (民诉解释 355); a sign for the eligibility check, decided by a person. ``arbitration_days``: after so many days of
    mediation without an agreement a party may go to arbitration (劳动争议调解仲裁法 14: 15 days for labour; None:
    there is no such rule).
    """

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=40)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    identity_relation = models.BooleanField(_("may concern an identity relation"), default=False)
    title_to_property = models.BooleanField(_("may concern the title to property"), default=False)
    arbitration_days = models.PositiveSmallIntegerField(
        _("arbitration after (days of mediation)"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
    )  # fmt: skip
    is_active = models.BooleanField(_("in use"), default=True)

    objects = DisputeTypeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute type")
        verbose_name_plural = _("dispute types")
        ordering = ["order", "code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)


class Dispute(DisputeSteps, TierSteps, WorkflowModel):
    """A dispute between parties. ``area``: the community (village) or grid where it is.

    ``inviting_court``: the court that transferred it; it alone confirms an agreement (民事诉讼法 205, item 1).
    ``committee``: the people's mediation committee of the place; ``unit``: who handles it now (that committee, the
    township's centre, the county's). ``people``: how many persons it concerns; ``violence``: signs of violence;
    ``domestic_violence``: no joint sitting by default. ``term_until``: last day of the mediation term.
    ``rights_told_on``: when the parties were told of their rights and duties (人民调解法 23, 24). ``emptied_at``: years
    after it was archived, when what its file need not tell was taken out (``disputes.retention``).
    ``before_reopening``: state, days and grounds that a reopening took off, as long as it may be taken back as a
    mistake; ``before_end``: the state before it was terminated or declined, likewise. ``words`` of people (``facts``,
    ``claim``) are never written to events.
    """

    LOCK_WITH = ("area", "type", "committee", "unit", "mediator")

    area = models.ForeignKey(Area, models.PROTECT, related_name="disputes", verbose_name=_("area"))
    type = models.ForeignKey(DisputeType, models.PROTECT, related_name="disputes", verbose_name=_("dispute type"))
    source = models.CharField(_("source"), max_length=13, choices=DisputeSource)
    inviting_court = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("court that invited mediation")
    )
    tier = models.CharField(_("tier"), max_length=7, choices=DisputeTier, default=DisputeTier.GENERAL)
    urgency = models.CharField(_("urgency"), max_length=6, choices=DisputeUrgency, default=DisputeUrgency.NORMAL)
    title = models.CharField(_("matter in dispute"), max_length=80)
    facts = models.TextField(_("facts"), max_length=5000, blank=True)
    claim = models.TextField(_("what is asked for"), max_length=2000, blank=True)
    amount = models.DecimalField(
        _("amount in dispute (yuan)"), max_digits=14, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    people = models.PositiveIntegerField(_("persons concerned"), default=2)
    violence = models.BooleanField(_("signs of violence"), default=False)
    domestic_violence = models.BooleanField(_("domestic violence"), default=False)
    committee = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="committee_disputes", verbose_name=_("mediation committee")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="handled_disputes", verbose_name=_("handled by the unit")
    )
    mediator = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="mediated_disputes", verbose_name=_("mediator")
    )
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("registered by"))
    state = FSMField(_("state"), max_length=16, choices=DisputeState, default=DisputeState.REGISTERED, protected=True)
    origin_type = models.CharField(_("came of (kind)"), max_length=60, blank=True, editable=False)
    origin_id = models.BigIntegerField(_("came of (number)"), null=True, blank=True, editable=False)
    registered_at = models.DateTimeField(_("registered at"), default=timezone.now)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    rights_told_on = models.DateField(_("parties told of their rights on"), null=True, blank=True)
    term_until = models.DateField(_("mediation term until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)
    emptied_at = models.DateTimeField(_("emptied of contact data at"), null=True, blank=True, editable=False)
    reopened = models.PositiveSmallIntegerField(_("times reopened"), default=0)
    before_reopening = models.JSONField(_("as it was before it was reopened"), null=True, blank=True, editable=False)
    before_end = models.JSONField(_("as it was before it ended"), null=True, blank=True, editable=False)
    ends_taken_back = models.PositiveSmallIntegerField(_("times an end was taken back"), default=0, editable=False)
    ended_ground = models.CharField(
        _("ground of the end"), max_length=15, blank=True,
        choices=[*TerminationGround.choices, *DeclineGround.choices],
    )  # fmt: skip
    referred_where = models.CharField(_("referred to"), max_length=14, choices=ReferredTo, blank=True)
    referred_to = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("referred to the unit")
    )

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="dispute_amount_not_negative", condition=Q(amount=None) | Q(amount__gte=0)),
            models.CheckConstraint(
                name="dispute_inviting_court", condition=Q(inviting_court__isnull=True) | Q(source="court")
            ),
            models.CheckConstraint(
                name="dispute_origin_whole",
                condition=Q(origin_type="", origin_id__isnull=True) | (~Q(origin_type="") & Q(origin_id__isnull=False)),
            ),
            models.CheckConstraint(
                name="dispute_accepted_whole",
                condition=~Q(state__in=["accepted", "mediating", "agreed"])
                | Q(accepted_at__isnull=False, mediator__isnull=False, term_until__isnull=False),
            ),
            models.CheckConstraint(
                name="dispute_ground_of_end", condition=~Q(state__in=["terminated", "declined"]) | ~Q(ended_ground="")
            ),
            models.CheckConstraint(
                name="dispute_referred_whole", condition=~Q(state="referred") | ~Q(referred_where="")
            ),
        ]
        indexes = [
            models.Index(fields=["committee", "state"], name="dispute_committee_state"),
            models.Index(fields=["area", "state"], name="dispute_area_state"),
            models.Index(fields=["unit", "state"], name="dispute_unit_state"),
            models.Index(fields=["archived_at"], name="dispute_archived", condition=Q(state="archived")),
            models.Index(fields=["origin_type", "origin_id"], name="dispute_origin", condition=~Q(origin_type="")),
        ]

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        """What people call the dispute; it says nothing of what it is about."""
        return f"D{self.pk:06d}"

    @property
    def term_runs_until(self) -> date | None:
        """The last day of its term while anybody works on it; None once it has ended: no term runs then."""
        return self.term_until if self.state in OPEN else None

    @property
    def term_over(self) -> bool:
        """Whether it is still mediated though the last day of the term is over."""
        return self.state in RUNNING and self.term_until is not None and self.term_until < timezone.localdate()

    @property
    def arbitration_after(self) -> date | None:
        """The last of the days after which a party may go to arbitration though it is mediated; the day on which it was
        received is not counted. None where the type has no such rule, or nobody mediates it any more."""
        if self.type.arbitration_days is None or self.state not in OPEN:
            return None
        return timezone.localdate(self.registered_at) + timedelta(days=self.type.arbitration_days)


class TierChange(models.Model):
    """One tier of a dispute through time: who set it, why, and which unit took it. Append-only."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="tiers", verbose_name=_("dispute"))
    tier = models.CharField(_("tier"), max_length=7, choices=DisputeTier)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("handled by the unit"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("changed by"))
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)

    objects = OfDisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("tier of a dispute")
        verbose_name_plural = _("tiers of disputes")
        ordering = ["dispute", "id"]

    def __str__(self):
        return f"{self.dispute} {self.get_tier_display()}"
