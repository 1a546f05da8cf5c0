"""What stewards do besides standing shifts: outreach visits, disputes seen; and the hours all of it comes to."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Patrol
from governance.models import Area, Building, Dwelling, Estate, User
from governance.workflow import FSMField, WorkflowModel
from property.models.steward import StewardMember, StewardTeam
from property.models.steward_shift import ShiftDuty
from property.stewards.querysets import HoursQuerySet, OutreachQuerySet, SightingQuerySet
from property.stewards.workflow import SightingState, SightingSteps


class OutreachResult(models.TextChoices):
    EXPLAINED = "explained", _("Explained")
    QUESTIONS = "questions", _("Questions raised")
    NOT_MET = "not_met", _("Nobody opened")
    REFUSED = "refused", _("Not wanted")


class OutreachVisit(models.Model):
    """A visit to explain a policy, at a dwelling or a place in words. It stands as it was logged.

    ``questions`` are people's words; ``case``: what was made of them.
    """

    team = models.ForeignKey(StewardTeam, models.PROTECT, related_name="visits", verbose_name=_("steward team"))
    member = models.ForeignKey(StewardMember, models.PROTECT, related_name="visits", verbose_name=_("steward"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), editable=False)
    topic = models.CharField(_("policy explained"), max_length=60)
    dwelling = models.ForeignKey(
        Dwelling, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("dwelling")
    )
    place = models.CharField(_("place in words"), max_length=100, blank=True)
    at = models.DateTimeField(_("visited at"))
    minutes = models.PositiveSmallIntegerField(
        _("length (minutes)"), default=15, validators=[MinValueValidator(1), MaxValueValidator(480)]
    )
    result = models.CharField(_("how it went"), max_length=10, choices=OutreachResult)
    questions = models.TextField(_("questions raised"), max_length=1000, blank=True)
    case = models.OneToOneField(
        Case, models.PROTECT, null=True, blank=True, related_name="outreach_visit", verbose_name=_("case")
    )

    objects = OutreachQuerySet.as_manager()

    class Meta:
        verbose_name = _("outreach visit")
        verbose_name_plural = _("outreach visits")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="outreach_somewhere",
                condition=Q(dwelling__isnull=False) | ~Q(place=""),
                violation_error_message=_("Say where: a dwelling or a place."),
            ),
            models.CheckConstraint(name="outreach_minutes", condition=Q(minutes__range=(1, 480))),
            models.CheckConstraint(
                name="outreach_questions",
                condition=~Q(result="questions") | ~Q(questions=""),
                violation_error_message=_("Say what was asked."),
            ),
        ]
        indexes = [models.Index(fields=["team", "-at"], name="outreach_of_team")]

    def __str__(self):
        return f"{self.topic} {timezone.localtime(self.at):%Y-%m-%d}"

    @property
    def place_text(self) -> str:
        """Where it was, in words."""
        return " ".join(str(part) for part in (self.dwelling, self.place) if part)


class DisputeKind(models.TextChoices):
    NEIGHBOURS = "neighbours", _("Between neighbours")
    FAMILY = "family", _("In a family")
    NOISE = "noise", _("Noise")
    PARKING = "parking", _("Parking")
    PROPERTY = "property", _("With the property company")
    LEAK = "leak", _("Leaks and damage")
    PETS = "pets", _("Pets")
    OTHER = "other", _("Other")


class DisputeUrgency(models.TextChoices):
    NORMAL = "normal", _("Not urgent")
    URGENT = "urgent", _("Urgent: people are in danger or it is getting worse")


class DisputeSighting(SightingSteps, WorkflowModel):
    """A dispute that a steward saw: handed to community staff at once, who answer by ``answer_due_at``.

    ``words`` may name people: read by community staff and who reported, nobody else; no event holds them.
    """

    LOCK_WITH = ("area", "team", "estate", "building__estate", "reporter")

    team = models.ForeignKey(StewardTeam, models.PROTECT, related_name="sightings", verbose_name=_("steward team"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), editable=False)
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("estate")
    )
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("building")
    )
    place = models.CharField(_("place in words"), max_length=100, blank=True)
    kind = models.CharField(_("kind of dispute"), max_length=10, choices=DisputeKind)
    urgency = models.CharField(_("urgency"), max_length=10, choices=DisputeUrgency, default=DisputeUrgency.NORMAL)
    words = models.TextField(_("what was seen"), max_length=2000)
    reporter = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("reported by"))
    seen_at = models.DateTimeField(_("seen at"))
    answer_due_at = models.DateTimeField(_("answer due"))
    unanswered_since = models.DateTimeField(_("unanswered since"), null=True, blank=True, editable=False)
    state = FSMField(
        _("state"), max_length=12, choices=SightingState, default=SightingState.HANDED_OVER, protected=True
    )
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    case = models.OneToOneField(
        Case, models.PROTECT, null=True, blank=True, related_name="dispute_sighting", verbose_name=_("case")
    )

    objects = SightingQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute seen")
        verbose_name_plural = _("disputes seen")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="sighting_answered",
                condition=Q(state="handed_over", answered_by__isnull=True)
                | ~Q(state="handed_over") & Q(answered_by__isnull=False, answered_at__isnull=False),
            ),
            models.CheckConstraint(name="sighting_case", condition=~Q(state="became_case") | Q(case__isnull=False)),
        ]
        indexes = [
            models.Index(fields=["area", "answer_due_at"], condition=Q(state="handed_over"), name="sighting_waiting")
        ]

    def __str__(self):
        return f"{self.number} {self.get_kind_display()}"

    @property
    def number(self) -> str:
        """What people call it when they talk about it (管家): no letter of another number, D is a dispute's."""
        return f"GJ{self.pk:05d}"

    @property
    def place_text(self) -> str:
        """Where it was, in words."""
        return " ".join(str(part) for part in (self.building or self.estate or self.area, self.place) if part)


class HoursKind(models.TextChoices):
    SHIFT = "shift", _("Shift")
    PATROL = "patrol", _("Patrol")
    OUTREACH = "outreach", _("Outreach")
    CORRECTION = "correction", _("Correction")


SOURCE_OF = {"shift": "duty", "patrol": "patrol", "outreach": "visit"}


def _sourced(kind: str) -> Q:
    """A line of ``kind`` names what it comes from and nothing else."""
    return Q(kind=kind, **{f"{name}__isnull": SOURCE_OF.get(kind) != name for name in SOURCE_OF.values()})


class HoursEntry(models.Model):
    """One line of counted time: a shift stood, a round walked, a visit, or a correction with its reason.

    ``minutes`` are those from ``begins_at`` to ``ends_at`` that no earlier line of the person has counted. Lines stand:
    the database refuses to change or delete one.
    """

    member = models.ForeignKey(StewardMember, models.PROTECT, related_name="hours", verbose_name=_("steward"))
    team = models.ForeignKey(StewardTeam, models.PROTECT, related_name="hours", verbose_name=_("steward team"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), editable=False)
    kind = models.CharField(_("counted for"), max_length=10, choices=HoursKind)
    date = models.DateField(_("day"))
    begins_at = models.DateTimeField(_("begins"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    minutes = models.SmallIntegerField(_("length (minutes)"))
    duty = models.OneToOneField(
        ShiftDuty, models.PROTECT, null=True, blank=True, related_name="hours", verbose_name=_("place in a shift")
    )
    patrol = models.OneToOneField(
        Patrol, models.PROTECT, null=True, blank=True, related_name="steward_hours", verbose_name=_("patrol")
    )
    visit = models.OneToOneField(
        OutreachVisit, models.PROTECT, null=True, blank=True, related_name="hours", verbose_name=_("outreach visit")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("corrected by")
    )
    counted_at = models.DateTimeField(_("counted at"), default=timezone.now)

    objects = HoursQuerySet.as_manager()

    class Meta:
        verbose_name = _("counted time")
        verbose_name_plural = _("counted times")
        ordering = ["-date", "-id"]
        constraints = [
            models.CheckConstraint(
                name="hours_sourced",
                condition=(_sourced("shift") | _sourced("patrol") | _sourced("outreach"))
                & Q(minutes__gte=0, reason="", begins_at__isnull=False, ends_at__gte=F("begins_at"))
                | _sourced("correction")
                & ~Q(minutes=0)
                & ~Q(reason="")
                & Q(by__isnull=False, begins_at__isnull=True, ends_at__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["member", "date"], name="hours_of_member"),
                   models.Index(fields=["team", "date"], name="hours_of_team")]  # fmt: skip

    def __str__(self):
        return f"{self.member.person} {self.date:%Y-%m-%d} {self.minutes}"

    def clean(self):
        """A correction changes something."""
        if self.kind == HoursKind.CORRECTION and not self.minutes:
            raise ValidationError({"minutes": _("A correction adds or takes away minutes.")}, code="zero")
