"""Signals: records of the 12345 hotline, of petitions and of public opinion, beside the hazards that people find."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.errors import Invalid
from governance.models import Area, User
from governance.models.access_key import AccessKey, dates_in_order
from mediation.models.dispute import DisputeType
from mediation.models.hazard import Hazard
from mediation.prevention.mapping import signal_rules
from mediation.prevention.querysets import (
    SignalBatchQuerySet,
    SignalKeyQuerySet,
    SignalQuerySet,
    SignalSourceQuerySet,
)
from mediation.prevention.states import SignalChannel

source_code = RegexValidator(
    r"^[a-z0-9][a-z0-9_-]{0,29}$", _("Use small letters, digits, hyphen and underscore: at most 30, no sign first.")
)


class SignalSource(models.Model):
    """A system whose records come in as signals, by file or by message, and what its columns mean (``mapping``).

    ``area``: where its records may lie, and where those lie that name no place. See ``prevention.mapping``.
    """

    code = models.CharField(_("code"), max_length=30, unique=True, validators=[source_code])
    name = models.CharField(_("name"), max_length=60)
    channel = models.CharField(_("channel"), max_length=8, choices=SignalChannel)
    area = models.ForeignKey(
        Area, models.PROTECT, related_name="signal_sources", verbose_name=_("area its records lie in")
    )
    mapping = models.JSONField(_("mapping"), default=dict, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = SignalSourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("source of signals")
        verbose_name_plural = _("sources of signals")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)

    natural_key.dependencies = ["governance.area"]

    def clean(self):
        """Refuse a mapping that cannot be read; the error names its part."""
        try:
            signal_rules(self.mapping)
        except Invalid as error:
            raise ValidationError({"mapping": error.detail}) from error


class SignalKey(AccessKey):
    """A key with which a source sends its records."""

    source = models.ForeignKey(SignalSource, models.PROTECT, related_name="keys", verbose_name=_("source of signals"))

    objects = SignalKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("key of a source of signals")
        verbose_name_plural = _("keys of sources of signals")
        ordering = ["-id"]
        constraints = [dates_in_order("signal_key_dates_in_order")]

    @property
    def owner(self) -> SignalSource:
        """The source the key speaks for."""
        return self.source


class SignalBatch(models.Model):
    """Signals that were brought in together: a file, one request, or what a source sent on a day. If they were read
    wrongly, who brought them in or an administrator withdraws them (``prevention.withdrawing``), once.

    ``area``: the smallest that holds them, or the source's. ``records``: how many it brought; ``withdrawn``: how many
    of them were withdrawn (what became a hazard stays).
    """

    source = models.ForeignKey(
        SignalSource, models.PROTECT, null=True, blank=True, related_name="batches", verbose_name=_("source of signals")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="signal_batches", verbose_name=_("area"))
    brought_by = models.ForeignKey(
        User, models.PROTECT, related_name="signal_batches", verbose_name=_("brought in by")
    )  # fmt: skip
    brought_at = models.DateTimeField(_("brought in at"), default=timezone.now)
    records = models.PositiveIntegerField(_("records brought in"), default=0)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("withdrawn by")
    )
    withdrawn = models.PositiveIntegerField(_("records withdrawn"), default=0)

    objects = SignalBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("signals brought in together")
        verbose_name_plural = _("signals brought in")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="signal_batch_withdrawn_whole",
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn=0)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, withdrawn__gt=0),
            )
        ]
        indexes = [models.Index(fields=["source", "-brought_at"], name="signal_batch_newest")]

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        """What people call it."""
        return f"B{self.pk:06d}"


class _StandingSignals(models.Manager.from_queryset(SignalQuerySet)):
    """Signals that were not withdrawn: only they count, repeat one another and are shown."""

    def get_queryset(self):
        return super().get_queryset().filter(withdrawn_at=None)


class Signal(models.Model):
    """One record: what was complained of, when and where. Never changed but for type, area and what came of it.

    ``area`` is the deepest area known. ``complainant`` is a keyed hash (``prevention.complainants``): enough to
    count one person once, of no use to find them. ``duplicate_of``: the first of those of the same complainant (or
    the same words), type and community within 30 days, which is one event (domain/mediation.md, "Early warning");
    it is never a duplicate itself. ``erased_at``: what tells of persons was taken out (``prevention.retention``).
    ``withdrawn_at``: it was read wrongly and withdrawn (``objects`` holds the others, ``all_ever`` these too); it is
    emptied, its number there too, which the record read rightly has. ``type_guessed``: from the words. ``text_digest``:
    SHA-256 of the words without spaces and signs.
    """

    source = models.ForeignKey(
        SignalSource, models.PROTECT, null=True, blank=True, related_name="signals", verbose_name=_("source of signals")
    )
    external_id = models.CharField(_("number there"), max_length=120, blank=True)
    channel = models.CharField(_("channel"), max_length=8, choices=SignalChannel)
    area = models.ForeignKey(Area, models.PROTECT, related_name="signals", verbose_name=_("area"))
    place = models.CharField(_("place in words"), max_length=120, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    type = models.ForeignKey(
        DisputeType, models.PROTECT, null=True, blank=True, related_name="signals", verbose_name=_("dispute type")
    )
    type_guessed = models.BooleanField(_("type only guessed"), default=False)
    event_date = models.DateField(_("day of the event"))
    received_at = models.DateTimeField(_("received at"))
    complainant = models.CharField(_("complainant (hash)"), max_length=64, blank=True, editable=False)
    text = models.TextField(_("what the record says"), max_length=20_000, blank=True)
    text_digest = models.CharField(max_length=64, blank=True, editable=False)
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="duplicates", verbose_name=_("repeats the signal")
    )
    hazard = models.ForeignKey(
        Hazard, models.PROTECT, null=True, blank=True, related_name="signals", verbose_name=_("hazard")
    )
    batch = models.ForeignKey(
        SignalBatch, models.PROTECT, null=True, blank=True, related_name="signals",
        verbose_name=_("brought in with"),
    )  # fmt: skip
    imported_at = models.DateTimeField(_("brought in at"), default=timezone.now)
    erased_at = models.DateTimeField(_("emptied at"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True, editable=False)

    objects = _StandingSignals()
    all_ever = SignalQuerySet.as_manager()

    class Meta:
        verbose_name = _("signal")
        verbose_name_plural = _("signals")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="signal_once"
            ),
            models.CheckConstraint(
                name="signal_withdrawn_whole",
                condition=Q(withdrawn_at=None)
                | Q(text="", complainant="", external_id="", hazard=None, duplicate_of=None),
            ),
            models.CheckConstraint(
                name="signal_place_whole",
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(
                    longitude__isnull=False,
                    latitude__isnull=False,
                    longitude__range=(-180, 180),
                    latitude__range=(-90, 90),
                ),
            ),
            models.CheckConstraint(
                name="signal_not_of_itself", condition=Q(duplicate_of=None) | ~Q(duplicate_of=F("id"))
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["area", "event_date"], name="signal_area_day"),
            models.Index(fields=["type", "event_date"], name="signal_type_day"),
            models.Index(fields=["event_date"], name="signal_day"),
            models.Index(fields=["received_at"], name="signal_kept", condition=Q(erased_at=None)),
            models.Index(fields=["complainant"], name="signal_complainant", condition=~Q(complainant="")),
            models.Index(fields=["text_digest"], name="signal_words", condition=~Q(text_digest="")),
        ]

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        """What people call the signal; it says nothing of what it is about."""
        return f"S{self.pk:06d}"

    @property
    def place_text(self) -> str:
        """Where it is, in words."""
        return " ".join(part for part in (self.area.name, self.place) if part)

    @property
    def disputed(self) -> bool:
        """Whether it led to a dispute: reading it is reading that one (``prevention.reading``)."""
        return self.hazard is not None and self.hazard.dispute_id is not None

    @property
    def place_listed(self) -> str:
        """The place in words as lists and files tell it, which write no reading down."""
        return "" if self.disputed else self.place
