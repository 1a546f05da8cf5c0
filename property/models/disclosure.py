"""What has to be published about an estate's money, by when, and what was published."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area
from governance.workflow import FSMField, WorkflowModel
from property.costs.querysets import DisclosureQuerySet, RuleQuerySet
from property.costs.workflow import DisclosureState, DisclosureSteps
from property.models.books import EstateBooks


class DisclosureKind(models.TextChoices):
    FUND = "fund", _("Maintenance fund")
    PUBLIC_INCOME = "public_income", _("Public income")
    NOTICE = "notice", _("Time for objections to a cost period")
    SETTLEMENT = "settlement", _("Final statement of a cost period")
    SUPPLEMENT = "supplement", _("Time to pay what a correction adds")


REPEATED = (DisclosureKind.FUND, DisclosureKind.PUBLIC_INCOME)


class DisclosureRule(models.Model):
    """How often and how soon something is published in a locality (``area`` empty: everywhere), from a day on.

    ``months``: the length of the calendar spans it is published for (3: quarters, 6: half years), for the fund and
    public income. ``days``: within how many days after a span ends or a period is settled; for objections, how long a
    period hangs out at least; for what a correction adds, until when households pay it. Of several rules the nearest
    locality counts, then the newest day.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("what"), max_length=15, choices=DisclosureKind)
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="disclosure_rules", verbose_name=_("locality"),
        help_text=_("Left empty: everywhere."),
    )  # fmt: skip
    months = models.PositiveSmallIntegerField(
        _("every so many months"), null=True, blank=True, help_text=_("1, 2, 3, 4, 6 or 12; only what is repeated.")
    )
    days = models.PositiveSmallIntegerField(_("days"))
    valid_from = models.DateField(_("valid from"), default=timezone.localdate)
    source = models.CharField(_("where it comes from"), max_length=200)

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule of disclosure")
        verbose_name_plural = _("rules of disclosure")
        ordering = ["kind", "area", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "area", "valid_from"], nulls_distinct=False, name="disclosure_rule_once"
            ),
            models.CheckConstraint(
                name="disclosure_rule_months",
                condition=Q(kind__in=["fund", "public_income"], months__in=[1, 2, 3, 4, 6, 12])
                | Q(kind__in=["notice", "settlement", "supplement"], months=None),
                violation_error_message=_("Months: 1, 2, 3, 4, 6 or 12 for the fund and public income, else none."),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.valid_from}"

    def natural_key(self):
        return (self.code,)


class Disclosure(DisclosureSteps, WorkflowModel):
    """What has to be published for a span of days of an estate's fund or public income, by ``due_on``.

    Made when the span is over (``property.costs.disclosures``). ``figures``: what was published, kept for good. It is
    overdue when the day has passed and nothing hangs out.
    """

    LOCK_WITH = ("books__estate__area", "books__company")

    books = models.ForeignKey(
        EstateBooks, models.PROTECT, related_name="disclosures", verbose_name=_("books of an estate")
    )
    kind = models.CharField(_("what"), max_length=15, choices=DisclosureKind)
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    due_on = models.DateField(_("to be published by"))
    state = FSMField(_("state"), max_length=10, choices=DisclosureState, default=DisclosureState.DUE, protected=True)
    rule = models.ForeignKey(DisclosureRule, models.PROTECT, related_name="+", verbose_name=_("rule of disclosure"))
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    figures = models.JSONField(_("figures"), null=True, editable=False)

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        ordering = ["-last", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["books", "kind", "first"], name="disclosure_once"),
            models.CheckConstraint(
                name="disclosure_days", condition=Q(last__gte=F("first"), due_on__gt=F("last"))
            ),
            models.CheckConstraint(
                name="disclosure_with_figures",
                condition=Q(state="published", figures__isnull=False, published_at__isnull=False)
                | Q(state="due", figures=None, published_at=None),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.books} · {self.get_kind_display()} · {self.first:%Y-%m-%d} – {self.last:%Y-%m-%d}"

    @property
    def area_id(self) -> int:
        """Where events about it lie."""
        return self.books.area_id

    @property
    def is_overdue(self) -> bool:
        """Whether its day has passed and nothing hangs out."""
        return self.state == DisclosureState.DUE and self.due_on < timezone.localdate()
