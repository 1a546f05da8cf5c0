"""What somebody is to do about what an assembly agreed (跟进事项)."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from governance.models import Area, OrgUnit, User
from governance.workflow import FSMField, WorkflowModel
from property.assembly.follow_up_workflow import FollowUpState, FollowUpSteps
from property.assembly.querysets import FollowUpQuerySet
from property.models.agenda import AgendaItem
from property.models.assembly import Assembly


class FollowUpItem(FollowUpSteps, WorkflowModel):
    """An item with an owner (a unit, a person or both) and a day; done is what was looked at and accepted.

    ``agenda_item``: the topic it follows from. ``case``: the last case opened for it.
    """

    LOCK_WITH = ("area", "assembly", "agenda_item", "owner_unit", "owner", "case", "submitted_by")

    assembly = models.ForeignKey(Assembly, models.PROTECT, related_name="follow_ups", verbose_name=_("assembly"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    agenda_item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="follow_ups", verbose_name=_("topic"))
    title = models.CharField(_("what is to be done"), max_length=200)
    owner_unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="follow_ups", verbose_name=_("unit that does it")
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="follow_ups", verbose_name=_("person who does it")
    )
    due_on = models.DateField(_("until"))
    state = FSMField(_("state"), max_length=12, choices=FollowUpState, default=FollowUpState.ASSIGNED, protected=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)
    result = models.TextField(_("what was done"), max_length=4000, blank=True)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("handed in by")
    )
    closed_at = models.DateTimeField(_("work accepted at"), null=True, blank=True)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="follow_ups", verbose_name=_("case")
    )

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up item")
        verbose_name_plural = _("follow-up items")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="follow_up_has_an_owner",
                condition=models.Q(owner_unit__isnull=False) | models.Q(owner__isnull=False),
                violation_error_message=_("Say which unit or who does it."),
            ),
        ]
        indexes = [
            models.Index(fields=["assembly", "state"], name="follow_up_assembly_state"),
            models.Index(fields=["area", "due_on"], name="follow_up_area"),
        ]

    def __str__(self):
        return self.title

    @property
    def number(self) -> str:
        """What people call the item."""
        return f"F{self.pk:06d}"

    @property
    def overdue(self) -> bool:
        """Whether its day has passed and it is not done."""
        return self.state != FollowUpState.CLOSED and self.due_on < timezone.localdate()
