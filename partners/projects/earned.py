"""The outcome of a project as evidence on a statement of points: which project a point is for."""

from collections.abc import Collection

from partners.earning.reasons import earnings_told
from partners.ledger.reasons import register_evidence
from partners.models import ProjectOutcome


def _told(ids: Collection[int]) -> dict[int, str]:
    rows = ProjectOutcome.objects.filter(pk__in=ids).select_related("claim__project")
    names = {row.pk: f"{row.claim.project.title} {row.claim.project.number}" for row in rows}
    return earnings_told(ProjectOutcome._meta.label_lower, ids, names)


register_evidence("partners.projectoutcome", _told)
