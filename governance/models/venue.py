"""Rooms and places that can be booked, when they are open, their bookings, and calendar links."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.booking_workflow import BookingState, BookingSteps, FeedState, FeedSteps
from governance.models.area import Area
from governance.models.organisation import OrgUnit
from governance.models.person import User
from governance.venue_querysets import BookingQuerySet, FeedQuerySet, SeriesQuerySet, VenueQuerySet
from governance.workflow import FSMField, WorkflowModel

NO_OVERLAP = "booking_no_overlap"


class Weekday(models.IntegerChoices):
    """Days of the week as Python counts them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Venue(models.Model):
    """A room or place that can be booked. ``area`` is the area it serves, ``unit`` runs it.

    Without opening hours it is never open. On public holidays and local rest days it is closed unless
    ``open_on_holidays``.
    """

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    area = models.ForeignKey(Area, models.PROTECT, related_name="venues", verbose_name=_("area served"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="venues", verbose_name=_("run by"))
    address = models.CharField(_("address"), max_length=200, blank=True)
    capacity = models.PositiveIntegerField(_("capacity (persons)"), validators=[MinValueValidator(1)])
    open_on_holidays = models.BooleanField(_("open on public holidays"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = VenueQuerySet.as_manager()

    class Meta:
        verbose_name = _("venue")
        verbose_name_plural = _("venues")
        ordering = ["code"]
        constraints = [models.CheckConstraint(name="venue_capacity_some", condition=Q(capacity__gte=1))]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)


class OpeningHours(models.Model):
    """A span of a weekday in which the venue is open (Asia/Shanghai); ``closes`` 00:00 is midnight.

    A weekday may have several spans; they do not overlap.
    """

    venue = models.ForeignKey(Venue, models.CASCADE, related_name="hours", verbose_name=_("venue"))
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"), help_text=_("00:00 is midnight."))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["venue", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                name="opening_hours_in_order",
                condition=Q(closes__gt=F("opens")) | Q(closes="00:00"),
                violation_error_message=_("It must close after it opens."),
            ),
            ExclusionConstraint(
                name="opening_hours_no_overlap",
                expressions=[
                    ("venue", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (Func("opens", "closes", function="governance_day_span"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("These opening hours overlap others of the same day."),
            ),
        ]

    def __str__(self):
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class VenueClosure(models.Model):
    """Days on which the venue is closed (both included), for instance for repairs."""

    venue = models.ForeignKey(Venue, models.CASCADE, related_name="closures", verbose_name=_("venue"))
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=80)

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["venue", "first_day"]
        constraints = [
            models.CheckConstraint(
                name="venue_closure_in_order",
                condition=Q(last_day__gte=F("first_day")),
                violation_error_message=_("The last day lies before the first."),
            )
        ]

    def __str__(self):
        return f"{self.first_day} – {self.last_day}"


class SeriesKind(models.TextChoices):
    WEEKLY = "weekly", _("Weekly")
    MONTHLY = "monthly", _("Monthly")


class BookingSeries(models.Model):
    """Bookings made together by one rule (``governance.bookings.recurrence.Rule``); ``skipped``: dates left out."""

    venue = models.ForeignKey(Venue, models.PROTECT, related_name="series", verbose_name=_("venue"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    title = models.CharField(_("occasion"), max_length=120)
    kind = models.CharField(_("repeats"), max_length=10, choices=SeriesKind)
    weekdays = ArrayField(models.PositiveSmallIntegerField(choices=Weekday), verbose_name=_("weekdays"))
    nth = models.SmallIntegerField(_("which one of the month"), null=True, blank=True)
    interval = models.PositiveSmallIntegerField(_("every … weeks or months"), default=1)
    first_day = models.DateField(_("first day"))
    until = models.DateField(_("last day"), null=True, blank=True)
    count = models.PositiveSmallIntegerField(_("how many times"), null=True, blank=True)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))
    skipped = ArrayField(models.DateField(), default=list, blank=True, verbose_name=_("dates left out"))
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("booked for unit")
    )
    booked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("booked by"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("series of bookings")
        verbose_name_plural = _("series of bookings")
        ordering = ["-id"]

    def __str__(self):
        return self.title

    @property
    def rule_text(self) -> str:
        """Return the rule in words: weekly, every 2 weeks, the last one of the month; and the weekdays."""
        days = "、".join(str(Weekday(day).label) for day in self.weekdays)
        if self.kind == SeriesKind.MONTHLY:
            which = gettext("the last") if self.nth == -1 else gettext("no. %(nth)s") % {"nth": self.nth}
            every = gettext("every %(number)s months") % {"number": self.interval} if self.interval > 1 else ""
            return " ".join(part for part in (self.get_kind_display(), every, which, days) if part)
        every = gettext("every %(number)s weeks") % {"number": self.interval} if self.interval > 1 else ""
        return " ".join(part for part in (every or self.get_kind_display(), days) if part)


class Booking(BookingSteps, WorkflowModel):
    """A venue booked for a time. ``period`` is [from, to): what ends at 10:00 leaves room for what begins at 10:00.

    Two bookings that hold never overlap in one venue: the database refuses the second. ``area`` is the venue's.
    ``purpose_type`` and ``purpose_id`` name what an app booked it for (``property.assemblysession``, 7). ``uid`` names
    the booking in calendars, ``version`` counts its changes there.
    """

    LOCK_WITH = ("area", "venue")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    venue = models.ForeignKey(Venue, models.PROTECT, related_name="bookings", verbose_name=_("venue"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="bookings", verbose_name=_("area"))
    period = DateTimeRangeField(_("time"), default_bounds="[)")
    title = models.CharField(_("occasion"), max_length=120)
    attendance = models.PositiveIntegerField(_("expected persons"), null=True, blank=True)
    booked_by = models.ForeignKey(User, models.PROTECT, related_name="bookings", verbose_name=_("booked by"))
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="bookings", verbose_name=_("booked for unit")
    )
    state = FSMField(_("state"), max_length=12, choices=BookingState, default=BookingState.BOOKED, protected=True)
    series = models.ForeignKey(
        BookingSeries, models.PROTECT, null=True, blank=True, related_name="bookings", verbose_name=_("series")
    )
    purpose_type = models.CharField(_("kind of purpose"), max_length=80, blank=True)
    purpose_id = models.BigIntegerField(_("purpose"), null=True, blank=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now, editable=False)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        ordering = ["-id"]
        constraints = [
            ExclusionConstraint(
                name=NO_OVERLAP,
                expressions=[("venue", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=Q(state="booked"),
            ),
            models.CheckConstraint(
                name="booking_period_whole",
                condition=Q(
                    period__isempty=False,
                    period__lower_inc=True,
                    period__upper_inc=False,
                    period__lower_inf=False,
                    period__upper_inf=False,
                ),
            ),
            models.CheckConstraint(
                name="booking_purpose_whole",
                condition=Q(purpose_type="", purpose_id__isnull=True)
                | (~Q(purpose_type="") & Q(purpose_id__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["venue", "period"], name="booking_venue_period"),
            models.Index(fields=["purpose_type", "purpose_id"], condition=~Q(purpose_type=""), name="booking_purpose"),
        ]

    def __str__(self):
        return f"{self.venue} {self.time_text}"

    @property
    def starts_at(self):
        return self.period.lower

    @property
    def ends_at(self):
        return self.period.upper

    @property
    def time_text(self) -> str:
        """From and to on the local clock; the second date only where it is another."""
        return span_text(self.starts_at, self.ends_at)


def span_text(start, end) -> str:
    """Return ``2026-12-05 09:00–11:00`` (Asia/Shanghai), with the last date where it is another."""
    start, end = localtime(start), localtime(end)
    last = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M}–{last}"


class FeedKind(models.TextChoices):
    VENUE = "venue", _("A venue")
    UNIT = "unit", _("A unit")
    PERSON = "person", _("My own")


class CalendarFeed(FeedSteps, WorkflowModel):
    """A private link to a calendar: whoever has it sees what ``owner`` may see, as long as it is not revoked.

    Only the SHA-256 (hex) of the link's token is kept. Kind venue has ``venue``, kind unit has ``unit``.
    """

    LOCK_WITH = ("owner",)

    owner = models.ForeignKey(User, models.PROTECT, related_name="calendar_feeds", verbose_name=_("owner"))
    kind = models.CharField(_("calendar of"), max_length=10, choices=FeedKind)
    venue = models.ForeignKey(Venue, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("venue"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    state = FSMField(_("state"), max_length=10, choices=FeedState, default=FeedState.ACTIVE, protected=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)

    objects = FeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar link")
        verbose_name_plural = _("calendar links")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="calendar_feed_subject",
                condition=Q(kind="venue", venue__isnull=False, unit__isnull=True)
                | Q(kind="unit", venue__isnull=True, unit__isnull=False)
                | Q(kind="person", venue__isnull=True, unit__isnull=True),
            )
        ]

    def __str__(self):
        return str(self.venue or self.unit or self.get_kind_display())
