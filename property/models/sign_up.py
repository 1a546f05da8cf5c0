"""Who comes to a neighbours' event, and who helps there."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, Dwelling, User
from governance.workflow import FSMField, WorkflowModel
from property.gatherings.querysets import SignUpQuerySet, VolunteeringQuerySet
from property.gatherings.sign_up_workflow import SignUpState, SignUpSteps, VolunteeringState, VolunteeringSteps
from property.models.neighbour_event import NeighbourEvent


class SignUp(SignUpSteps, WorkflowModel):
    """One person's sign-up, with who comes along. ``turn`` is the place in the order in which people asked.

    ``size`` is how many places it takes. ``needs`` (a wish, an allergy, a wheelchair) is for the organisers alone;
    ``name`` is somebody without an account, who came by or was signed up by who runs it.
    """

    LOCK_WITH = ("area", "event", "person")

    event = models.ForeignKey(
        NeighbourEvent, models.PROTECT, related_name="sign_ups", verbose_name=_("neighbours' event")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="sign_ups", verbose_name=_("person")
    )
    name = models.CharField(_("name, without an account"), max_length=60, blank=True)
    dwelling = models.ForeignKey(
        Dwelling, models.PROTECT, null=True, blank=True, related_name="sign_ups", verbose_name=_("dwelling")
    )
    companions = models.PositiveSmallIntegerField(_("companions"), default=0)
    children = models.PositiveSmallIntegerField(_("children"), default=0)
    size = models.PositiveSmallIntegerField(_("places"), default=1, editable=False)
    turn = models.PositiveIntegerField(_("place in line"), editable=False)
    needs = models.CharField(_("wishes and needs"), max_length=300, blank=True)
    walk_in = models.BooleanField(_("came without sign-up"), default=False)
    state = FSMField(_("state"), max_length=12, choices=SignUpState, default=SignUpState.WAITING, protected=True)
    asked_at = models.DateTimeField(_("signed up at"), default=timezone.now)
    offered_until = models.DateTimeField(_("offered until"), null=True, blank=True)
    checked_in_at = models.DateTimeField(_("checked in at"), null=True, blank=True)
    way = models.CharField(
        _("checked in by"), max_length=4, blank=True, choices=[("code", _("the code")), ("hand", _("hand"))]
    )

    objects = SignUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        ordering = ["event", "turn"]
        constraints = [
            models.UniqueConstraint(fields=["event", "person"], name="sign_up_once_a_person"),
            models.UniqueConstraint(fields=["event", "turn"], name="sign_up_one_turn"),
            models.CheckConstraint(
                name="sign_up_of_somebody",
                condition=Q(person__isnull=False, name="") | (Q(person__isnull=True) & ~Q(name="")),
            ),
            models.CheckConstraint(
                name="sign_up_offer_ends",
                condition=Q(state="offered", offered_until__isnull=False)
                | (~Q(state="offered") & Q(offered_until__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["event", "state", "turn"], name="sign_up_line")]

    def __str__(self):
        return self.who

    @property
    def who(self) -> str:
        """The person, by account or by name."""
        return str(self.person or self.name)

    @property
    def heads(self) -> int:
        """How many people come: with companions and children."""
        return 1 + self.companions + self.children


class VolunteerTask(models.Model):
    """What hands are wanted for at an event, and how many."""

    event = models.ForeignKey(NeighbourEvent, models.PROTECT, related_name="tasks", verbose_name=_("neighbours' event"))
    title = models.CharField(_("task"), max_length=60)
    about = models.CharField(_("more about it"), max_length=300, blank=True)
    wanted = models.PositiveSmallIntegerField(
        _("hands wanted"), validators=[MinValueValidator(1), MaxValueValidator(200)]
    )

    class Meta:
        verbose_name = _("task for volunteers")
        verbose_name_plural = _("tasks for volunteers")
        ordering = ["event", "id"]

    def __str__(self):
        return self.title


class Volunteering(VolunteeringSteps, WorkflowModel):
    """One person does a task; ``minutes`` from check-in to check-out."""

    LOCK_WITH = ("area", "event", "task", "person")

    event = models.ForeignKey(
        NeighbourEvent, models.PROTECT, related_name="volunteering", verbose_name=_("neighbours' event")
    )
    task = models.ForeignKey(VolunteerTask, models.PROTECT, related_name="hands", verbose_name=_("task"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    person = models.ForeignKey(User, models.PROTECT, related_name="volunteering", verbose_name=_("person"))
    state = FSMField(
        _("state"), max_length=12, choices=VolunteeringState, default=VolunteeringState.SIGNED_UP, protected=True
    )
    asked_at = models.DateTimeField(_("signed up at"), default=timezone.now)
    checked_in_at = models.DateTimeField(_("checked in at"), null=True, blank=True)
    checked_out_at = models.DateTimeField(_("checked out at"), null=True, blank=True)
    minutes = models.PositiveIntegerField(_("length (minutes)"), null=True, blank=True)

    objects = VolunteeringQuerySet.as_manager()

    class Meta:
        verbose_name = _("voluntary work")
        verbose_name_plural = _("voluntary work")
        ordering = ["event", "task", "id"]
        constraints = [
            models.UniqueConstraint(fields=["task", "person"], name="volunteering_once_a_person"),
            models.CheckConstraint(
                name="volunteering_done_is_counted",
                condition=Q(state="done", minutes__isnull=False) | (~Q(state="done") & Q(minutes__isnull=True)),
            ),
        ]

    def __str__(self):
        return f"{self.person} {self.task}"
