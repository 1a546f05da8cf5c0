"""What remains of a neighbours' event: photos and who agreed to them, feedback, cost."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, Dwelling, User
from governance.workflow import FSMField, WorkflowModel
from property.gatherings.photo_workflow import ConsentState, EventPhotoSteps, PhotoConsentSteps, PhotoState
from property.gatherings.querysets import EventPhotoQuerySet, FeedbackQuerySet, PhotoConsentQuerySet
from property.models.neighbour_event import NeighbourEvent


class EventPhoto(EventPhotoSteps, WorkflowModel):
    """A photo of an event, with its file. Residents see it only once everybody asked has agreed, or where
    ``nobody_by`` answers for it that nobody can be recognised."""

    LOCK_WITH = ("area", "event")

    event = models.ForeignKey(
        NeighbourEvent, models.PROTECT, related_name="photos", verbose_name=_("neighbours' event")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    caption = models.CharField(_("caption"), max_length=80, blank=True)
    nobody_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("who says that nobody can be recognised"),
    )  # fmt: skip
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("uploaded by"))
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    state = FSMField(_("state"), max_length=12, choices=PhotoState, default=PhotoState.KEPT, protected=True)

    objects = EventPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo of an event")
        verbose_name_plural = _("photos of events")
        ordering = ["event", "id"]

    def __str__(self):
        return self.caption or f"{self.event} {self.pk}"


class PhotoConsent(PhotoConsentSteps, WorkflowModel):
    """Somebody on a photo who is asked: a person, a child by its guardian (``person``, with ``child`` named), or a
    household by anybody who lives there. The last answer holds; a refusal hides the photo at once."""

    LOCK_WITH = ("area", "event", "photo", "person", "dwelling")

    photo = models.ForeignKey(EventPhoto, models.PROTECT, related_name="consents", verbose_name=_("photo"))
    event = models.ForeignKey(NeighbourEvent, models.PROTECT, related_name="+", verbose_name=_("neighbours' event"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="photo_consents", verbose_name=_("person asked")
    )
    child = models.CharField(_("child, for whom the guardian answers"), max_length=40, blank=True)
    dwelling = models.ForeignKey(
        Dwelling, models.PROTECT, null=True, blank=True, related_name="photo_consents",
        verbose_name=_("household asked"),
    )  # fmt: skip
    state = FSMField(_("state"), max_length=12, choices=ConsentState, default=ConsentState.ASKED, protected=True)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    objects = PhotoConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent to a photo")
        verbose_name_plural = _("consents to photos")
        ordering = ["photo", "id"]
        constraints = [
            models.CheckConstraint(
                name="photo_consent_of_one",
                condition=Q(person__isnull=False, dwelling__isnull=True)
                | Q(person__isnull=True, dwelling__isnull=False, child=""),
            ),
            models.UniqueConstraint(fields=["photo", "person", "child"], name="photo_consent_once_a_person"),
            models.UniqueConstraint(fields=["photo", "dwelling"], name="photo_consent_once_a_household"),
        ]

    def __str__(self):
        return str(self.dwelling or self.person)


class EventFeedback(models.Model):
    """How somebody who was there found it; given once, never changed."""

    event = models.ForeignKey(
        NeighbourEvent, models.PROTECT, related_name="feedback", verbose_name=_("neighbours' event")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    stars = models.PositiveSmallIntegerField(_("stars"), validators=[MinValueValidator(1), MaxValueValidator(5)])
    words = models.CharField(_("words"), max_length=500, blank=True)
    given_at = models.DateTimeField(_("given at"), default=timezone.now)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback on an event")
        verbose_name_plural = _("feedback on events")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "person"], name="event_feedback_once"),
            models.CheckConstraint(name="event_feedback_stars", condition=Q(stars__range=(1, 5))),
        ]

    def __str__(self):
        return f"{self.event} {self.stars}"


class CostStage(models.TextChoices):
    PLANNED = "planned", _("planned")
    ACTUAL = "actual", _("actual")


class EventMoney(models.TextChoices):
    """What a line is paid from. Public income is stated here and booked in the books, never by this line."""

    SUBSIDY = "subsidy", _("Government subsidy")
    SPONSOR = "sponsor", _("Sponsor")
    PUBLIC_INCOME = "public_income", _("Public income")
    PARTY_FUNDS = "party_funds", _("Funds of the party organisation")
    OTHER = "other", _("Other money")


class EventCostLine(models.Model):
    """A line of cost, in yuan. Lines are never changed or deleted (a trigger): a wrong one is corrected by another
    with the difference, which may be below 0. ``source_text`` says exactly from where."""

    event = models.ForeignKey(
        NeighbourEvent, models.PROTECT, related_name="cost_lines", verbose_name=_("neighbours' event")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    ordinal = models.PositiveSmallIntegerField(_("number"))
    stage = models.CharField(_("planned or actual"), max_length=10, choices=CostStage)
    title = models.CharField(_("what for"), max_length=80)
    amount = models.DecimalField(_("amount (yuan)"), max_digits=10, decimal_places=2)
    source = models.CharField(_("paid from"), max_length=14, choices=EventMoney)
    source_text = models.CharField(_("paid from, exactly"), max_length=120)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name=_("corrects line")
    )
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("line of an event's cost")
        verbose_name_plural = _("cost of events")
        ordering = ["event", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["event", "ordinal"], name="event_cost_line_number"),
            models.CheckConstraint(
                name="event_cost_line_amount",
                condition=Q(corrects__isnull=True, amount__gt=0)
                | (Q(corrects__isnull=False) & ~Q(amount=Decimal("0"))),
            ),
        ]

    def __str__(self):
        return f"{self.ordinal} {self.title}"
