"""Facts of cases that figures are counted from: one row per case, one per unit's turn at it (a *spell*).

They are read from the Event table (``cases.scoring.fold``) and can be thrown away and read again at any time. A period
that is computed keeps copies of its own, so that later events do not reach it. What is filed under which category, and
where, is the case's own, as it stands when the facts are read.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case, CaseSource
from cases.models.catalogue import CaseCategory
from cases.models.record import Solved
from cases.scoring.querysets import CaseFactQuerySet, SpellFactQuerySet
from governance.models import Area, OrgUnit


class Excluded(models.TextChoices):
    """Why a case does not count, the strongest first."""

    APPEAL = "appeal", _("Appeal upheld")
    MERGED = "merged", _("Merged duplicate")
    REJECTED = "rejected", _("Not accepted")
    CANCELLED = "cancelled", _("Cancelled")
    SUSPENDED = "suspended", _("Suspended")


def _unit(label, **options) -> models.ForeignKey:
    return models.ForeignKey(OrgUnit, models.PROTECT, null=True, related_name="+", verbose_name=label, **options)


class Fact(models.Model):
    """What facts of both kinds have in common: whose, where, of what kind, and why they do not count."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), db_index=False)
    category = models.ForeignKey(
        CaseCategory, models.PROTECT, null=True, related_name="+", verbose_name=_("category"), db_index=False
    )
    source = models.CharField(_("source"), max_length=12, choices=CaseSource)
    excluded = models.CharField(_("left out"), max_length=10, choices=Excluded, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return str(self.case_id)


class CaseFactBase(Fact):
    """Once per case: how it was reported, filed and first dispatched.

    ``valid``: accepted (or dealt with on the spot), None while nobody has decided. ``filing_due_at``: end of the last
    stage clock before acceptance; ``filed_in_time``: all of them were met. ``dispatch_due_at``: end of the clock of
    the first dispatch; where none ran (the hub dispatched at once), the dispatch itself. ``right_first``: the first
    dispatch stood: not recalled, not handed over to another lead, no justified return; None before it.
    """

    reported_at = models.DateTimeField(_("reported at"))
    reporting_unit = _unit(_("reporting unit"), db_index=False)
    valid = models.BooleanField(_("valid"), null=True)
    verified_at = models.DateTimeField(_("verified at"), null=True)
    filing_due_at = models.DateTimeField(_("to be filed by"), null=True)
    filed_at = models.DateTimeField(_("filed at"), null=True)
    filed_in_time = models.BooleanField(_("filed in time"), null=True)
    filing_unit = _unit(_("filing unit"), db_index=False)
    dispatch_due_at = models.DateTimeField(_("to be dispatched by"), null=True)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True)
    dispatched_in_time = models.BooleanField(_("dispatched in time"), null=True)
    dispatching_unit = _unit(_("dispatching unit"), db_index=False)
    right_first = models.BooleanField(_("right at the first dispatch"), null=True)
    contacted_at = models.DateTimeField(_("reporter contacted at"), null=True)
    contact_unit = _unit(_("unit that contacted the reporter"), db_index=False)

    objects = CaseFactQuerySet.as_manager()

    class Meta:
        abstract = True


class SpellFactBase(Fact):
    """One unit's turn at a case, from a dispatch until it is closed or the case is taken away from it.

    ``unit`` is empty where the case was dealt with on the spot. ``withdrawn``: taken back, handed over to another lead,
    or returned (unless the next dispatch goes to the same unit: then the turn goes on, the return being the unit's own
    time); it counts for nobody. ``due_at``: end of handling, which says the period it belongs to; moved by extension
    and resumption, not by rework. ``handled_at``: the submission that stands; ``in_time``: it and all before it met
    their deadlines. ``overdue_since``: the first deadline it ran past, kept whatever follows. ``closed_in_time``:
    handling, inspection and closing all met their clocks. ``answered_at``, ``score``, ``solved``: the newest answer.
    """

    ordinal = models.PositiveSmallIntegerField(_("turn"))
    unit = _unit(_("unit"), db_index=False)
    withdrawn = models.BooleanField(_("withdrawn"), default=False)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True)
    signed_at = models.DateTimeField(_("signed for at"), null=True)
    acted_at = models.DateTimeField(_("first action at"), null=True)
    contacted_at = models.DateTimeField(_("reporter contacted at"), null=True)
    due_at = models.DateTimeField(_("due"))
    handled_at = models.DateTimeField(_("handled at"), null=True)
    in_time = models.BooleanField(_("handled in time"), null=True)
    overdue_since = models.DateTimeField(_("overdue since"), null=True)
    extensions = models.PositiveSmallIntegerField(_("extensions granted"), default=0)
    reworks = models.PositiveSmallIntegerField(_("times reworked"), default=0)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_in_time = models.BooleanField(_("closed in time"), null=True)
    reopened = models.BooleanField(_("reopened"), default=False)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    score = models.PositiveSmallIntegerField(_("score"), null=True)
    solved = models.CharField(_("solved"), max_length=6, choices=Solved, blank=True)

    objects = SpellFactQuerySet.as_manager()

    class Meta:
        abstract = True


class CaseFact(CaseFactBase):
    """The facts of a case as they stand."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="fact", verbose_name=_("case"))

    class Meta:
        verbose_name = _("facts of a case")
        verbose_name_plural = _("facts of cases")
        indexes = [
            models.Index(fields=["reported_at"], name="casefact_reported"),
            models.Index(fields=["filing_due_at"], name="casefact_filing_due"),
            models.Index(fields=["dispatch_due_at"], name="casefact_dispatch_due"),
        ]


class SpellFact(SpellFactBase):
    """The facts of a unit's turn as they stand."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="spells", verbose_name=_("case"), db_index=False)

    class Meta:
        verbose_name = _("facts of a unit's turn")
        verbose_name_plural = _("facts of units' turns")
        constraints = [models.UniqueConstraint(fields=["case", "ordinal"], name="spellfact_once")]
        indexes = [
            models.Index(fields=["due_at"], name="spellfact_due"),
            models.Index(fields=["dispatched_at"], name="spellfact_dispatched"),
            models.Index(fields=["closed_at"], condition=models.Q(closed_at__isnull=False), name="spellfact_closed"),
            models.Index(fields=["unit", "due_at"], name="spellfact_unit"),
        ]


class FactCursor(models.Model):
    """Up to where events were read into facts: one row.

    ``position`` is a snapshot (``governance.live.cursor``), ``server_started`` of the database server then,
    ``as_of`` when it was read. ``rebuilt_to``: facts of cases up to this key were read anew, None when all were.
    ``unreadable``: cases whose events could not be read, for a fault that the log tells.
    """

    position = models.TextField()
    server_started = models.DateTimeField()
    as_of = models.DateTimeField()
    rebuilt_to = models.BigIntegerField(null=True, default=0)
    unreadable = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta:
        verbose_name = _("place of the facts")
        verbose_name_plural = _("places of the facts")

    def __str__(self):
        return self.position
