"""Figures of mediation that differ by place and year."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.models import Area
from mediation.disputes.querysets import MediationRuleQuerySet

DAYS = [MinValueValidator(1), MaxValueValidator(366)]
# The time in which a claim may be brought to court (民法典 188): so long the file must tell who its parties are [J].
LEAST_YEARS = 3


def usual_reminders() -> list[int]:
    """Days after an agreement takes effect on which confirmation is called to mind (domain/mediation.md, "Guards")."""
    return [7, 20, 27]


class MediationRule(models.Model):
    """What holds in an area and all under it from a day on; the nearest area's latest row counts.

    ``term_days``: no statute sets a term; 30 days stand in local rules, longer only by both parties.
    ``visit_days``, ``visit_months``: the product's own rule (T+7 days, T+1 month); ``visit_grace_days`` later a
    visit is overdue [J]. ``suggest_*``: when handing up is suggested (day 20, 5 persons) [J].
    ``intermediate_from``: the sum from which a matter belongs to the intermediate court (民事诉讼法 205; the sums are
    set by place and year; None: no sum is known here). ``signal_days``: so long signals keep words and complainant
    [J]. ``hazard_days``: so long excluded hazards keep words, people and photos, counted from the day on which they
    were excluded [J]. ``contact_years``: so long after a file was archived the product keeps identity numbers,
    phones and caucus notes (None: nothing is taken out). ``source``: where the figures stand. What the statute sets
    for all (the 30 days to apply for confirmation) is no figure of a place.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    valid_from = models.DateField(_("from"))
    term_days = models.PositiveSmallIntegerField(_("mediation term (days)"), default=30, validators=DAYS)
    suggest_days = models.PositiveSmallIntegerField(
        _("suggest handing up after (days)"), default=20, validators=DAYS
    )  # fmt: skip
    suggest_people = models.PositiveSmallIntegerField(
        _("suggest handing up from (persons)"), default=5, validators=[MinValueValidator(2)]
    )
    visit_days = models.PositiveSmallIntegerField(_("first visit after (days)"), default=7, validators=DAYS)
    visit_months = models.PositiveSmallIntegerField(
        _("second visit after (months)"), default=1, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    visit_grace_days = models.PositiveSmallIntegerField(
        _("a visit is overdue after (days)"), default=3, validators=[MinValueValidator(0), MaxValueValidator(60)]
    )
    intermediate_from = models.DecimalField(
        _("intermediate court from (yuan)"), max_digits=14, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(1)],
    )  # fmt: skip
    signal_days = models.PositiveSmallIntegerField(
        _("signals tell of persons for (days)"), default=730,
        validators=[MinValueValidator(90), MaxValueValidator(3660)],
    )  # fmt: skip
    hazard_days = models.PositiveSmallIntegerField(
        _("excluded hazards tell of persons for (days)"), default=365,
        validators=[MinValueValidator(30), MaxValueValidator(3660)],
    )  # fmt: skip
    contact_years = models.PositiveSmallIntegerField(
        _("archived files tell identity, phone and caucus notes for (years)"), null=True, blank=True,
        validators=[MinValueValidator(LEAST_YEARS), MaxValueValidator(100)],
        help_text=_("Empty: nothing is taken out."),
    )  # fmt: skip
    reminder_days = ArrayField(
        models.PositiveSmallIntegerField(validators=DAYS), verbose_name=_("reminders of confirmation on days"),
        default=usual_reminders,
    )  # fmt: skip
    source = models.CharField(_("stands in"), max_length=200, blank=True)

    objects = MediationRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule of mediation")
        verbose_name_plural = _("rules of mediation")
        ordering = ["area", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["area", "valid_from"], name="mediation_rule_once_a_day"),
            models.CheckConstraint(
                name="mediation_rule_days",
                condition=Q(term_days__gte=1, suggest_days__gte=1, visit_days__gte=1),
            ),
        ]

    def __str__(self):
        return f"{self.area} {self.valid_from}"

    def natural_key(self):
        return (self.area.code, self.valid_from.isoformat())
