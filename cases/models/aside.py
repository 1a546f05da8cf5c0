"""What leaves a case's usual way: requests of units, returns judged, appeals with their opinions, duplicates known."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case, RequestKind
from cases.models.catalogue import CaseCategory, LimitUnit
from cases.models.record import Dispatch
from cases.querysets import DuplicateRuleQuerySet
from governance.models import OrgUnit, User


class RequestState(models.TextChoices):
    ASKED = "asked", _("Asked")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Not granted")
    LAPSED = "lapsed", _("Lapsed")


class CaseRequest(models.Model):
    """A unit asks for more time (``amount`` of ``unit_of_time``) or to suspend the case (``until``).

    Words of the people stand with the events. ``lapsed``: the case was returned or moved on before anybody decided.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="requests", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=10, choices=RequestKind)
    status = models.CharField(_("state"), max_length=8, choices=RequestState, default=RequestState.ASKED)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    amount = models.DecimalField(_("how much longer"), max_digits=6, decimal_places=2, null=True, blank=True)
    counted_in = models.CharField(_("counted in"), max_length=12, choices=LimitUnit, blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("request of a unit")
        verbose_name_plural = _("requests of units")
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(status="asked"), name="request_one_open"),
            models.CheckConstraint(
                name="request_says_how_long",
                condition=Q(kind="extension", amount__gt=0, until=None) & ~Q(counted_in="")
                | Q(kind="suspension", amount=None, until__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.case} {self.get_kind_display()}"


class Verdict(models.TextChoices):
    PENDING = "pending", _("Not judged yet")
    JUSTIFIED = "justified", _("Justified: wrongly dispatched")
    UNJUSTIFIED = "unjustified", _("Not justified")


class CaseReturn(models.Model):
    """A unit gave a case back. The next dispatch judges it, and the time is charged to who caused it.

    To another unit: the return was ``justified``, the dispatch was wrong and the hub bears the time. To the same unit:
    ``unjustified``, and what ran until the next dispatch comes off the unit's new limit. Arbitration judges alike.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="case_returns", verbose_name=_("case"))
    dispatch = models.ForeignKey(Dispatch, models.PROTECT, related_name="case_returns", verbose_name=_("dispatch"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    returned_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("returned by"))
    returned_at = models.DateTimeField(_("returned at"))
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict, default=Verdict.PENDING)
    judged_at = models.DateTimeField(_("judged at"), null=True, blank=True)
    lost = models.DurationField(_("time lost"), null=True, blank=True)

    class Meta:
        verbose_name = _("return of a case")
        verbose_name_plural = _("returns of cases")
        ordering = ["returned_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["dispatch"], name="return_once_per_dispatch"),
            models.UniqueConstraint(fields=["case"], condition=Q(verdict="pending"), name="return_one_pending"),
        ]

    def __str__(self):
        return f"{self.case} ← {self.unit}"


class AppealGround(models.TextChoices):
    OVERDUE = "overdue", _("Late through no fault of the unit")
    NOT_OURS = "not_ours", _("Not the unit's matter")
    REWORK = "rework", _("Wrongly sent back for rework")
    RATING = "rating", _("Unreasonable demand or rating")


class CaseAppeal(models.Model):
    """A unit says that a case must not count against it; once per case. Upheld when both reviewers say so."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="appeal_row", verbose_name=_("case"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    ground = models.CharField(_("ground"), max_length=10, choices=AppealGround)
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("filed by"))
    filed_at = models.DateTimeField(_("filed at"))
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["filed_at"]

    def __str__(self):
        return f"{self.case} {self.get_ground_display()}"


class AppealOpinion(models.Model):
    """What one of the two reviewers of an appeal says; they are different people, and neither filed it."""

    REVIEWERS = 2

    appeal = models.ForeignKey(CaseAppeal, models.CASCADE, related_name="opinions", verbose_name=_("appeal"))
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("reviewer"))
    upholds = models.BooleanField(_("upholds it"))
    given_at = models.DateTimeField(_("given at"), default=timezone.now)

    class Meta:
        verbose_name = _("opinion on an appeal")
        verbose_name_plural = _("opinions on appeals")
        ordering = ["given_at", "id"]
        constraints = [models.UniqueConstraint(fields=["appeal", "reviewer"], name="opinion_once_per_reviewer")]

    def __str__(self):
        return f"{self.appeal} {self.reviewer}"


class DuplicateRule(models.Model):
    """When two reports are likely the same: how near, how soon after each other, how alike in words.

    The row without a category holds for all that have none of their own. Starting figures: same sub-class, 50 m, 24 h
    (domain/cases.md, "Clocks"). ``text_share`` is the least share of character pairs two texts have in common (Jaccard)
    where the category or the place of one is not known.
    """

    category = models.OneToOneField(
        CaseCategory, models.CASCADE, null=True, blank=True, related_name="duplicate_rule", verbose_name=_("category"),
        help_text=_("Empty: all categories without a rule of their own."),
    )  # fmt: skip
    metres = models.PositiveIntegerField(_("within metres"), default=50)
    hours = models.PositiveIntegerField(_("within hours"), default=24)
    text_share = models.DecimalField(_("words in common"), max_digits=3, decimal_places=2, default=Decimal("0.30"))

    objects = DuplicateRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("duplicate rule")
        verbose_name_plural = _("duplicate rules")
        ordering = ["category"]
        constraints = [
            models.UniqueConstraint(fields=["category"], nulls_distinct=False, name="duplicate_rule_once_per_category"),
            models.CheckConstraint(
                name="duplicate_rule_sensible",
                condition=Q(metres__range=(1, 5000), hours__range=(1, 24 * 90), text_share__range=(0, 1)),
                violation_error_message=_("Between 1 and 5,000 metres, 1 hour and 90 days, and a share from 0 to 1."),
            ),
        ]

    def __str__(self):
        return str(self.category or _("All categories"))

    def natural_key(self):
        return self.category.natural_key() if self.category else ()

    natural_key.dependencies = ["cases.casecategory"]
