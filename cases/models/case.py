"""The case: a ticket of any source."""

import secrets

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models.catalogue import CaseCategory, FilingStandard, UnitPart
from cases.querysets import TEXT, CaseQuerySet
from cases.states import OPEN, CaseState
from cases.workflow import CaseSteps
from governance.models import Area, OrgUnit, User
from governance.search.text import Pairs
from governance.workflow import FSMField, WorkflowModel


class CaseSource(models.TextChoices):
    SENSOR = "sensor", _("Sensor")
    GRID_WORKER = "grid_worker", _("Grid worker")
    RESIDENT = "resident", _("Resident")
    HOTLINE = "hotline", _("Hotline")
    DEPARTMENT = "department", _("Department")
    PATROL = "patrol", _("Patrol")
    STEWARD = "steward", _("Red steward")
    VIDEO = "video", _("Video")
    ASSEMBLY = "assembly", _("Assembly")


class RequestKind(models.TextChoices):
    EXTENSION = "extension", _("Extension")
    SUSPENSION = "suspension", _("Suspension")


class AppealState(models.TextChoices):
    FILED = "filed", _("Appeal filed")
    UPHELD = "upheld", _("Appeal upheld")
    REFUSED = "refused", _("Appeal refused")


def new_token() -> str:
    """Return a tracking token of 192 random bits: whoever has it may follow the case."""
    return secrets.token_urlsafe(24)


class Case(CaseSteps, WorkflowModel):
    """A ticket: a repair, a patrol finding, a sensor alarm or a resident's report.

    ``due_at`` is the end of the stage the case is in (None when nothing runs), ``promised_at`` the end of handling as
    told to residents. ``review_reason`` is a code when a dispatcher must decide (see ``cases.dispatch``).
    ``origin`` names what opened it (``{"device": "MC-001", "alarm": 12}``); ids and codes only. People who reported are
    ``CaseReporter`` rows. ``parent``: the larger matter it is a part of; ``merged_into``: the case that was reported
    first. ``extensions``, ``returns`` and ``reworks`` count what happened so often that a rule limits or heeds it;
    ``open_request`` is what the unit asked for and nobody has decided (extension, suspension); ``appeal_state`` is
    filed, upheld or refused, "" without an appeal. Coordinates are WGS-84. ``number`` (``C20261123-000123``: day of
    the report, running number) is given by a database trigger; gaps may occur, the same number never twice.
    """

    LOCK_WITH = ("area", "category", "standard", "lead_unit")

    number = models.CharField(_("number"), max_length=20, unique=True, db_default="", editable=False)
    token = models.CharField(_("tracking token"), max_length=40, unique=True, default=new_token, editable=False)
    state = FSMField(_("state"), max_length=12, choices=CaseState, default=CaseState.REPORTED, protected=True)
    source = models.CharField(_("source"), max_length=12, choices=CaseSource)
    category = models.ForeignKey(
        CaseCategory, models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("category")
    )
    standard = models.ForeignKey(
        FilingStandard, models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("filing standard")
    )
    description = models.TextField(_("description"), max_length=4000)
    area = models.ForeignKey(Area, models.PROTECT, related_name="cases", verbose_name=_("area"))
    address = models.CharField(_("address"), max_length=200, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    lead_unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="led_cases", verbose_name=_("lead unit")
    )
    reporter = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="reported_cases", verbose_name=_("reported by")
    )
    origin = models.JSONField(_("origin"), default=dict, blank=True)
    review_reason = models.CharField(_("why a dispatcher must decide"), max_length=40, blank=True)
    result = models.TextField(_("result of handling"), max_length=2000, blank=True)
    reported_at = models.DateTimeField(_("reported at"), default=timezone.now)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    signed_at = models.DateTimeField(_("signed for at"), null=True, blank=True)
    contacted_at = models.DateTimeField(_("reporter contacted at"), null=True, blank=True)
    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True)
    suspended_until = models.DateTimeField(_("suspended until"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    promised_at = models.DateTimeField(_("promised"), null=True, blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="children",
        verbose_name=_("part of"),
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="merged",
        verbose_name=_("merged into"),
    )
    extensions = models.PositiveSmallIntegerField(_("extensions granted"), default=0)
    returns = models.PositiveSmallIntegerField(_("times returned"), default=0)
    reworks = models.PositiveSmallIntegerField(_("times reworked"), default=0)
    open_request = models.CharField(_("asked for"), max_length=10, choices=RequestKind, blank=True)
    appeal_state = models.CharField(_("appeal"), max_length=8, choices=AppealState, blank=True)
    arbitrated = models.BooleanField(_("decided by arbitration"), default=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "-id"], name="case_state"),
            models.Index(fields=["area", "-id"], name="case_area"),
            models.Index(fields=["lead_unit", "state", "-id"], name="case_lead"),
            models.Index(fields=["category", "-id"], name="case_category"),
            models.Index(fields=["reported_at"], name="case_reported"),
            GinIndex(Pairs(TEXT), name="case_text"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="case_due"),
            # Of the overview: open cases are few among all, and counted without reading their rows.
            models.Index(
                fields=["category", "area", "state", "due_at"],
                include=["reporter", "id"],
                condition=Q(state__in=[state.value for state in OPEN]),
                name="case_open",
            ),
            models.Index(fields=["closed_at"], condition=Q(closed_at__isnull=False), name="case_closed"),
            models.Index(fields=["id"], condition=~Q(open_request=""), name="case_requests"),
            models.Index(fields=["id"], condition=Q(appeal_state="filed"), name="case_appeals"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="case_merged"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="case_parent"),
        ]
        constraints = [
            models.CheckConstraint(
                name="case_place_whole",
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__isnull=False, longitude__range=(-180, 180))
                & Q(latitude__isnull=False, latitude__range=(-90, 90)),
            ),
            models.CheckConstraint(
                name="case_merged_names_the_other",
                condition=Q(state="merged", merged_into__isnull=False) | ~Q(state="merged") & Q(merged_into=None),
            ),
            models.CheckConstraint(
                name="case_led_when_with_unit",
                condition=~Q(state__in=["dispatched", "handling", "suspended", "submitted", "reworked"])
                | Q(lead_unit__isnull=False),
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def overdue(self) -> bool:
        """Whether the stage the case is in should have ended by now."""
        return self.due_at is not None and self.due_at < timezone.now()

    def belonging(self) -> models.QuerySet["Case"]:
        """Cases that are parts of this one, or reports merged into it; at most a hundred."""
        rows = Case.objects.filter(Q(parent=self) | Q(merged_into=self)).order_by("id")
        return rows.only("number", "parent_id", "merged_into_id", "state")[:100]

    def units_as(self, part: str) -> list[OrgUnit]:
        """Units taking ``part`` in the case, in order; reads the prefetched ``units``."""
        return [row.unit for row in self.units.all() if row.part == part]


class CaseUnit(models.Model):
    """A unit's part in a case: lead, assisting, or supervising (copied in)."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="units", verbose_name=_("case"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="case_parts", verbose_name=_("unit"), db_index=False)
    part = models.CharField(_("part"), max_length=12, choices=UnitPart)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    done_at = models.DateTimeField(_("part done at"), null=True, blank=True)

    class Meta:
        verbose_name = _("unit of a case")
        verbose_name_plural = _("units of a case")
        ordering = ["part", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "unit", "part"], name="case_unit_once"),
            models.UniqueConstraint(fields=["case"], condition=Q(part="lead"), name="case_one_lead"),
        ]
        # All that the question asks "has the unit one of these parts in the case": answered without reading the rows.
        indexes = [models.Index(fields=["unit", "part", "case"], name="case_unit_part")]

    def __str__(self):
        return f"{self.unit} ({self.get_part_display()})"
