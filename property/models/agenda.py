"""Topics (议题) of an assembly: put forward by residents, raised by the chair, from cases, and unfinished business."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from governance.models import Area, User
from governance.workflow import FSMField, WorkflowModel
from property.assembly.agenda_workflow import AgendaState, AgendaSteps
from property.assembly.querysets import AgendaQuerySet
from property.models.assembly import Assembly
from property.models.assembly_session import AssemblySession
from property.models.decision import Resolution


class TopicSource(models.TextChoices):
    RESIDENT = "resident", _("Put forward by a resident")
    CHAIR = "chair", _("Raised by the chair")
    CASE = "case", _("From a case")
    FOLLOW_UP = "follow_up", _("Unfinished item")
    PUT_OFF = "put_off", _("Put off last time")


class AgendaItem(AgendaSteps, WorkflowModel):
    """A topic. ``session`` None: not on an agenda yet; accepted ones then go on the next agenda by themselves.

    ``on_notice``: it stood on the notice, so it can be decided. A topic that is put off stays as it is, and a new one
    ``carried_from`` it goes to the next session, at most one. An unfinished follow-up item stands on an agenda at most
    once; the database sees to both.
    """

    LOCK_WITH = ("area", "assembly", "session", "proposer", "carried_from", "follow_up", "resolution")

    assembly = models.ForeignKey(Assembly, models.PROTECT, related_name="topics", verbose_name=_("assembly"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    session = models.ForeignKey(
        AssemblySession, models.PROTECT, null=True, blank=True, related_name="agenda",
        verbose_name=_("assembly session"),
    )  # fmt: skip
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    source = models.CharField(_("where it comes from"), max_length=10, choices=TopicSource)
    title = models.CharField(_("topic"), max_length=120)
    body = models.TextField(_("what it is about"), max_length=4000, blank=True)
    proposer = models.ForeignKey(User, models.PROTECT, related_name="topics", verbose_name=_("put forward by"))
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="agenda_items", verbose_name=_("case")
    )
    follow_up = models.ForeignKey(
        "property.FollowUpItem", models.PROTECT, null=True, blank=True, related_name="returns",
        verbose_name=_("follow-up item"),
    )  # fmt: skip
    carried_from = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_to", verbose_name=_("put off from")
    )
    resolution = models.ForeignKey(
        Resolution, models.PROTECT, null=True, blank=True, related_name="agenda_items", verbose_name=_("resolution")
    )
    on_notice = models.BooleanField(_("stood on the notice"), default=False)
    state = FSMField(_("state"), max_length=10, choices=AgendaState, default=AgendaState.PROPOSED, protected=True)
    proposed_at = models.DateTimeField(_("put forward at"), default=timezone.now, editable=False)
    answer = models.CharField(_("why it was not taken on"), max_length=2000, blank=True)
    discussion = models.TextField(_("what was said"), max_length=10_000, blank=True)
    outcome = models.TextField(_("what was agreed"), max_length=4000, blank=True)
    decided_at = models.DateTimeField(_("agreed at"), null=True, blank=True)

    objects = AgendaQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "follow_up"], condition=Q(source="follow_up"), name="topic_follow_up_once_a_session"
            ),
            models.CheckConstraint(
                name="topic_decided_was_noticed",
                condition=~Q(state="decided") | Q(on_notice=True, session__isnull=False),
            ),
            models.CheckConstraint(
                name="topic_source_whole",
                condition=~Q(source="follow_up") | Q(follow_up__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["assembly", "state"], name="topic_assembly_state"),
            models.Index(fields=["area", "-proposed_at"], name="topic_area"),
        ]  # fmt: skip

    def __str__(self):
        return self.title

    @property
    def number(self) -> str:
        """What people call the topic."""
        return f"T{self.pk:06d}"


class TopicSecond(models.Model):
    """A resident seconds a neighbour's topic (附议); once."""

    topic = models.ForeignKey(AgendaItem, models.PROTECT, related_name="seconds", verbose_name=_("topic"))
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("second")
        verbose_name_plural = _("seconds")
        constraints = [models.UniqueConstraint(fields=["topic", "person"], name="topic_seconded_once")]

    def __str__(self):
        return str(self.topic)
