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
# An alarm raised so often within so many seconds chatters: three times in a minute (ISA-18.2, EEMUA 191).
CHATTER_COUNT, CHATTER_WINDOW = 3, 60
# How long it is shelved then, in minutes: a shift [J].
CHATTER_SHELF, MOST_SHELF = 8 * 60, 7 * 24 * 60
# Alarms of a type belong to one storm while no more time lies between two of them: rain of one event has no dry spell
# of six hours, the usual minimum inter-event time of hydrology [J for alarms].
STORM_PAUSE = 6 * 3600
STORM_WINDOW = 30 * 60
# A device may say more than usual while something happens; below one message a second nothing is won by refusing [J].
FEWEST_PER_MINUTE, TIMES_THE_USUAL = 60, 5
# Phones find themselves to 5-20 m in the open and worse between high buildings; a neighbouring cover is further [J].
CLAIM_DISTANCE = 50
COMMON_LABELS = {NORMAL: _("Normal"), UNKNOWN: _("Unknown")}

word_validator = RegexValidator(
    r"^[a-z][a-z0-9_]{0,39}$", _("Use small letters, digits and underscores, a letter first; at most 40.")
)


def offline_after(interval: int) -> timedelta:
    """Return the silence after which a device that reports every so many seconds is offline (domain/devices.md)."""
    return timedelta(seconds=interval * 3.3)


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
    are looked at. ``most_per_minute``: what a device sends beyond that is refused (``devices.rates``). An alarm that is
    raised ``chatter_count`` times within ``chatter_window`` seconds is shelved by itself for ``chatter_shelf`` minutes
    (``devices.chattering``). All limits are data of the profile, never code (domain/devices.md, "Starting profiles").
    Devices point at the version in force; what it says of alarms does not change any more: a new version is drafted,
    tried on past readings and published (``devices.profiles``).
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
    claim_distance = models.PositiveSmallIntegerField(
        _("put up within (metres)"), default=CLAIM_DISTANCE, validators=[MinValueValidator(1), MaxValueValidator(5000)],
        help_text=_("How far from its registered place a device may be put in service on site."),
    )  # fmt: skip
    case_source = models.CharField(
        _("source of its cases"),
        max_length=12,
        choices=[(source.value, source.label) for source in (CaseSource.SENSOR, CaseSource.VIDEO)],
        default=CaseSource.SENSOR,
    )
    most_per_minute = models.PositiveIntegerField(
        _("most messages a minute"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("Of one device; more is refused. Empty: five times what it reports usually, at least 60."),
    )  # fmt: skip
    chatter_count = models.PositiveSmallIntegerField(
        _("chatters when raised (times)"), default=CHATTER_COUNT, validators=[MaxValueValidator(100)],
        help_text=_("An alarm raised so often within the time that follows is shelved by itself; 0: never."),
    )  # fmt: skip
    chatter_window = models.PositiveIntegerField(
        _("within (seconds)"), default=CHATTER_WINDOW, validators=[MinValueValidator(1), MaxValueValidator(MOST_DELAY)],
        help_text=_("Three times in a minute by ISA-18.2; longer for what reports rarely."),
    )  # fmt: skip
    chatter_shelf = models.PositiveIntegerField(
        _("then shelved for (minutes)"), default=CHATTER_SHELF,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_SHELF)],
    )  # fmt: skip
    chatter_category = models.ForeignKey(
        CaseCategory, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("category of the case when it chatters"),
        help_text=_("One maintenance case for the owner unit of the device. Empty: in the console only."),
    )  # fmt: skip

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
            models.CheckConstraint(
                name="profile_chatter",
                condition=~Q(chatter_count=1) & Q(chatter_window__gte=1, chatter_shelf__range=(1, MOST_SHELF)),
                violation_error_message=_("Once is no chattering: give 2 or more, or 0 for never."),
            ),
        ]

    def __str__(self):
        return self.name if self.state == ProfileState.IN_FORCE else f"{self.name} v{self.version}"

    def natural_key(self):
        return (self.code,) if self.state == ProfileState.IN_FORCE else (self.code, self.version)

    @property
    def offline_after(self) -> timedelta:
        """Silence after which a device counts as offline: 3 intervals and 10 % (domain/devices.md)."""
        return offline_after(self.reporting_interval)

    natural_key.dependencies = ["cases.casecategory", "cases.scene"]

    @property
    def rate(self) -> float:
        """Messages a minute that one device may send."""
        return self.most_per_minute or max(FEWEST_PER_MINUTE, TIMES_THE_USUAL * 60 / self.reporting_interval)

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
    stands in the console only. ``storm_count`` alarms of the type that are raised in one grid within ``storm_window``
    seconds are one storm with one case, which later ones join until ``storm_pause`` seconds pass without one
    (``devices.storms``). ``over_after``: what a camera sees is one event and it never says ``normal``, so the condition
    ends by itself so many seconds after it was last asserted; None: only ``normal`` ends it.
    ``maintain_while_handled``: who handles its case works on the device itself, as on a cover that is gone, and not on
    what it tells of, as water.
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
    maintain_while_handled = models.BooleanField(
        _("in maintenance while its case is handled"), default=False,
        help_text=_("Such a case is work on the device itself: all its alarms are held back from the beginning of the "
                    "work until the case is closed, a day at most."),
    )  # fmt: skip
    reopen_window = models.PositiveIntegerField(
        _("reopen window (seconds)"), default=REOPEN_WINDOW, validators=[MaxValueValidator(MOST_DELAY)],
        help_text=_("Back within this time of being over, it is the same occurrence."),
    )  # fmt: skip
    over_after = models.PositiveIntegerField(
        _("over by itself after (seconds)"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DELAY)],
        help_text=_("For single events of devices that never say “normal” (cameras): over so long after the last of "
                    "them. Empty: it stands until “normal”."),
    )  # fmt: skip
    storm_count = models.PositiveSmallIntegerField(
        _("a storm from (alarms)"), default=0, validators=[MaxValueValidator(1000)],
        help_text=_("So many of this type in one grid become one case; 0: never."),
    )  # fmt: skip
    storm_window = models.PositiveIntegerField(
        _("raised within (seconds)"), default=STORM_WINDOW,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DELAY)],
    )  # fmt: skip
    storm_pause = models.PositiveIntegerField(
        _("over after (seconds without one)"), default=STORM_PAUSE,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DELAY)],
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
            models.CheckConstraint(
                name="profile_status_over_after",
                condition=Q(over_after=None) | (Q(over_after__range=(1, MOST_DELAY)) & ~Q(code=OFFLINE)),
                violation_error_message=_("That a device is offline ends when it is heard again, not by itself."),
            ),
            models.CheckConstraint(
                name="profile_status_storm",
                condition=~Q(storm_count=1)
                & Q(storm_window__range=(1, MOST_DELAY), storm_pause__range=(1, MOST_DELAY)),
                violation_error_message=_("One alarm is no storm: give 2 or more, or 0 for never."),
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
    delay and the alarm is of ``critical_severity`` as long as the figure stays there. A figure below ``valid_min`` or
    above ``valid_max`` cannot be: it is stored as bad and never judged. ``relative_to_baseline``: the
    figure judged is the distance, either way, from the device's baseline (``devices.baselines``).
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
    valid_min = models.FloatField(_("smallest possible"), null=True, blank=True)
    valid_max = models.FloatField(
        _("greatest possible"), null=True, blank=True,
        help_text=_("Figures outside of what can be are kept as bad and raise no alarm."),
    )  # fmt: skip
    alarm = models.CharField(
        _("raises status"), max_length=40, blank=True, help_text=_("A status word of this profile."),
        validators=[word_validator],
    )  # fmt: skip

    relative_to_baseline = models.BooleanField(
        _("relative to the baseline"), default=False,
        help_text=_("Judged is how far the figure is from what the device measured when it was put up."),
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
                name="profile_metric_relative",
                condition=Q(relative_to_baseline=False) | Q(high__isnull=False),
                violation_error_message=_("Only a metric with an upper limit can be relative to the baseline."),
            ),
            models.CheckConstraint(
                name="profile_metric_critical",
                condition=Q(critical__isnull=True)
                | Q(high__isnull=False, critical__gte=F("high"))
                | Q(low__isnull=False, critical__lte=F("low")),
                violation_error_message=_("The critical limit lies past the limit of the alarm."),
            ),
            models.CheckConstraint(
                name="profile_metric_valid",
                condition=Q(valid_min=None) | Q(valid_max=None) | Q(valid_min__lt=F("valid_max")),
                violation_error_message=_("The smallest possible figure lies below the greatest possible one."),
            ),
        ]

    def __str__(self):
        return self.label

    # The status words entered along with it, each with the seconds after which it is over by itself; None: the stored.
    known: dict[str, int | None] | None = None

    def clean(self):
        """Refuse a status the profile does not have, and one that is over by itself."""
        if not self.alarm or (self.known is None and not self.profile_id):
            return
        known = dict(self.profile.statuses.values_list("code", "over_after")) if self.known is None else self.known
        if self.alarm not in known:
            raise ValidationError({"alarm": _("The profile has no status “%(status)s”.") % {"status": self.alarm}})
        if known[self.alarm] is not None:
            told = _("“%(status)s” is over by itself after %(seconds)s s, so no figure can raise it: empty either.")
            raise ValidationError({"alarm": told % {"status": self.alarm, "seconds": known[self.alarm]}})

    def natural_key(self):
        return (*self.profile.natural_key(), self.metric)

    natural_key.dependencies = ["devices.deviceprofile"]
