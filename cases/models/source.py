"""Named sources that send messages to be made into cases: their keys, their figures, and what could not be taken."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.intake.mapping import rules_of
from cases.intake.querysets import LetterQuerySet, ReceiptQuerySet, SourceKeyQuerySet, SourceQuerySet
from cases.intake.workflow import LetterState, LetterSteps
from cases.models.case import Case, CaseSource
from governance.errors import Invalid
from governance.models import Area, OrgUnit
from governance.models.access_key import AccessKey, dates_in_order
from governance.workflow import FSMField, WorkflowModel

CODE = r"[a-z0-9][a-z0-9_-]{0,29}"
code_validator = RegexValidator(
    rf"^{CODE}$", _("Use small letters, digits, hyphen and underscore: at most 30, no sign first.")
)


class IntakeSource(models.Model):
    """A system that sends in what becomes cases: a department's own, video events, the hotline's, a city app.

    ``kind`` is the ``Case.source`` of its cases, ``unit`` whose system it is, ``area`` where it may report into.
    ``mapping`` says which part of its messages is which of our fields (see ``cases.intake.mapping``). After
    ``silent_after`` minutes without a message it is flagged: ``silent_since`` is its last sign of life then, and
    ``checked_at`` when its timer looks next.
    """

    code = models.CharField(_("code"), max_length=30, unique=True, validators=[code_validator])
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=12, choices=CaseSource)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="intake_sources", verbose_name=_("unit"))
    area = models.ForeignKey(
        Area, models.PROTECT, related_name="intake_sources", verbose_name=_("area it may report into")
    )
    mapping = models.JSONField(_("mapping"), default=dict, blank=True)
    files_at_once = models.BooleanField(
        _("filed at once"), default=False,
        help_text=_("Cases whose category is known go to the dispatch hub without a registrar."),
    )  # fmt: skip
    silent_after = models.PositiveIntegerField(
        _("flagged when silent for (minutes)"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    is_active = models.BooleanField(_("in use"), default=True)
    silent_since = models.DateTimeField(_("silent since"), null=True, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("named source")
        verbose_name_plural = _("named sources")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)

    natural_key.dependencies = ["governance.area", "governance.orgunit"]

    def clean(self):
        """Refuse a mapping that cannot be read; the error names its part."""
        try:
            rules_of(self.mapping)
        except Invalid as error:
            raise ValidationError({"mapping": error.detail}) from error


class SourceKey(AccessKey):
    """A key with which a source may send."""

    source = models.ForeignKey(IntakeSource, models.PROTECT, related_name="keys", verbose_name=_("source"))

    objects = SourceKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("key of a source")
        verbose_name_plural = _("keys of sources")
        ordering = ["-id"]
        constraints = [dates_in_order("source_key_dates_in_order")]

    @property
    def owner(self) -> IntakeSource:
        """The source the key speaks for."""
        return self.source


class IntakeReceipt(models.Model):
    """Which case a source's message became; the same message again finds it here, by index.

    ``digest`` is the SHA-256 of the newest message, to tell a repetition from news. The message is not kept: what
    matters of it is the case's.
    """

    source = models.ForeignKey(IntakeSource, models.PROTECT, related_name="receipts", verbose_name=_("source"))
    external_id = models.CharField(_("number there"), max_length=120)
    case = models.ForeignKey(Case, models.CASCADE, related_name="receipts", verbose_name=_("case"))
    digest = models.CharField(max_length=64, editable=False)
    received_at = models.DateTimeField(_("received at"), default=timezone.now)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt of a source's message")
        verbose_name_plural = _("receipts of sources' messages")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="receipt_once")]

    def __str__(self):
        return self.external_id


class SourceHour(models.Model):
    """What a source sent in one hour; the health figures add up at most 24 of these."""

    source = models.ForeignKey(IntakeSource, models.CASCADE, related_name="hours", verbose_name=_("source"))
    hour = models.DateTimeField(_("hour"))
    accepted = models.PositiveIntegerField(_("accepted"), default=0)
    repeated = models.PositiveIntegerField(_("repeated"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    last_at = models.DateTimeField(_("last message"))

    class Meta:
        verbose_name = _("hour of a source")
        verbose_name_plural = _("hours of sources")
        ordering = ["-hour"]
        constraints = [models.UniqueConstraint(fields=["source", "hour"], name="source_hour_once")]

    def __str__(self):
        return f"{self.source_id} {self.hour:%Y-%m-%d %H}"


class DeadLetter(LetterSteps, WorkflowModel):
    """A message that could not be taken, as it came, with what is wrong: put right and replayed, or discarded.

    ``errors`` is a list of ``{field, code, detail}``; ``corrections`` holds values, by field of ours, that take the
    place of what the mapping finds. ``times`` counts how often the same message came. The payload may hold personal
    data: it is emptied some time after the letter was settled (``cases.intake.retention``).
    """

    LOCK_WITH = ("source__area", "case")

    source = models.ForeignKey(IntakeSource, models.PROTECT, related_name="letters", verbose_name=_("source"))
    external_id = models.CharField(_("number there"), max_length=120, blank=True)
    digest = models.CharField(max_length=64, editable=False)
    payload = models.JSONField(_("message"))
    errors = models.JSONField(_("what is wrong"), default=list)
    corrections = models.JSONField(_("corrections"), default=dict, blank=True)
    received_at = models.DateTimeField(_("received at"), default=timezone.now)
    times = models.PositiveIntegerField(_("how often it came"), default=1)
    last_at = models.DateTimeField(_("last came"), default=timezone.now)
    state = FSMField(_("state"), max_length=12, choices=LetterState, default=LetterState.REJECTED, protected=True)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="letters", verbose_name=_("case")
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("dead letter")
        verbose_name_plural = _("dead letters")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "digest"], condition=Q(state="rejected"), name="letter_open_once")
        ]
        indexes = [
            models.Index(fields=["source", "state", "-id"], name="letter_source"),
            models.Index(fields=["settled_at"], condition=Q(settled_at__isnull=False), name="letter_settled"),
        ]

    def __str__(self):
        return self.external_id or f"#{self.pk}"

    @property
    def area_id(self) -> int:
        """The area its event is filed under: that of the source."""
        return self.source.area_id
