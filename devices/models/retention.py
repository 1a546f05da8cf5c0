"""How long raw readings are kept: rows that hold from a day on."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from devices.messages import RETENTION
from governance.querysets import NaturalCodeQuerySet

# A message may be as old as this when it arrives: readings are kept at least so long.
FEWEST_DAYS, MOST_DAYS = RETENTION.days, 3660


class RetentionQuerySet(models.QuerySet):
    """Rules of retention, found by the day from which they hold."""

    def in_force(self, day) -> "ReadingRetention | None":
        """Return the rule that holds on a day: the one begun last."""
        return self.filter(starts_on__lte=day).order_by("-starts_on").first()

    def get_by_natural_key(self, starts_on):
        return self.get(starts_on=starts_on)

    visible_to = NaturalCodeQuerySet.visible_to


class ReadingRetention(models.Model):
    """From ``starts_on`` raw readings are kept for ``raw_days`` (domain/devices.md, "Storage": 90 by default).

    Hourly roll-ups are kept. What is over goes in whole weeks (``devices.retention``).
    """

    starts_on = models.DateField(_("holds from"), unique=True)
    raw_days = models.PositiveSmallIntegerField(
        _("days raw readings are kept"), validators=[MinValueValidator(FEWEST_DAYS), MaxValueValidator(MOST_DAYS)],
        help_text=_("At least 90: a message may be that old when it arrives. Hourly figures are kept for good."),
    )  # fmt: skip

    objects = RetentionQuerySet.as_manager()

    class Meta:
        verbose_name = _("retention of readings")
        verbose_name_plural = _("retention of readings")
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                name="reading_retention_days",
                condition=models.Q(raw_days__gte=FEWEST_DAYS, raw_days__lte=MOST_DAYS),
            )
        ]

    def __str__(self):
        return f"{self.starts_on}: {self.raw_days}"

    def natural_key(self):
        return (str(self.starts_on),)
