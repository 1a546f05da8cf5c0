"""What earns points: kinds of service, dated rules for them, and each decision with the rule it was made by."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, AreaKind, User
from partners.earning.querysets import EarningQuerySet, EarningRuleQuerySet
from partners.models.ledger import Transfer
from partners.models.partner import Partner
from partners.recruiting.querysets import CodeQuerySet

# A tariff beyond it is a slip of the hand [J].
MOST_POINTS, MOST_CAP, MOST_MONTHS = 10_000, 1_000_000, 120


class KindUse(models.TextChoices):
    SERVICE = "service", _("Services rendered")
    DONATION = "donation", _("Donations")
    PROJECT = "project", _("Projects evaluated")


class Per(models.TextChoices):
    SERVICE = "service", _("each time")
    HOUR = "hour", _("hour")
    ITEM = "item", _("item")


class ServiceKind(models.Model):
    """A kind of service, donation or project that points are given for; ``use`` says what its evidence is.

    ``counts_hours``: the hours of its records are hours of volunteering, kept in a book of their own (志愿服务条例
    19-21).
    """

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=40)
    use = models.CharField(_("used for"), max_length=10, choices=KindUse, default=KindUse.SERVICE)
    counts_hours = models.BooleanField(_("hours count as volunteering"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = CodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind of service")
        verbose_name_plural = _("kinds of service")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)


def _days(first: str, last: str) -> Func:
    """The days from one to another, both included, as a range of the database."""
    return Func(F(first), F(last), Value("[]"), function="daterange")


class EarningRule(models.Model):
    """What a kind of service earns in an area and all under it, from one day to another (both included).

    ``points`` are whole points for each service, hour or item. Caps: most points a partner gets for services of this
    kind done on one day, in one month. ``approve_above``: more points than this need a second person's approval.
    ``months``: how long the points stay good (none: always). A rule in force is never edited (database trigger): it
    ends, and a new one begins later.
    """

    kind = models.ForeignKey(ServiceKind, models.PROTECT, related_name="rules", verbose_name=_("kind of service"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    points = models.PositiveIntegerField(
        _("number of points"), validators=[MinValueValidator(1), MaxValueValidator(MOST_POINTS)]
    )
    per = models.CharField(_("for each"), max_length=10, choices=Per, default=Per.SERVICE)
    day_cap = models.PositiveIntegerField(
        _("most a day"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_CAP)]
    )
    month_cap = models.PositiveIntegerField(
        _("most a month"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_CAP)]
    )
    approve_above = models.PositiveIntegerField(
        _("two approve above"), null=True, blank=True, validators=[MaxValueValidator(MOST_CAP)],
        help_text=_("More points than this need the approval of a second person."),
    )  # fmt: skip
    months = models.PositiveSmallIntegerField(
        _("months until points expire"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MONTHS)],
    )  # fmt: skip
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True)
    source = models.CharField(_("source of the tariff"), max_length=120, blank=True)

    objects = EarningRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("earning rule")
        verbose_name_plural = _("earning rules")
        ordering = ["kind", "area", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                name="earning_rule_dates_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(name="earning_rule_positive", condition=Q(points__gte=1, points__lte=MOST_POINTS)),
            ExclusionConstraint(
                name="earning_rule_no_overlap",
                expressions=[
                    ("kind", RangeOperators.EQUAL),
                    ("area", RangeOperators.EQUAL),
                    (_days("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Another rule of this kind and area is in force in this time."),
            ),
        ]

    def __str__(self):
        return f"{self.kind} · {self.tariff}"

    @property
    def tariff(self) -> str:
        """The tariff in words, such as ``10 / hour``."""
        return f"{self.points} / {self.get_per_display()}"

    def clean(self):
        """Refuse rules of a grid: points belong to communities."""
        if self.area_id and self.area.kind == AreaKind.GRID:
            raise ValidationError({"area": _("Rules are set for a community, or what lies above it.")})


class Earning(models.Model):
    """One decision on points: how many a piece of evidence earned, by which rule, cut by which caps.

    Written once with its transfer (none where the caps left nothing); later only ``reversed_at`` and ``reversal`` are
    set, once (database trigger). ``day`` is the day of the service, which the caps are for. ``steps`` explain the
    figure (``tariffs.Reckoning``).
    """

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="earnings", verbose_name=_("partner"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    kind = models.ForeignKey(ServiceKind, models.PROTECT, related_name="+", verbose_name=_("kind of service"))
    rule = models.ForeignKey(EarningRule, models.PROTECT, related_name="earnings", verbose_name=_("earning rule"))
    day = models.DateField(_("day"))
    base = models.PositiveIntegerField(_("points before caps"))
    points = models.PositiveIntegerField(_("number of points"))
    steps = models.JSONField(_("how it was reckoned"), default=list)
    evidence_type = models.CharField(_("evidence"), max_length=60)
    evidence_id = models.BigIntegerField(_("number of the evidence"))
    transfer = models.OneToOneField(
        Transfer, models.PROTECT, null=True, blank=True, related_name="earning", verbose_name=_("transfer")
    )
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided at"))
    reversed_at = models.DateTimeField(_("reversed at"), null=True, blank=True)
    reversal = models.OneToOneField(
        Transfer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reversal")
    )

    objects = EarningQuerySet.as_manager()

    class Meta:
        verbose_name = _("earning")
        verbose_name_plural = _("earnings")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["evidence_type", "evidence_id"], name="earning_once_an_evidence"),
            models.CheckConstraint(name="earning_within_base", condition=Q(points__lte=F("base"))),
            models.CheckConstraint(
                name="earning_has_transfer",
                condition=Q(points=0, transfer__isnull=True) | Q(points__gt=0, transfer__isnull=False),
            ),
            models.CheckConstraint(
                name="earning_reversal_dated", condition=Q(reversal__isnull=True) | Q(reversed_at__isnull=False)
            ),
            models.CheckConstraint(name="earning_has_evidence", condition=~Q(evidence_type="")),
        ]
        indexes = [
            models.Index(
                fields=["partner", "kind", "day"], condition=Q(reversed_at__isnull=True), name="earning_capped"
            ),
            models.Index(fields=["area", "day"], name="earning_area_day"),
        ]

    def __str__(self):
        return f"{self.kind} · {self.points}"
