"""Reads of named sources and dead letters; every list starts from ``visible_to(user)``."""

from django.db import models

from cases.intake.workflow import MACHINE, MENDS
from governance.models.access_key import in_force
from governance.models.organisation import Role
from governance.scoping import InArea, OfUnit, ScopedQuerySet
from governance.workflow import WorkflowQuerySet

IN_AREA = InArea()
OF_UNIT = IN_AREA & OfUnit("unit")
# Who works with the cases of an area sees where they come from; a department, its own sources.
SEES_SOURCE = MACHINE | dict.fromkeys(
    (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE, Role.REGISTRAR, Role.DISPATCHER), IN_AREA
) | dict.fromkeys((Role.HANDLER, Role.SUPERVISOR), OF_UNIT)  # fmt: skip


class SourceQuerySet(ScopedQuerySet):
    VISIBLE = SEES_SOURCE

    def get_by_natural_key(self, code):
        return self.get(code=code)


class SourceKeyQuerySet(ScopedQuerySet):
    """Keys are seen by administrators only."""

    VISIBLE = {Role.ADMINISTRATOR: InArea("source__area")}

    def in_force(self, at=None):
        """Keys accepted at ``at`` (default now)."""
        return self.filter(in_force(at))


class ReceiptQuerySet(models.QuerySet):
    def cases_of(self, source, external_ids) -> dict[str, int]:
        """Return the case ids of a source's messages by their ids over there; one statement, by index."""
        rows = self.filter(source=source, external_id__in=external_ids)
        return dict(rows.values_list("external_id", "case_id"))


class LetterQuerySet(WorkflowQuerySet):
    VISIBLE = MENDS | MACHINE

    def waiting(self):
        """Letters nobody has put right, discarded or replaced yet."""
        return self.filter(state="rejected")


class OpenRequestQuerySet(ScopedQuerySet):
    """Seen by those at the desk who call reporters back, and by who answers for the keys."""

    VISIBLE = dict.fromkeys(
        (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE, Role.REGISTRAR, Role.DISPATCHER), InArea("case__area")
    )
