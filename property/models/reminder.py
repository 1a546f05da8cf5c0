"""How many days before the end of a contract or a term those in charge are told."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.querysets import NaturalCodeQuerySet

LONGEST = 730  # days: a term of party posts is three to five years, and nobody prepares earlier


class Ending(models.TextChoices):
    """What comes to an end."""

    CONTRACT = "contract", _("Property contract")
    PARTY_POST = "party_post", _("Party post")
    CROSS_APPOINTMENT = "cross_appointment", _("Cross-appointment")
    COMMITTEE = "committee", _("Owners' committee")


class TermReminder(models.Model):
    """The community and the party secretary are told ``days`` before what ``kind`` names ends, once for each end."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("what ends"), max_length=20, choices=Ending)
    days = models.PositiveSmallIntegerField(
        _("days before"), validators=[MinValueValidator(1), MaxValueValidator(LONGEST)]
    )
    is_active = models.BooleanField(_("in use"), default=True)

    objects = NaturalCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder of a term")
        verbose_name_plural = _("reminders of terms")
        ordering = ["kind", "-days"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "days"], name="term_reminder_once",
                violation_error_message=_("There is a reminder for this day already."),
            ),
            models.CheckConstraint(name="term_reminder_days", condition=Q(days__range=(1, LONGEST))),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.get_kind_display()} · {self.days}"

    def natural_key(self):
        return (self.code,)
