"""Dispatch rules: what a city decides otherwise than its filing standards, and the trial of each rule on past cases."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.models.case import CaseSource
from cases.models.catalogue import CaseCategory, FilingStandard, LimitUnit, UnitPart
from cases.rules.querysets import RuleQuerySet
from cases.rules.workflow import RuleState, RuleSteps
from governance.models import Area, OrgUnit, User
from governance.models.venue import Weekday
from governance.workflow import FSMField, WorkflowModel


class DispatchRule(RuleSteps, WorkflowModel):
    """Conditions → units and limit; asked before the filing standards.

    All conditions that are stated must hold (see ``cases.dispatch.matching``): the case lies in ``area`` or under it;
    its category (or the class above it) is one of ``categories``; it is filed under ``standard``; it comes from one of
    ``sources``; its text holds one of ``words``; a device of ``device_profile`` opened it; it is dispatched on one of
    ``weekdays`` between ``from_time`` and ``to_time`` (at or before the beginning: over midnight) and within
    ``valid_from`` to ``valid_to``. Times are Asia/Shanghai.

    ``units`` say who leads, assists and supervises; without a limit of its own the rule keeps that of the standard. Of
    several rules the one with the lowest ``priority`` decides, then the more specific, then the older one.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=100, validators=[MinValueValidator(1), MaxValueValidator(999)],
        help_text=_("1 to 999; the lowest number is asked first."),
    )  # fmt: skip
    state = FSMField(_("state"), max_length=8, choices=RuleState, default=RuleState.DRAFT, protected=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="dispatch_rules", verbose_name=_("area"))
    standard = models.ForeignKey(
        FilingStandard, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("filing standard")
    )
    sources = ArrayField(
        models.CharField(max_length=12, choices=CaseSource), verbose_name=_("sources"), default=list, blank=True
    )
    words = ArrayField(
        models.CharField(max_length=30), verbose_name=_("words"), default=list, blank=True, size=30,
        help_text=_("The text of the case holds one of them."),
    )  # fmt: skip
    device_profile = models.CharField(
        _("device profile"), max_length=40, blank=True, help_text=_("Code of the type of device that opened the case.")
    )
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday), verbose_name=_("days of the week"), default=list, blank=True
    )
    from_time = models.TimeField(_("from o'clock"), null=True, blank=True)
    to_time = models.TimeField(
        _("to o'clock"), null=True, blank=True, help_text=_("At or before the beginning: on the next day.")
    )
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("to"), null=True, blank=True)
    limit_amount = models.DecimalField(
        _("limit"), max_digits=6, decimal_places=2, null=True, blank=True,
        help_text=_("Left empty: that of the filing standard."),
    )  # fmt: skip
    limit_unit = models.CharField(_("limit counted in"), max_length=12, choices=LimitUnit, blank=True)
    switched_at = models.DateTimeField(_("switched at"), null=True, blank=True, editable=False)

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispatch rule")
        verbose_name_plural = _("dispatch rules")
        ordering = ["priority", "code"]
        indexes = [models.Index(fields=["area"], condition=Q(state="on"), name="rule_deciding")]
        constraints = [
            models.CheckConstraint(
                name="rule_hours_whole",
                condition=Q(from_time__isnull=True, to_time__isnull=True)
                | Q(from_time__isnull=False, to_time__isnull=False),
                violation_error_message=_("Give both hours or none."),
            ),
            models.CheckConstraint(
                name="rule_dates_in_order",
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                name="rule_limit_whole",
                condition=Q(limit_amount__isnull=True, limit_unit="") | (Q(limit_amount__gt=0) & ~Q(limit_unit="")),
                violation_error_message=_("Give the limit and what it is counted in, or neither."),
            ),
        ]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)

    def clean(self):
        """Refuse words that would hold in every text."""
        if any(not word.strip() for word in self.words):
            raise ValidationError({"words": _now("An empty word stands in every text.")})


class RuleCategory(models.Model):
    """A category that a rule is about; a class stands for all its sub-classes."""

    rule = models.ForeignKey(DispatchRule, models.CASCADE, related_name="categories", verbose_name=_("rule"))
    category = models.ForeignKey(CaseCategory, models.PROTECT, related_name="+", verbose_name=_("category"))

    class Meta:
        verbose_name = _("category of a rule")
        verbose_name_plural = _("categories of a rule")
        ordering = ["category"]
        constraints = [models.UniqueConstraint(fields=["rule", "category"], name="rule_category_once")]

    def __str__(self):
        return str(self.category)


class RuleUnit(models.Model):
    """One unit named by a rule: a unit itself, or a role text resolved per area by ``UnitAlias``."""

    rule = models.ForeignKey(DispatchRule, models.CASCADE, related_name="units", verbose_name=_("rule"))
    part = models.CharField(_("part"), max_length=12, choices=UnitPart)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit"))
    role_name = models.CharField(_("role text"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("unit of a rule")
        verbose_name_plural = _("units of a rule")
        ordering = ["part", "position", "id"]
        constraints = [
            models.CheckConstraint(
                name="rule_unit_or_role",
                condition=Q(unit__isnull=False, role_name="") | (Q(unit__isnull=True) & ~Q(role_name="")),
                violation_error_message=_("Name either a unit or a role text."),
            ),
            models.UniqueConstraint(fields=["rule"], condition=Q(part="lead"), name="rule_one_lead"),
        ]

    def __str__(self):
        return f"{self.get_part_display()} {self.unit or self.role_name}"


class RuleTrial(models.Model):
    """A dry run: what a rule, with the content kept here, would have done to the cases of ``days`` before ``run_at``.

    ``content`` is the rule as it was (codes and figures), ``digest`` stands for it: a rule may be switched on only
    while its newest trial has the digest of its present content. ``considered`` cases were looked at; with ``cut``
    there were more. ``matched`` = ``same`` + ``other`` + ``unled`` + ``unresolved``: the rule's unit is the one that
    closed the case (or has it now), is another one, nobody has the case now, or no unit fills the rule's role there.
    ``earlier`` of the matched would have been decided by another rule before this one. ``differing`` lists cases that
    would have gone elsewhere: case id, unit that has it, unit of the rule.
    """

    rule = models.ForeignKey(DispatchRule, models.CASCADE, related_name="trials", verbose_name=_("rule"))
    content = models.JSONField(_("content"))
    digest = models.CharField(max_length=64)
    days = models.PositiveSmallIntegerField(_("days"))
    considered = models.PositiveIntegerField(_("cases"))
    cut = models.BooleanField(_("more than were looked at"), default=False)
    matched = models.PositiveIntegerField(_("matched"))
    same = models.PositiveIntegerField(_("to the same unit"))
    other = models.PositiveIntegerField(_("to another unit"))
    unled = models.PositiveIntegerField(_("with no unit now"))
    unresolved = models.PositiveIntegerField(_("role that no unit fills"))
    earlier = models.PositiveIntegerField(_("decided by an earlier rule"))
    differing = models.JSONField(_("cases that would have gone elsewhere"), default=list)
    run_at = models.DateTimeField(_("tried at"))
    run_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("tried by"))

    class Meta:
        verbose_name = _("trial of a rule")
        verbose_name_plural = _("trials of a rule")
        ordering = ["-id"]

    def __str__(self):
        return f"{self.rule} {self.run_at:%Y-%m-%d %H:%M}"
