"""Under which rule a decision is counted: versioned, dated data by locality, each with its source."""

from fractions import Fraction

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, DwellingUse
from property.voting.querysets import RuleSetQuerySet


class ResolutionKind(models.TextChoices):
    CONSULTATIVE = "consultative", _("Consultation (no legal force)")
    STATUTORY = "statutory", _("Owners' joint decision")


class Method(models.TextChoices):
    MAJORITY = "majority", _("Enough take part, and enough of them agree")
    OBJECTION = "objection", _("Passed unless too many object")


class HeadBy(models.TextChoices):
    OWNER = "owner", _("One head per owner, however many dwellings")
    DWELLING = "dwelling", _("One head per dwelling")


class SplitHeads(models.TextChoices):
    """How the head of an owner counts whose dwellings vote differently."""

    SET_ASIDE = "set_aside", _("Takes part, but is counted for neither side")
    LARGER_AREA = "larger_area", _("Goes with more than half of the area the owner voted with")


def usual_uses() -> list[str]:
    """Homes and shops; parking spaces only where the local rule says so."""
    return [DwellingUse.RESIDENTIAL, DwellingUse.COMMERCIAL]


class RuleSet(models.Model):
    """How one class of decisions is counted in a locality (``area`` empty: everywhere), from a day on.

    Shares are exact fractions; ``*_inclusive``: 以上/不超过 (the number itself is enough), else 超过/过半数 (more).
    ``quorum``: of the whole, must take part. ``share``: of those who took part, must agree (method majority); of the
    whole, may object at most (method objection, which knows no quorum). Both are asked of heads and, with
    ``counts_area``, also of the floor area. Never edited once a vote was announced under it (a database trigger
    refuses): a new ``version`` is made instead.
    """

    code = models.SlugField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1, validators=[MinValueValidator(1)])
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=ResolutionKind)
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="rule_sets", verbose_name=_("locality"),
        help_text=_("Left empty: everywhere."),
    )  # fmt: skip
    method = models.CharField(_("method"), max_length=10, choices=Method, default=Method.MAJORITY)
    counts_area = models.BooleanField(_("floor area counts too"), default=True)
    head_by = models.CharField(_("heads"), max_length=10, choices=HeadBy, default=HeadBy.OWNER)
    quorum_numerator = models.PositiveSmallIntegerField(_("must take part, numerator"), default=2)
    quorum_denominator = models.PositiveSmallIntegerField(_("must take part, denominator"), default=3)
    quorum_inclusive = models.BooleanField(_("exactly this share is enough to take part"), default=True)
    share_numerator = models.PositiveSmallIntegerField(_("share needed, numerator"), default=1)
    share_denominator = models.PositiveSmallIntegerField(_("share needed, denominator"), default=2)
    share_inclusive = models.BooleanField(_("exactly this share is enough"), default=False)
    split_heads = models.CharField(
        _("owner whose dwellings vote differently"), max_length=12, choices=SplitHeads, default=SplitHeads.SET_ASIDE
    )
    invalid_takes_part = models.BooleanField(_("an invalid ballot counts as taking part"), default=False)
    uses = ArrayField(
        models.CharField(max_length=12, choices=DwellingUse), verbose_name=_("uses that count"), default=usual_uses
    )
    allows_online = models.BooleanField(_("online ballots count"), default=True)
    online_may_change = models.BooleanField(_("an online ballot may be changed until the end"), default=False)
    allows_secret = models.BooleanField(_("may be secret"), default=True)
    notice_days = models.PositiveSmallIntegerField(_("days of notice"), default=15)
    publicity_days = models.PositiveSmallIntegerField(_("days of publicity"), default=7)
    valid_from = models.DateField(_("valid from"), default=timezone.localdate)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    source = models.CharField(_("where it comes from"), max_length=300)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule set")
        verbose_name_plural = _("rule sets")
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="rule_set_once"),
            models.CheckConstraint(
                name="rule_set_dates_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                name="rule_set_shares",
                condition=Q(
                    quorum_denominator__gt=0,
                    quorum_numerator__lte=F("quorum_denominator"),
                    share_denominator__gt=0,
                    share_numerator__lte=F("share_denominator"),
                ),
                violation_error_message=_("A share lies between 0 and the whole."),
            ),
            models.CheckConstraint(
                name="rule_set_uses",
                condition=Q(uses__len__gt=0),
                violation_error_message=_("Say which uses count."),
            ),
        ]

    def __str__(self):
        return f"{self.name} v{self.version}"

    def natural_key(self):
        return (self.code, self.version)

    natural_key.dependencies = ["governance.area"]

    @property
    def quorum(self) -> Fraction:
        """The share of the whole that must take part."""
        return Fraction(self.quorum_numerator, self.quorum_denominator)

    @property
    def share(self) -> Fraction:
        """The share that must agree, or may object."""
        return Fraction(self.share_numerator, self.share_denominator)
