"""A file is archived when its visits were made, tried, or refused (domain/mediation.md, "File")."""

from collections.abc import Iterator

from django.utils.translation import ngettext

from mediation.disputes.completeness import completeness_check
from mediation.followup.states import VisitState
from mediation.models import Dispute, FollowUpVisit

WAITING = (VisitState.PLANNED, VisitState.DUE, VisitState.OVERDUE)


@completeness_check
def visits_missing(dispute: Dispute) -> Iterator[str]:
    """Say how many visits are still to be made."""
    count = FollowUpVisit.objects.filter(dispute=dispute, state__in=WAITING, attempts=0).count()
    if count:
        yield ngettext(
            "%(count)s follow-up visit is still to be made.", "%(count)s follow-up visits are still to be made.", count
        ) % {"count": count}  # fmt: skip
