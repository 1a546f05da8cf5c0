"""A neighbours' event (邻里节 and others), and what is shown at it in which order."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, Booking, Estate, OrgUnit, User, Venue
from governance.models.venue import span_text
from governance.workflow import FSMField, WorkflowModel
from property.gatherings.event_workflow import PLANNED, EventState, NeighbourEventSteps
from property.gatherings.querysets import NeighbourEventQuerySet
from property.models.party import PartyOrganisation


class EventKind(models.TextChoices):
    FESTIVAL = "festival", _("Neighbours' festival")
    COOKING = "cooking", _("Cooking together")
    PERFORMANCE = "performance", _("Performance")
    SKILLS = "skills", _("Skill exchange day")
    SPORT = "sport", _("Sport and games")
    TALK = "talk", _("Talk or course")
    SERVICE = "service", _("Free services")
    OTHER = "other", _("Other event")


class CountsBy(models.TextChoices):
    HEADS = "heads", _("heads")
    HOUSEHOLDS = "households", _("households")


class NeighbourEvent(NeighbourEventSteps, WorkflowModel):
    """Something neighbours do together. For the residents of ``estate``, or, without one, of the whole ``area``.

    ``places`` are heads or households (``counts_by``); 0: nobody signs up, everybody may come. ``taken`` counts the
    places held by sign-ups and is kept under the event's lock; the database refuses more than there are. A place freed
    is offered to who waits first for ``offer_hours`` (0: given at once). ``parent`` is the festival it belongs to.
    """

    LOCK_WITH = ("area", "estate", "venue", "unit", "parent", "booking")

    kind = models.CharField(_("kind"), max_length=12, choices=EventKind)
    title = models.CharField(_("title"), max_length=80)
    about = models.TextField(_("what it is"), max_length=4000, blank=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="neighbour_events", verbose_name=_("area"))
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="neighbour_events", verbose_name=_("estate"),
        help_text=_("Empty: for the whole area."),
    )  # fmt: skip
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="neighbour_events", verbose_name=_("organised by")
    )  # fmt: skip
    organiser = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person in charge"))
    organisation = models.ForeignKey(
        PartyOrganisation, models.PROTECT, null=True, blank=True, related_name="neighbour_events",
        verbose_name=_("party organisation behind it"),
    )  # fmt: skip
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of the event")
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    venue = models.ForeignKey(
        Venue, models.PROTECT, null=True, blank=True, related_name="neighbour_events", verbose_name=_("venue")
    )
    place = models.CharField(_("other place"), max_length=120, blank=True)
    booking = models.OneToOneField(
        Booking, models.PROTECT, null=True, blank=True, related_name="neighbour_event", verbose_name=_("booking")
    )
    counts_by = models.CharField(_("places are"), max_length=10, choices=CountsBy, default=CountsBy.HEADS)
    places = models.PositiveIntegerField(
        _("places"), default=0, validators=[MaxValueValidator(10_000)],
        help_text=_("0: nobody signs up, everybody may come."),
    )  # fmt: skip
    taken = models.PositiveIntegerField(_("places taken"), default=0, editable=False)
    companions_most = models.PositiveSmallIntegerField(
        _("companions at most"), default=0, validators=[MaxValueValidator(20)]
    )
    children_count = models.BooleanField(_("children take a place"), default=True)
    sign_up_from = models.DateTimeField(_("sign-up opens"), null=True, blank=True)
    sign_up_until = models.DateTimeField(_("sign-up closes"), null=True, blank=True)
    offer_hours = models.PositiveSmallIntegerField(
        _("a freed place is held for (hours)"), default=24, validators=[MaxValueValidator(240)],
        help_text=_("0: whoever waits first has it at once."),
    )  # fmt: skip
    state = FSMField(_("state"), max_length=12, choices=EventState, default=EventState.DRAFT, protected=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    begun_at = models.DateTimeField(_("begun at"), null=True, blank=True)
    held_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    objects = NeighbourEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("neighbours' event")
        verbose_name_plural = _("neighbours' events")
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(name="neighbour_event_in_order", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="neighbour_event_not_overbooked", condition=Q(taken__lte=F("places"))),
            models.CheckConstraint(
                name="neighbour_event_signed_up_in_time",
                condition=Q(sign_up_until__isnull=True) | Q(sign_up_until__lte=F("starts_at")),
            ),
            models.CheckConstraint(
                name="neighbour_event_sign_up_has_an_end", condition=Q(places=0) | Q(sign_up_until__isnull=False)
            ),
            models.CheckConstraint(name="neighbour_event_no_part_of_itself", condition=~Q(parent=F("id"))),
        ]
        indexes = [
            models.Index(fields=["area", "-starts_at"], name="neighbour_event_area"),
            models.Index(fields=["state", "starts_at"], name="neighbour_event_state"),
        ]

    def __str__(self):
        return self.title

    @property
    def time_text(self) -> str:
        """From and to on the local clock."""
        return span_text(self.starts_at, self.ends_at)

    @property
    def place_text(self) -> str:
        """Where it is; empty while nobody has said."""
        if self.venue is None:
            return self.place
        return " ".join(part for part in (self.venue.name, self.venue.address) if part)

    @property
    def for_text(self) -> str:
        """Who may come: the residents of which place."""
        return (self.estate or self.area).name

    @property
    def free(self) -> int:
        """Places that nobody holds."""
        return self.places - self.taken

    @property
    def venue_missing(self) -> bool:
        """Whether it is to be held in a venue that is not booked for its time, or not any more."""
        if self.venue_id is None or self.state not in PLANNED:
            return False
        held = self.booking
        span = (self.starts_at, self.ends_at)
        return held is None or held.state != "booked" or (held.starts_at, held.ends_at) != span

    def size_of(self, companions: int, children: int) -> int:
        """How many places a sign-up takes."""
        if self.places == 0:
            return 0
        if self.counts_by == CountsBy.HOUSEHOLDS:
            return 1
        return 1 + companions + (children if self.children_count else 0)


class ProgrammeItem(models.Model):
    """What is shown, in order. ``performers`` are names told to the public by who performs."""

    event = models.ForeignKey(
        NeighbourEvent, models.CASCADE, related_name="programme", verbose_name=_("neighbours' event")
    )
    position = models.PositiveSmallIntegerField(_("order"), validators=[MinValueValidator(1)])
    title = models.CharField(_("title"), max_length=80)
    performers = models.CharField(_("performers"), max_length=120, blank=True)
    minutes = models.PositiveSmallIntegerField(
        _("length (minutes)"), validators=[MinValueValidator(1), MaxValueValidator(600)]
    )  # fmt: skip

    class Meta:
        verbose_name = _("programme item")
        verbose_name_plural = _("programme")
        ordering = ["event", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["event", "position"], name="programme_item_order")]

    def __str__(self):
        return self.title
