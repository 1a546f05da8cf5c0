"""Joint work on a dispute: requests that another unit take it over, the three tracks, and tasks of departments."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import OrgUnit, User
from governance.workflow import FSMField, WorkflowModel
from mediation.disputes.states import DisputeTier
from mediation.joint.querysets import EscalationQuerySet, TaskQuerySet, TrackQuerySet
from mediation.joint.states import EscalationDirection, EscalationState, TaskState, TrackKind, TrackState
from mediation.joint.tier_workflow import EscalationSteps
from mediation.joint.track_workflow import TaskSteps, TrackSteps
from mediation.models.dispute import Dispute


class OfDisputeMixin(models.Model):
    """What rows of a dispute have in common."""

    class Meta:
        abstract = True

    @property
    def area_id(self) -> int:
        """Where it is: the area of the dispute, for events."""
        return self.dispute.area_id


class EscalationRequest(OfDisputeMixin, EscalationSteps, WorkflowModel):
    """That another unit take a dispute over: upwards (a higher tier) or handed down (a lower one).

    ``suggested_by``: codes of the suggestions that stood beside it (``suggestions.py``). ``named_at``: since when the
    parties are asked about ``mediator``. ``reason`` is read by both units.
    """

    LOCK_WITH = ("dispute__area", "from_unit", "to_unit", "mediator")

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="escalations", verbose_name=_("dispute"))
    direction = models.CharField(_("direction"), max_length=4, choices=EscalationDirection)
    from_tier = models.CharField(_("from tier"), max_length=7, choices=DisputeTier)
    to_tier = models.CharField(_("to tier"), max_length=7, choices=DisputeTier)
    from_unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("from the unit"))
    to_unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("to the unit"))
    reason = models.CharField(_("reason"), max_length=500)
    suggested_by = models.CharField(_("suggested because of"), max_length=80, blank=True)
    state = FSMField(
        _("state"), max_length=11, choices=EscalationState, default=EscalationState.REQUESTED, protected=True
    )
    mediator = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("mediator named")
    )
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("requested by"))
    requested_at = models.DateTimeField(_("requested at"), default=timezone.now)
    accepted_at = models.DateTimeField(_("takeover accepted at"), null=True, blank=True)
    named_at = models.DateTimeField(_("mediator named at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        verbose_name = _("takeover of a dispute")
        verbose_name_plural = _("takeovers of disputes")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute"], condition=Q(state__in=["requested", "accepted"]), name="escalation_one_at_a_time"
            ),
            models.CheckConstraint(name="escalation_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="escalation_changes_tier", condition=~Q(from_tier=F("to_tier"))),
            models.CheckConstraint(name="escalation_changes_unit", condition=~Q(from_unit=F("to_unit"))),
            models.CheckConstraint(
                name="escalation_accepted_whole",
                condition=~Q(state__in=["accepted", "carried_out"])
                | Q(mediator__isnull=False, accepted_at__isnull=False, named_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["to_unit", "state"], name="escalation_to_unit")]

    def __str__(self):
        return f"{self.dispute.number} → {self.get_to_tier_display()}"


class Track(OfDisputeMixin, TrackSteps, WorkflowModel):
    """One of the three kinds of mediation that work together on a dispute, with its organ, legal basis and document.

    ``briefing``: what the organ is told of the matter; it does not read the dispute. ``is_lead``: this track leads, or
    led in its ``round``: how often the dispute had been opened again when the organ was invited. ``hand_in_by``: the
    dispute has ended; until when the organ may still hand in what it was working on.
    """

    LOCK_WITH = ("dispute__area", "organ")

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="tracks", verbose_name=_("dispute"))
    round = models.PositiveSmallIntegerField(_("times reopened before"), default=0, editable=False)
    kind = models.CharField(_("track"), max_length=14, choices=TrackKind)
    organ = models.ForeignKey(OrgUnit, models.PROTECT, related_name="tracks", verbose_name=_("organ"))
    is_lead = models.BooleanField(_("leads the joint mediation"), default=False)
    briefing = models.TextField(_("what the organ is told"), max_length=2000)
    legal_basis = models.CharField(_("legal basis"), max_length=200, blank=True)
    document = models.CharField(_("document of the track"), max_length=120, blank=True)
    result = models.TextField(_("result of the track"), max_length=2000, blank=True)
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who works on the track")
    )
    state = FSMField(_("state"), max_length=8, choices=TrackState, default=TrackState.INVITED, protected=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("invited by"))
    invited_at = models.DateTimeField(_("invited at"), default=timezone.now)
    accepted_at = models.DateTimeField(_("track accepted at"), null=True, blank=True)
    hand_in_by = models.DateField(_("result may be handed in until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = TrackQuerySet.as_manager()

    class Meta:
        verbose_name = _("track of joint mediation")
        verbose_name_plural = _("tracks of joint mediation")
        ordering = ["dispute", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "round", "kind"],
                condition=~Q(state__in=["declined", "given_up", "ended"]),
                name="track_once_of_a_kind",
            ),
            models.UniqueConstraint(fields=["dispute", "round"], condition=Q(is_lead=True), name="track_one_lead"),
            models.CheckConstraint(
                name="track_lead_takes_part", condition=~Q(is_lead=True, state__in=["declined", "given_up"])
            ),
            models.CheckConstraint(
                name="track_accepted_whole",
                condition=~Q(state__in=["accepted", "working", "result"])
                | (Q(person__isnull=False, accepted_at__isnull=False) & ~Q(legal_basis="")),
            ),
            models.CheckConstraint(name="track_result_whole", condition=~Q(state="result") | ~Q(result="")),
        ]
        indexes = [models.Index(fields=["organ", "state"], name="track_organ_state")]

    def __str__(self):
        return f"{self.dispute.number} {self.get_kind_display()}"


class DepartmentTask(OfDisputeMixin, TaskSteps, WorkflowModel):
    """A question of the county centre to one department, with the facts it needs, to be answered by a day.

    The department never reads the dispute; it reads this until it is closed (domain/mediation.md, "Who sees what").
    """

    LOCK_WITH = ("dispute__area", "unit")

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="department_tasks", verbose_name=_("dispute"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="mediation_tasks", verbose_name=_("department"))
    facts = models.TextField(_("facts the department needs"), max_length=2000)
    question = models.CharField(_("question to the department"), max_length=500)
    answer_by = models.DateField(_("to be answered by"))
    state = FSMField(_("state"), max_length=8, choices=TaskState, default=TaskState.ASKED, protected=True)
    answer_text = models.TextField(_("answer of the department"), max_length=4000, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("task given by"))
    asked_at = models.DateTimeField(_("task given at"), default=timezone.now)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("department answered at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("task closed at"), null=True, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task of a department")
        verbose_name_plural = _("tasks of departments")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="department_task_answered_whole",
                condition=~Q(state="answered")
                | (Q(answered_by__isnull=False, answered_at__isnull=False) & ~Q(answer_text="")),
            ),
            models.CheckConstraint(
                name="department_task_closed_whole", condition=~Q(state="closed") | Q(closed_at__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["unit", "state"], name="department_task_unit")]

    def __str__(self):
        return f"{self.dispute.number} {self.unit}"

    @property
    def late(self) -> bool:
        """Whether an answer is due and the day has passed."""
        return self.state == TaskState.OVERDUE

    @property
    def days_overdue(self) -> int:
        """How many days ago the answer was due; 0 where none is waited for, or the day has not passed."""
        waited = self.state in (TaskState.ASKED, TaskState.OVERDUE)
        return max((timezone.localdate() - self.answer_by).days, 0) if waited else 0
