"""How fast bins fill, and the rounds on which they are emptied."""

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from devices.models.device import Device, code_validator
from devices.querysets import RoundQuerySet, RunQuerySet, StopQuerySet, ThroughDeviceQuerySet
from governance.models import Area, OrgUnit, User

HOURS_OF_WEEK = 168


class FillRate(models.Model):
    """What was learnt of how fast a bin fills (``devices.bins.learning``).

    ``rates``: share of the bin filled in each of the 168 hours of a week, Monday 0:00 first, Asia/Shanghai.
    ``hours``: how many hours were watched for it; ``per_day``: what it fills in a day on average; ``emptyings``: how
    often it was emptied in that time, ``emptied_at`` when last.
    """

    device = models.OneToOneField(Device, models.CASCADE, related_name="fill_rate", verbose_name=_("device"))
    rates = ArrayField(models.FloatField(), size=HOURS_OF_WEEK, verbose_name=_("filled in each hour of the week"))
    hours = models.FloatField(_("hours watched"))
    per_day = models.FloatField(_("filled in a day"))
    emptyings = models.PositiveIntegerField(_("emptyings"))
    emptied_at = models.DateTimeField(_("last emptied"), null=True)
    learnt_at = models.DateTimeField(_("learnt at"))

    objects = ThroughDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("filling of a bin")
        verbose_name_plural = _("filling of bins")
        constraints = [
            models.CheckConstraint(
                name="fill_rate_of_a_week", condition=Q(rates__len=HOURS_OF_WEEK), violation_error_message="168"
            )
        ]

    def __str__(self):
        return f"{self.device_id} {self.per_day:.0%}"


class CollectionRound(models.Model):
    """A regular round on which a unit empties its bins in an area.

    A vehicle starts at the depot (WGS-84 degrees) at ``starts_at`` every ``days_between`` days, and takes what
    ``capacity`` full bins hold before it must unload there. ``detour``: how much longer streets are than a straight
    line. ``margin_hours``: how long after its start the next round reaches its last bins; so long they must hold.
    """

    code = models.CharField(_("code"), max_length=30, unique=True, validators=[code_validator])
    name = models.CharField(_("name"), max_length=60)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="collection_rounds", verbose_name=_("unit"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="collection_rounds", verbose_name=_("area"))
    depot = models.CharField(_("starts from"), max_length=100)
    longitude = models.FloatField(_("longitude"), validators=[MinValueValidator(-180), MaxValueValidator(180)])
    latitude = models.FloatField(_("latitude"), validators=[MinValueValidator(-90), MaxValueValidator(90)])
    starts_at = models.TimeField(_("starts at"), default=time(6))
    days_between = models.PositiveSmallIntegerField(
        _("every so many days"), default=1, validators=[MinValueValidator(1), MaxValueValidator(14)]
    )
    capacity = models.PositiveSmallIntegerField(
        _("bins a trip"), default=40, validators=[MinValueValidator(1), MaxValueValidator(300)],
        help_text=_("As many full bins as the vehicle holds before it must unload at the start."),
    )  # fmt: skip
    detour = models.FloatField(
        _("detour factor"), default=1.3, validators=[MinValueValidator(1), MaxValueValidator(3)],
        help_text=_("How much longer the way on streets is than a straight line; in towns about 1.3."),
    )  # fmt: skip
    margin_hours = models.PositiveSmallIntegerField(
        _("hours of margin"), default=2, validators=[MaxValueValidator(24)],
        help_text=_("How long after its start the next round reaches its last bins."),
    )  # fmt: skip
    is_active = models.BooleanField(_("in use"), default=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("collection round")
        verbose_name_plural = _("collection rounds")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)


class CollectionRun(models.Model):
    """A round as it was planned for a day. ``metres``: its length with the detour factor, all trips with unloading.
    ``left_out``: bins that were due beyond what a round can hold, for which there must be another round.
    """

    round = models.ForeignKey(CollectionRound, models.PROTECT, related_name="runs", verbose_name=_("collection round"))
    day = models.DateField(_("day"))
    planned_at = models.DateTimeField(_("planned at"))
    metres = models.PositiveIntegerField(_("length in metres"))
    trips = models.PositiveSmallIntegerField(_("trips"))
    left_out = models.PositiveIntegerField(_("bins left out"), default=0)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("collection of a day")
        verbose_name_plural = _("collections of the days")
        ordering = ["-day", "round"]
        constraints = [models.UniqueConstraint(fields=["round", "day"], name="collection_run_once")]

    def __str__(self):
        return f"{self.round} {self.day}"

    @property
    def area_id(self) -> int:
        """Where it happens: that of its round, for the events about it."""
        return self.round.area_id


class StopReason(models.TextChoices):
    """Why a bin is emptied today."""

    FULL = "full", _("Full")
    BEFORE_NEXT = "before_next", _("Full before the next round")
    UNSURE = "unsure", _("Filling, no forecast yet")


class CollectionStop(models.Model):
    """A bin of a day's round, in the order of the way. ``level`` and ``full_at`` are what was known when it was
    planned, ``emptied_at`` and ``emptied_by`` what a worker ticked.
    """

    run = models.ForeignKey(CollectionRun, models.CASCADE, related_name="stops", verbose_name=_("collection of a day"))
    device = models.ForeignKey(Device, models.PROTECT, related_name="collection_stops", verbose_name=_("device"))
    position = models.PositiveSmallIntegerField(_("position"))
    trip = models.PositiveSmallIntegerField(_("trip"))
    reason = models.CharField(_("reason"), max_length=12, choices=StopReason)
    level = models.FloatField(_("filled"))
    full_at = models.DateTimeField(_("full at"), null=True)
    emptied_at = models.DateTimeField(_("emptied at"), null=True)
    emptied_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("emptied by")
    )  # fmt: skip

    objects = StopQuerySet.as_manager()

    class Meta:
        verbose_name = _("stop of a collection")
        verbose_name_plural = _("stops of a collection")
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "device"], name="collection_stop_once"),
            models.CheckConstraint(
                name="collection_emptied_by_somebody",
                condition=Q(emptied_at=None, emptied_by=None) | Q(emptied_at__isnull=False, emptied_by__isnull=False),
            ),
            models.CheckConstraint(name="collection_stop_counts", condition=Q(position__gte=1, trip__gte=1)),
        ]

    def __str__(self):
        return f"{self.position} {self.device}"
