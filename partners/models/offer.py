"""What partners offer: the offer, its dates, and the places residents take."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, User
from governance.models.venue import Weekday
from governance.workflow import FSMField, WorkflowModel
from partners.models.partner import Partner, QualificationKind
from partners.recruiting.offer_workflow import (
    OfferPlaceSteps,
    OfferSlotSteps,
    OfferState,
    OfferSteps,
    PlaceState,
    SlotState,
)
from partners.recruiting.querysets import OfferPlaceQuerySet, OfferQuerySet, OfferSlotQuerySet

MOST_PLACES = 10_000


class OfferKind(models.TextChoices):
    VENUE = "venue", _("Place to use")
    MONEY = "money", _("Money")
    GOODS = "goods", _("Goods")
    SERVICE = "service", _("Service")
    HOURS = "hours", _("Hours of help")


class OfferAccess(models.TextChoices):
    OPEN = "open", _("open to everybody")
    REQUEST = "request", _("on request")


class Offer(OfferSteps, WorkflowModel):
    """What a partner offers to the ``communities``: what, how much, when in the week (``weekdays``, ``starts``,
    ``ends``) or on dates (``slots``), where, for whom.

    ``access``: open to everybody, or to be asked for at the community. ``capacity``: places of each date (0: nobody
    takes a place, just come). ``needs``: the qualification without which it may not be given; while none holds, it is
    not shown and nobody takes a place.
    """

    LOCK_WITH = ("area", "partner__area", "partner__person", "partner__unit", "needs")

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="offers", verbose_name=_("partner"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    communities = models.ManyToManyField(Area, related_name="offers", verbose_name=_("offered in"))
    kind = models.CharField(_("kind"), max_length=8, choices=OfferKind)
    title = models.CharField(_("title"), max_length=80)
    about = models.TextField(_("more about it"), max_length=1000, blank=True)
    extent = models.CharField(
        _("how much"), max_length=80, blank=True, help_text=_("As people say it: 20,000 yuan a year, 4 hours a month.")
    )
    access = models.CharField(_("who may use it"), max_length=8, choices=OfferAccess, default=OfferAccess.OPEN)
    target_group = models.CharField(_("for whom"), max_length=80, blank=True)
    place = models.CharField(_("where"), max_length=120, blank=True)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday), verbose_name=_("days of the week"), default=list, blank=True
    )
    starts = models.TimeField(_("from (time)"), null=True, blank=True)
    ends = models.TimeField(_("to (time)"), null=True, blank=True)
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True)
    capacity = models.PositiveIntegerField(
        _("places of a date"), default=0, validators=[MaxValueValidator(MOST_PLACES)],
        help_text=_("0: nobody signs up, everybody may come."),
    )  # fmt: skip
    needs = models.ForeignKey(
        QualificationKind, models.PROTECT, null=True, blank=True, related_name="offers",
        verbose_name=_("qualification needed"),
    )  # fmt: skip
    state = FSMField(_("state"), max_length=12, choices=OfferState, default=OfferState.PROPOSED, protected=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer of a partner")
        verbose_name_plural = _("offers of partners")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="offer_times_in_order",
                condition=Q(starts__isnull=True, ends__isnull=True)
                | Q(starts__isnull=False, ends__isnull=False, ends__gt=F("starts")),
            ),
            models.CheckConstraint(
                name="offer_weekdays_have_times", condition=Q(weekdays=[]) | Q(starts__isnull=False)
            ),
            models.CheckConstraint(
                name="offer_days_in_order", condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))
            ),
        ]
        indexes = [models.Index(fields=["area", "kind", "state"], name="offer_directory")]

    def __str__(self):
        return self.title

    @property
    def time_text(self) -> str:
        """On which days of the week and at what time, in words; empty when it has none."""
        if not self.weekdays:
            return ""
        days = "、".join(str(Weekday(day).label) for day in sorted(self.weekdays))
        return f"{days} {self.starts:%H:%M}–{self.ends:%H:%M}"


class OfferSlot(OfferSlotSteps, WorkflowModel):
    """One date of an offer. ``taken`` counts the places and is kept under its lock; never more than ``capacity``."""

    LOCK_WITH = ("area", "partner__area", "offer__needs")

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="slots", verbose_name=_("offer"))
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", verbose_name=_("partner"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("where"), max_length=120, blank=True)
    capacity = models.PositiveIntegerField(_("places"), default=0, validators=[MaxValueValidator(MOST_PLACES)])
    taken = models.PositiveIntegerField(_("places taken"), default=0, editable=False)
    state = FSMField(_("state"), max_length=12, choices=SlotState, default=SlotState.PLANNED, protected=True)

    objects = OfferSlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("date of an offer")
        verbose_name_plural = _("dates of offers")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(name="offer_slot_in_order", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="offer_slot_not_overbooked", condition=Q(taken__lte=F("capacity"))),
            models.UniqueConstraint(
                fields=["offer", "starts_at"], condition=Q(state="planned"), name="offer_slot_once"
            ),
        ]
        indexes = [models.Index(fields=["area", "starts_at"], name="offer_slot_calendar")]

    def __str__(self):
        return f"{self.offer.title} {timezone.localtime(self.starts_at):%Y-%m-%d %H:%M}"

    @property
    def free(self) -> int:
        """Places that nobody has."""
        return self.capacity - self.taken


class OfferPlace(OfferPlaceSteps, WorkflowModel):
    """One resident's place on a date."""

    LOCK_WITH = ("area", "partner__area", "slot", "person")

    slot = models.ForeignKey(OfferSlot, models.PROTECT, related_name="places", verbose_name=_("date"))
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", verbose_name=_("partner"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    person = models.ForeignKey(User, models.PROTECT, related_name="offer_places", verbose_name=_("person"))
    state = FSMField(_("state"), max_length=12, choices=PlaceState, default=PlaceState.TAKEN, protected=True)
    asked_at = models.DateTimeField(_("signed up at"), default=timezone.now)

    objects = OfferPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place at an offer")
        verbose_name_plural = _("places at offers")
        ordering = ["slot", "id"]
        constraints = [models.UniqueConstraint(fields=["slot", "person"], name="offer_place_once_a_person")]

    def __str__(self):
        return str(self.person)
