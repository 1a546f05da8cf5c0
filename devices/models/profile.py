"""What kinds of devices there are, what they report, and what of it is an alarm."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import CaseCategory, CaseSource, FilingStandard, Scene
from devices.querysets import ProfilePartQuerySet, ProfileQuerySet

# The status word of a device that finds nothing wrong; every profile knows it.
NORMAL = "normal"
# What a device has that never reported a status.
UNKNOWN = "unknown"
# The alarm of a device that is silent for too long: the product finds it, no device says it.
OFFLINE = "offline"
# The alarm of a battery that is nearly empty, in every profile that has one.
BATTERY_LOW = "battery_low"
# A condition that returns within this time of clearing is the same occurrence, in seconds (domain/devices.md).
REOPEN_WINDOW = 30 * 60
MOST_DELAY = 24 * 3600
MOST_SAMPLES = 32
COMMON_LABELS = {NORMAL: _("Normal"), UNKNOWN: _("Unknown")}

word_validator = RegexValidator(
    r"^[a-z][a-z0-9_]{0,39}$", _("Use small letters, digits and underscores, a letter first; at most 40.")
)


class Severity(models.TextChoices):
    """How bad an alarm is; of all alarms about 5, 15 and 80 % (EEMUA 191)."""

    HIGH = "high", _("High severity")
    MEDIUM = "medium", _("Medium severity")
    LOW = "low", _("Low severity")


class ProfileState(models.TextChoices):
    """Of the versions of a profile one is in force; one more may be in work."""

    DRAFT = "draft", _("Draft")
    IN_FORCE = "in_force", _("In force")
    RETIRED = "retired", _("No longer in force")


class DeviceProfile(models.Model):
    """One version of a type of device. ``reporting_interval`` is how often one reports when all is well, in seconds.

    ``category`` is that of its cases where a status names no filing standard; ``scene`` is where its devices and alarms
    are looked at. All limits are data of the profile, never code (domain/devices.md, "Starting profiles"). Devices
    point at the version in force; what it says of alarms does not change any more: a new version is drafted, tried on
    past readings and published (``devices.profiles``).
    """

    code = models.CharField(_("code"), max_length=40, validators=[word_validator])
    version = models.PositiveSmallIntegerField(_("version"), default=1, validators=[MinValueValidator(1)])
    state = models.CharField(_("state"), max_length=8, choices=ProfileState, default=ProfileState.IN_FORCE)
    published_at = models.DateTimeField(_("in force since"), null=True, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=60)
    reporting_interval = models.PositiveIntegerField(
        _("reporting interval (seconds)"), default=300, validators=[MinValueValidator(1)]
    )
    category = models.ForeignKey(
        CaseCategory, models.PROTECT, related_name="device_profiles", verbose_name=_("case category")
    )
    scene = models.ForeignKey(
        Scene, models.PROTECT, null=True, blank=True, related_name="device_profiles", verbose_name=_("scene")
    )
    case_source = models.CharField(
        _("source of its cases"),
        max_length=12,
        choices=[(source.value, source.label) for source in (CaseSource.SENSOR, CaseSource.VIDEO)],
        default=CaseSource.SENSOR,
    )

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("device profile")
        verbose_name_plural = _("device profiles")
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="profile_version_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state=ProfileState.IN_FORCE), name="profile_in_force_once"
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(state=ProfileState.DRAFT),
                name="profile_draft_once",
                violation_error_message=_("There is a draft of this profile already."),
            ),
        ]

    def __str__(self):
        return self.name if self.state == ProfileState.IN_FORCE else f"{self.name} v{self.version}"

    def natural_key(self):
        return (self.code,) if self.state == ProfileState.IN_FORCE else (self.code, self.version)

    @property
    def offline_after(self) -> timedelta:
        """Silence after which a device counts as offline: 3 intervals and 10 % (domain/devices.md)."""
        return timedelta(seconds=self.reporting_interval * 3.3)

    natural_key.dependencies = ["cases.casecategory", "cases.scene"]

    @property
    def is_draft(self) -> bool:
        """Whether it is still in work: only then may what it says of alarms be changed."""
        return self.state == ProfileState.DRAFT

    def label_of(self, word: str) -> str:
        """Return what a person reads for a status word; the word itself when the profile no longer has it."""
        if word in COMMON_LABELS:
            return str(COMMON_LABELS[word])
        return next((status.label for status in self.statuses.all() if status.code == word), word)

    def metric_named(self, name: str) -> "ProfileMetric | None":
        """Return the profile's metric of that name; figures it does not know are stored without label and limit."""
        return next((metric for metric in self.metrics.all() if metric.metric == name), None)


class ProfileStatus(models.Model):
    """A status word other than ``normal``: an alarm of that type. The case it opens follows ``standard``.

    Without a standard the case has the profile's category and waits for a dispatcher. ``opens_case`` off: the alarm
    stands in the console only.
    """

    profile = models.ForeignKey(
        DeviceProfile, models.CASCADE, related_name="statuses", verbose_name=_("device profile")
    )
    code = models.CharField(_("status word"), max_length=40, validators=[word_validator])
    label = models.CharField(_("label"), max_length=40)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity, default=Severity.MEDIUM)
    standard = models.ForeignKey(
        FilingStandard,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="device_statuses",
        verbose_name=_("filing standard"),
    )
    opens_case = models.BooleanField(_("opens a case"), default=True)
    on_delay = models.PositiveIntegerField(
        _("on-delay (seconds)"), default=0, validators=[MaxValueValidator(MOST_DELAY)],
        help_text=_("How long a figure must stay past its limit; not for what the device itself asserts."),
    )  # fmt: skip
    off_delay = models.PositiveIntegerField(
        _("off-delay (seconds)"), default=0, validators=[MaxValueValidator(MOST_DELAY)],
        help_text=_("How long a figure must stay normal before the alarm is over."),
    )  # fmt: skip
    samples_needed = models.PositiveSmallIntegerField(
        _("samples needed"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_SAMPLES)],
    )  # fmt: skip
    samples_of = models.PositiveSmallIntegerField(
        _("of the last"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_SAMPLES)],
        help_text=_("2 of the last 3 samples past the limit, for example."),
    )  # fmt: skip
    latched = models.BooleanField(
        _("latched"), default=False,
        help_text=_("Normal again is not enough: somebody must have looked (the case is closed)."),
    )  # fmt: skip
    reopen_window = models.PositiveIntegerField(
        _("reopen window (seconds)"), default=REOPEN_WINDOW, validators=[MaxValueValidator(MOST_DELAY)],
        help_text=_("Back within this time of being over, it is the same occurrence."),
    )  # fmt: skip

    objects = ProfilePartQuerySet.as_manager()

    class Meta:
        verbose_name = _("status of a profile")
        verbose_name_plural = _("statuses of a profile")
        ordering = ["profile", "code"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "code"], name="profile_status_once"),
            models.CheckConstraint(
                name="profile_status_not_normal",
                condition=~Q(code__in=[NORMAL, UNKNOWN]),
                violation_error_message=_("“normal” and “unknown” are known to every profile and are no alarms."),
            ),
            models.CheckConstraint(
                name="profile_status_n_of_m",
                condition=Q(samples_needed__gte=1, samples_needed__lte=F("samples_of"), samples_of__lte=MOST_SAMPLES),
                violation_error_message=_("Of the last samples at least one is needed, and no more than all of them."),
            ),
            models.CheckConstraint(
                name="profile_status_delays",
                condition=Q(on_delay__lte=MOST_DELAY, off_delay__lte=MOST_DELAY, reopen_window__lte=MOST_DELAY),
            ),
        ]

    def __str__(self):
        return self.label

    def natural_key(self):
        return (*self.profile.natural_key(), self.code)

    natural_key.dependencies = ["devices.deviceprofile", "cases.filingstandard"]


class ProfileMetric(models.Model):
    """A figure a device reports. With limits, it raises alarms of type ``alarm`` (a status word of the profile).

    At or above ``high`` (or at or below ``low``) the alarm is raised; it is cleared only at or past ``clear``, so that
    a value swinging round the limit raises one alarm, not many (ISA-18.2 deadband). At or past ``critical`` there is no
    delay and the alarm is of ``critical_severity`` as long as the figure stays there.
    """

    profile = models.ForeignKey(DeviceProfile, models.CASCADE, related_name="metrics", verbose_name=_("device profile"))
    metric = models.CharField(_("metric"), max_length=40, validators=[word_validator])
    label = models.CharField(_("label"), max_length=40)
    unit = models.CharField(_("measured in"), max_length=12, blank=True)
    high = models.FloatField(_("alarm from"), null=True, blank=True)
    low = models.FloatField(_("alarm down from"), null=True, blank=True)
    clear = models.FloatField(_("normal again at"), null=True, blank=True)
    critical = models.FloatField(_("critical from"), null=True, blank=True)
    critical_severity = models.CharField(_("then"), max_length=8, choices=Severity, default=Severity.HIGH)
    alarm = models.CharField(
        _("raises status"), max_length=40, blank=True, help_text=_("A status word of this profile."),
        validators=[word_validator],
    )  # fmt: skip

    objects = ProfilePartQuerySet.as_manager()

    class Meta:
        verbose_name = _("metric of a profile")
        verbose_name_plural = _("metrics of a profile")
        ordering = ["profile", "metric"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "metric"], name="profile_metric_once"),
            models.UniqueConstraint(
                fields=["profile", "alarm"],
                condition=~Q(alarm=""),
                name="profile_metric_alarm_once",
                violation_error_message=_("Another metric of this profile raises this status."),
            ),
            models.CheckConstraint(
                name="profile_metric_not_status",
                condition=~Q(metric="status"),
                violation_error_message=_("“status” is no metric: it is the device's own word."),
            ),
            models.CheckConstraint(
                name="profile_metric_limits",
                condition=Q(high__isnull=True, low__isnull=True, clear__isnull=True, alarm="")
                | (Q(high__isnull=False, low__isnull=True, clear__lt=F("high")) & ~Q(alarm=""))
                | (Q(high__isnull=True, low__isnull=False, clear__gt=F("low")) & ~Q(alarm="")),
                violation_error_message=_(
                    "Give either no limit, or one limit with the value for normal on its good side and a status."
                ),
            ),
            models.CheckConstraint(
                name="profile_metric_critical",
                condition=Q(critical__isnull=True)
                | Q(high__isnull=False, critical__gte=F("high"))
                | Q(low__isnull=False, critical__lte=F("low")),
                violation_error_message=_("The critical limit lies past the limit of the alarm."),
            ),
        ]

    def __str__(self):
        return self.label

    def clean(self):
        """Refuse a status the saved profile does not have."""
        if self.alarm and self.profile_id and not self.profile.statuses.filter(code=self.alarm).exists():
            raise ValidationError({"alarm": _("This profile has no such status. Save the status first.")})

    def natural_key(self):
        return (*self.profile.natural_key(), self.metric)

    natural_key.dependencies = ["devices.deviceprofile"]
