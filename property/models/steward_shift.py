"""Shifts of steward teams: plans, the shifts made of them, and who stands them."""

from datetime import date, datetime

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.clock import SHANGHAI
from governance.models import Area, Building, User
from governance.models.venue import Weekday
from governance.workflow import FSMField, WorkflowModel
from property.models.steward import StewardMember, StewardTeam
from property.stewards.querysets import DutyQuerySet, PlanQuerySet, ShiftQuerySet
from property.stewards.workflow import DutyState, DutySteps, ShiftState, ShiftSteps


class StewardPlan(models.Model):
    """When and where a team stands, and how many of it: on days of the week, or on one ``day``.

    Where: ``building`` of the estate, or ``place`` in words; neither means the whole place of the team.
    """

    code = models.CharField(_("code"), max_length=30, unique=True)
    team = models.ForeignKey(StewardTeam, models.PROTECT, related_name="plans", verbose_name=_("steward team"))
    name = models.CharField(_("name"), max_length=60)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday), verbose_name=_("days of the week"), default=list, blank=True
    )
    day = models.DateField(_("on one day"), null=True, blank=True)
    starts = models.TimeField(_("shift begins"))
    ends = models.TimeField(_("shift ends"))
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("building")
    )
    place = models.CharField(_("place in words"), max_length=60, blank=True)
    wanted = models.PositiveSmallIntegerField(
        _("how many are wanted"), default=1, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan of shifts")
        verbose_name_plural = _("plans of shifts")
        ordering = ["team", "starts", "code"]
        constraints = [
            models.CheckConstraint(
                name="steward_plan_days",
                condition=Q(weekdays__len__gt=0, day__isnull=True) | Q(weekdays__len=0, day__isnull=False),
                violation_error_message=_("Say on which days of the week, or on which one day."),
            ),
            models.CheckConstraint(
                name="steward_plan_hours",
                condition=Q(ends__gt=F("starts")),
                violation_error_message=_("A shift ends later on the same day."),
            ),
            models.CheckConstraint(
                name="steward_plan_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(name="steward_plan_wanted", condition=Q(wanted__range=(1, 50))),
        ]

    def __str__(self):
        return f"{self.name} {self.starts:%H:%M}-{self.ends:%H:%M}"

    def natural_key(self):
        return (self.code,)

    def clean(self):
        """Refuse a building elsewhere."""
        if self.building_id is None or self.team_id is None:
            return
        there = (
            self.building.estate_id == self.team.estate_id
            if self.team.estate_id
            else self.team.area.contains(self.building.area)
        )
        if not there:
            raise ValidationError({"building": _("This building lies outside the team's place.")}, code="outside")

    @property
    def area(self) -> Area:
        return self.team.area

    @property
    def days_text(self) -> str:
        """On which days, in words."""
        return f"{self.day:%Y-%m-%d}" if self.day else "、".join(str(Weekday(day).label) for day in self.weekdays)

    @property
    def place_text(self) -> str:
        """Where, in words."""
        return " ".join(str(part) for part in (self.building or self.team.place_text, self.place) if part)

    def falls_on(self, day: date) -> bool:
        """Tell whether a shift is due on ``day``."""
        if day < self.valid_from or (self.valid_to is not None and day > self.valid_to):
            return False
        return day == self.day if self.day else day.weekday() in self.weekdays

    def window(self, day: date) -> tuple[datetime, datetime]:
        """Return begin and end of the shift on ``day`` (Asia/Shanghai)."""
        return datetime.combine(day, self.starts, SHANGHAI), datetime.combine(day, self.ends, SHANGHAI)


class StewardShift(ShiftSteps, WorkflowModel):
    """A shift on a day, as its plan was when it was made."""

    LOCK_WITH = ("team__estate", "area", "plan")

    plan = models.ForeignKey(StewardPlan, models.PROTECT, related_name="shifts", verbose_name=_("plan of shifts"))
    team = models.ForeignKey(StewardTeam, models.PROTECT, related_name="shifts", verbose_name=_("steward team"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), editable=False)
    date = models.DateField(_("day"))
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=210)  # what ``StewardPlan.place_text`` can come to
    wanted = models.PositiveSmallIntegerField(_("how many are wanted"))
    state = FSMField(_("state"), max_length=10, choices=ShiftState, default=ShiftState.PLANNED, protected=True)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("steward shift")
        verbose_name_plural = _("steward shifts")
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "date"], name="steward_shift_once"),
            models.CheckConstraint(name="steward_shift_in_order", condition=Q(ends_at__gt=F("starts_at"))),
        ]
        indexes = [models.Index(fields=["team", "starts_at"], name="steward_shift_of_team")]

    def __str__(self):
        return f"{self.plan.name} {self.date:%m-%d} {self.hours}"

    @property
    def hours(self) -> str:
        """From when to when, as people read it."""
        begins, ends = timezone.localtime(self.starts_at), timezone.localtime(self.ends_at)
        return f"{begins:%H:%M}–{ends:%H:%M}"


class ShiftDuty(DutySteps, WorkflowModel):
    """Somebody's place in a shift: taken by themselves, or given by ``assigned_by``.

    ``by_clock``: the member forgot to end it, and the clock ended it with the shift.
    """

    LOCK_WITH = ("shift__plan", "member__person", "member__team", "team", "area")

    shift = models.ForeignKey(StewardShift, models.PROTECT, related_name="duties", verbose_name=_("steward shift"))
    member = models.ForeignKey(StewardMember, models.PROTECT, related_name="duties", verbose_name=_("steward"))
    team = models.ForeignKey(StewardTeam, models.PROTECT, related_name="+", verbose_name=_("steward team"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), editable=False)
    state = FSMField(_("state"), max_length=10, choices=DutyState, default=DutyState.TAKEN, protected=True)
    assigned_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("assigned by")
    )
    taken_at = models.DateTimeField(_("taken at"), default=timezone.now)
    started_at = models.DateTimeField(_("began"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    by_clock = models.BooleanField(_("ended by the clock"), default=False)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("place in a shift")
        verbose_name_plural = _("places in shifts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "member"], condition=~Q(state__in=["given_up", "called_off"]), name="duty_once"
            ),
            models.CheckConstraint(
                name="duty_begun",
                condition=~Q(state__in=["under_way", "done"]) | Q(started_at__isnull=False),
            ),
            models.CheckConstraint(
                name="duty_ended",
                condition=~Q(state="done") | Q(ended_at__isnull=False, ended_at__gte=F("started_at")),
            ),
        ]
        indexes = [models.Index(fields=["member", "-id"], name="duty_of_member")]

    def __str__(self):
        return f"{self.member.person} · {self.shift}"
