"""Reads of cases; every list starts from ``visible_to(user)``."""

import re
from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from governance.models.organisation import Role
from governance.querysets import NaturalCodeQuerySet
from governance.scoping import Anywhere, InArea, Own, Relation
from governance.search.text import holding, indexed, joined, words_of
from governance.workflow import WorkflowQuerySet


@dataclass(frozen=True)
class TakesPart(Relation):
    """The grant's unit has one of ``parts`` (lead, assisting, supervising) in the case."""

    parts: tuple[str, ...]

    def q(self, grant, user):
        rows = apps.get_model("cases", "CaseUnit").objects.filter(unit_id=grant.unit_id, part__in=self.parts)
        # Not "pk in": the database may look the few rows up that are asked about, or read all parts of the unit.
        return Q(Exists(rows.filter(case_id=OuterRef("pk"))))

    def holds(self, obj, grant, user):
        return any(row.unit_id == grant.unit_id and row.part in self.parts for row in obj.units.all())


# What is found by its words; the index and the search write it alike.
TEXT = joined("description", "address")
# A case's number or its beginning, also without its letter: C20261123-000123.
NUMBER = re.compile(r"[Cc][0-9]{4,8}|[Cc]?[0-9]{8}-[0-9]{0,9}")


def number_in(query: str) -> str | None:
    """Return the (beginning of the) case number that a search is for, or None."""
    query = query.strip()
    return f"C{query.upper().removeprefix('C')}" if NUMBER.fullmatch(query) else None


IN_AREA = InArea()
LEADS = IN_AREA & TakesPart(("lead",))
HANDLES = IN_AREA & TakesPart(("lead", "assisting"))
ASSISTS = TakesPart(("assisting",))
SUPERVISES = IN_AREA & TakesPart(("supervising",))

# Who sees a case. The unit's people see it while their unit has a part in it.
SEES_CASE = {
    Role.SYSTEM: Anywhere(),
    Role.ADMINISTRATOR: IN_AREA,
    Role.OPERATIONS_CENTRE: IN_AREA,
    Role.REGISTRAR: IN_AREA,
    Role.DISPATCHER: IN_AREA,
    Role.GRID_WORKER: IN_AREA,
    Role.COMMUNITY_STAFF: IN_AREA,
    Role.HANDLER: HANDLES,
    Role.SUPERVISOR: SUPERVISES,
    Role.RESIDENT: Own("reporter"),
}


class CaseQuerySet(WorkflowQuerySet):
    VISIBLE = SEES_CASE

    def with_rows(self):
        """Load what a list row shows in two statements, whatever the number of rows."""
        parts = apps.get_model("cases", "CaseUnit").objects.select_related("unit")
        return self.select_related("category", "standard", "area", "lead_unit").prefetch_related(
            Prefetch("units", queryset=parts)
        )

    def followed(self):
        """Load what a reporter's progress needs, of the case a report was merged into as well."""
        return self.select_related("area", "lead_unit", "merged_into__lead_unit").defer("area__boundary")

    def reported_by(self, user):
        """Cases this person reported while signed in, among those they may see."""
        return self.visible_to(user).filter(reporter_id=user.pk)

    def under(self, area):
        """Cases in the area and all under it."""
        return self.filter(area__path__startswith=area.path)

    def with_text(self, query: str):
        """Cases whose number begins with ``query``, or whose description and address hold each of its words."""
        if beginning := number_in(query):
            return self.filter(number__startswith=beginning)
        words = words_of(query)
        return holding(indexed(self, words, TEXT), words, TEXT)

    def overdue(self, at=None):
        """Cases whose running stage should have ended by ``at`` (default now)."""
        return self.filter(due_at__lt=at or timezone.now())

    def waiting_for_dispatcher(self):
        """The review queue: cases the hub would not dispatch by guessing, and returned or reopened ones."""
        return self.filter(state__in=["accepted", "returned", "reopened", "arbitration"])

    def with_requests(self):
        """Cases whose unit asks for an extension or a suspension that nobody has decided."""
        return self.exclude(open_request="")

    def with_appeals(self):
        """Cases with an appeal that is not settled."""
        return self.filter(appeal_state="filed")

    def unsigned(self):
        """Cases dispatched to a unit that has not signed for them."""
        return self.filter(state="dispatched", signed_at=None)

    def to_begin(self):
        """Cases a unit has signed for, or got back for rework, and has not begun."""
        return self.filter(Q(state="dispatched", signed_at__isnull=False) | Q(state="reworked"))

    def open(self):
        """Cases somebody still has to do something about."""
        return self.exclude(state__in=["closed", "rejected", "cancelled", "merged"])


class CategoryQuerySet(models.QuerySet):
    def get_by_natural_key(self, scheme, scheme_version, code):
        return self.get(scheme=scheme, scheme_version=scheme_version, code=code)

    visible_to = NaturalCodeQuerySet.visible_to


class StandardQuerySet(models.QuerySet):
    def get_by_natural_key(self, scheme, scheme_version, code, condition_code):
        return self.get(
            category__scheme=scheme,
            category__scheme_version=scheme_version,
            category__code=code,
            condition_code=condition_code,
        )

    visible_to = NaturalCodeQuerySet.visible_to


class StageLimitQuerySet(models.QuerySet):
    def get_by_natural_key(self, stage):
        return self.get(stage=stage)


class DuplicateRuleQuerySet(models.QuerySet):
    def get_by_natural_key(self, *category):
        if not category:
            return self.get(category=None)
        scheme, scheme_version, code = category
        return self.get(category__scheme=scheme, category__scheme_version=scheme_version, category__code=code)

    visible_to = NaturalCodeQuerySet.visible_to
