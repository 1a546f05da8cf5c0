"""Patrols: routes with points, plans that make rounds, the rounds themselves and what is found on them.

A team is a unit and a role: everybody appointed to that unit in that role, for an area that holds the route's.
"""

from datetime import date, datetime, time, timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.patrol_querysets import TEAM_ROLES, PatrolQuerySet, PlanQuerySet, PointQuerySet, RouteQuerySet
from cases.patrol_workflow import PatrolState, PatrolSteps
from governance import boundaries
from governance.clock import WorkCalendar
from governance.models import Area, OrgUnit, Role, User
from governance.models.venue import Weekday
from governance.workflow import FSMField, WorkflowModel

TEAM_CHOICES = [(role.value, role.label) for role in TEAM_ROLES]


class PatrolRoute(models.Model):
    """Where a team goes round: an ordered list of points in an area."""

    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=60)
    area = models.ForeignKey(Area, models.PROTECT, related_name="patrol_routes", verbose_name=_("area"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="patrol_routes", verbose_name=_("team's unit"))
    role = models.CharField(_("team's role"), max_length=20, choices=TEAM_CHOICES, default=Role.GRID_WORKER)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = RouteQuerySet.as_manager()

    class Meta:
        verbose_name = _("patrol route")
        verbose_name_plural = _("patrol routes")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)


class PatrolPoint(models.Model):
    """A place to be seen on a route. Coordinates are WGS-84; ``radius`` in metres is what counts as being there.

    A point that was checked in at stays in the history: it is taken out of use, not deleted.
    """

    route = models.ForeignKey(PatrolRoute, models.PROTECT, related_name="points", verbose_name=_("patrol route"))
    position = models.PositiveSmallIntegerField(_("order"))
    name = models.CharField(_("name"), max_length=60)
    longitude = models.FloatField(_("longitude"), validators=[MinValueValidator(-180), MaxValueValidator(180)])
    latitude = models.FloatField(_("latitude"), validators=[MinValueValidator(-90), MaxValueValidator(90)])
    radius = models.PositiveSmallIntegerField(
        _("radius in metres"), default=80, validators=[MinValueValidator(10), MaxValueValidator(1000)]
    )
    note = models.CharField(_("what to look at"), max_length=200, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = PointQuerySet.as_manager()

    class Meta:
        verbose_name = _("patrol point")
        verbose_name_plural = _("patrol points")
        ordering = ["route", "position"]
        constraints = [
            models.UniqueConstraint(fields=["route", "position"], name="patrol_point_order"),
            models.CheckConstraint(
                name="patrol_point_on_earth", condition=Q(longitude__range=(-180, 180), latitude__range=(-90, 90))
            ),
        ]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (*self.route.natural_key(), self.position)

    natural_key.dependencies = ["cases.patrolroute"]

    def clean(self):
        """Refuse a point outside the route's area: what is found there could not be reported."""
        area = getattr(self.route, "area", None)
        if area is None or area.boundary is None or self.longitude is None or self.latitude is None:
            return
        if not boundaries.holds(area.boundary, self.longitude, self.latitude):
            text = _now("This place does not lie in %(area)s.") % {"area": area.name}
            raise ValidationError({"longitude": text})


class PatrolRule(models.TextChoices):
    DAILY = "daily", _("Every day")
    WEEKDAYS = "weekdays", _("On days of the week")
    WORKDAYS = "workdays", _("On working days (public holidays and moved working days counted)")
    MONTHLY = "monthly", _("Once a month")


class PatrolPlan(models.Model):
    """When a route is walked: on which days, within which hours (a shift), by whom.

    A shift that ends at or before the hour it begins ends on the next day. ``month_day`` 31 means the last day of
    shorter months too. A change reaches rounds that are not made yet.
    """

    code = models.CharField(_("code"), max_length=30, unique=True)
    route = models.ForeignKey(PatrolRoute, models.PROTECT, related_name="plans", verbose_name=_("patrol route"))
    rule = models.CharField(_("on which days"), max_length=10, choices=PatrolRule, default=PatrolRule.WORKDAYS)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday), verbose_name=_("days of the week"), default=list, blank=True
    )
    month_day = models.PositiveSmallIntegerField(
        _("day of the month"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    starts = models.TimeField(_("shift begins"))
    ends = models.TimeField(_("shift ends"), help_text=_("At or before the beginning: on the next day."))
    worker = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="patrol_plans", verbose_name=_("assigned to"),
        help_text=_("Left empty: anybody of the team."),
    )  # fmt: skip
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("patrol plan")
        verbose_name_plural = _("patrol plans")
        ordering = ["route", "starts", "code"]
        constraints = [
            models.CheckConstraint(
                name="patrol_plan_dates_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                name="patrol_plan_rule_whole",
                condition=Q(rule__in=["daily", "workdays"])
                | Q(rule="weekdays", weekdays__len__gt=0)
                | Q(rule="monthly", month_day__isnull=False, month_day__range=(1, 31)),
                violation_error_message=_("Say which days of the week, or which day of the month."),
            ),
        ]

    def __str__(self):
        return f"{self.route} {self.get_rule_display()} {self.starts:%H:%M}-{self.ends:%H:%M}"

    def natural_key(self):
        return (self.code,)

    def falls_on(self, day: date, calendar: WorkCalendar) -> bool:
        """Tell whether a round is due on ``day`` by the rule and the work calendar of the route's area."""
        if day < self.valid_from or (self.valid_to is not None and day > self.valid_to):
            return False
        if self.rule == PatrolRule.WEEKDAYS:
            return day.weekday() in self.weekdays
        if self.rule == PatrolRule.WORKDAYS:
            return calendar.is_workday(day)
        if self.rule == PatrolRule.MONTHLY:
            last = (day + timedelta(days=1)).day == 1
            return day.day == self.month_day or (last and self.month_day > day.day)
        return True

    def window(self, day: date) -> tuple[datetime, datetime]:
        """Return begin and end of the shift that begins on ``day`` (Asia/Shanghai)."""
        over_night = timedelta(days=self.ends <= self.starts)
        return _moment(day, self.starts), _moment(day + over_night, self.ends)


def _moment(day: date, at: time) -> datetime:
    return make_aware(datetime.combine(day, at))


class Patrol(PatrolSteps, WorkflowModel):
    """One round. Area, unit and role are the route's when it was made; ``starts_at`` to ``ends_at`` is its window.

    ``worker``: whose round it is; None while anybody of the team may take it.
    """

    LOCK_WITH = ("area", "route", "unit", "worker")

    plan = models.ForeignKey(PatrolPlan, models.PROTECT, related_name="patrols", verbose_name=_("patrol plan"))
    route = models.ForeignKey(PatrolRoute, models.PROTECT, related_name="patrols", verbose_name=_("patrol route"))
    date = models.DateField(_("date"))
    state = FSMField(_("state"), max_length=10, choices=PatrolState, default=PatrolState.PLANNED, protected=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="patrols", verbose_name=_("area"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="patrols", verbose_name=_("team's unit"))
    role = models.CharField(_("team's role"), max_length=20, choices=TEAM_CHOICES)
    worker = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="patrols", verbose_name=_("patrolled by")
    )
    starts_at = models.DateTimeField(_("window begins"))
    ends_at = models.DateTimeField(_("window ends"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = PatrolQuerySet.as_manager()

    class Meta:
        verbose_name = _("patrol")
        verbose_name_plural = _("patrols")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "date"], name="patrol_once_a_day"),
            models.CheckConstraint(name="patrol_window_in_order", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="patrol_walked_by_somebody",
                condition=~Q(state__in=["under_way", "finished"]) | Q(worker__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["area", "-starts_at"], name="patrol_area"),
            models.Index(fields=["unit", "-starts_at"], name="patrol_unit"),
            models.Index(fields=["worker", "-starts_at"], name="patrol_worker"),
            models.Index(fields=["state", "-starts_at"], name="patrol_state"),
            models.Index(fields=["date"], name="patrol_date"),
        ]

    def __str__(self):
        return f"{self.route} {self.date:%m-%d} {timezone.localtime(self.starts_at):%H:%M}"

    @property
    def number(self) -> str:
        """What people call the round when they talk about it."""
        return f"P{self.pk:06d}"

    @property
    def hours(self) -> str:
        """The window as people read it: 08:30–11:30, 00:00–24:00, 19:00–02:30 (+1)."""
        begins, ends = timezone.localtime(self.starts_at), timezone.localtime(self.ends_at)
        if ends.date() == begins.date():
            return f"{begins:%H:%M}–{ends:%H:%M}"
        return f"{begins:%H:%M}–24:00" if ends.time() == time(0) else f"{begins:%H:%M}–{ends:%H:%M} (+1)"


class CheckIn(models.Model):
    """Somebody was at a point, as the phone says: when, where, how far from it. Never changed afterwards.

    ``at`` is the phone's time, ``received_at`` ours; ``is_late`` when it was sent much later than made (no network).
    ``at_place`` False: too far from the point, or no position at all (then ``distance_m`` is None). ``key`` is chosen
    by the phone: the same check-in sent twice is kept once.
    """

    patrol = models.ForeignKey(Patrol, models.PROTECT, related_name="check_ins", verbose_name=_("patrol"))
    point = models.ForeignKey(PatrolPoint, models.PROTECT, related_name="check_ins", verbose_name=_("patrol point"))
    worker = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("patrolled by"))
    at = models.DateTimeField(_("checked in at"))
    received_at = models.DateTimeField(_("received at"), default=timezone.now)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    accuracy_m = models.FloatField(_("accuracy in metres"), null=True, blank=True)
    distance_m = models.FloatField(_("distance in metres"), null=True, blank=True)
    at_place = models.BooleanField(_("at the place"))
    is_late = models.BooleanField(_("sent later"), default=False)
    note = models.TextField(_("note"), max_length=500, blank=True)
    key = models.CharField(_("client's key"), max_length=64, blank=True)
    event = models.OneToOneField(
        "governance.Event", models.PROTECT, null=True, related_name="+", verbose_name=_("event")
    )

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["patrol", "key"], condition=~Q(key=""), name="check_in_once"),
            models.CheckConstraint(
                name="check_in_place_whole",
                condition=Q(longitude__isnull=True, latitude__isnull=True, distance_m__isnull=True, at_place=False)
                | Q(
                    longitude__isnull=False,
                    latitude__isnull=False,
                    distance_m__isnull=False,
                    longitude__range=(-180, 180),
                    latitude__range=(-90, 90),
                    distance_m__gte=0,
                ),  # fmt: skip
            ),
        ]

    def __str__(self):
        return f"{self.point} {timezone.localtime(self.at):%H:%M}"


class MissedPoint(models.Model):
    """A point of a round that nobody reached within the window; ``reason`` is what the worker says about it."""

    patrol = models.ForeignKey(Patrol, models.PROTECT, related_name="missed_points", verbose_name=_("patrol"))
    point = models.ForeignKey(PatrolPoint, models.PROTECT, related_name="misses", verbose_name=_("patrol point"))
    reason = models.CharField(_("why"), max_length=500, blank=True)
    noticed_at = models.DateTimeField(_("noticed at"), default=timezone.now)

    class Meta:
        verbose_name = _("missed point")
        verbose_name_plural = _("missed points")
        ordering = ["point__position"]
        constraints = [models.UniqueConstraint(fields=["patrol", "point"], name="missed_point_once")]

    def __str__(self):
        return str(self.point)


class PatrolFinding(models.Model):
    """A case opened from a round, at a point or on the way."""

    patrol = models.ForeignKey(Patrol, models.PROTECT, related_name="findings", verbose_name=_("patrol"))
    point = models.ForeignKey(
        PatrolPoint, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name=_("patrol point")
    )
    case = models.OneToOneField(Case, models.PROTECT, related_name="patrol_finding", verbose_name=_("case"))
    found_at = models.DateTimeField(_("found at"), default=timezone.now)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["id"]

    def __str__(self):
        return self.case.number
