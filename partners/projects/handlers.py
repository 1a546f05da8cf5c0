"""What happens when a deadline of a project is due, or a partner that carries one out leaves."""

from django.utils.translation import gettext as _

from governance.events import on
from governance.timers import fires
from partners.models import Claim, Partner, Project
from partners.projects.acting import carry, clock
from partners.projects.claiming import claim_decline, claim_dismiss
from partners.projects.deadlines import ENDS, OPENS
from partners.projects.planning import project_open_claims
from partners.projects.workflow import ClaimState, ProjectState


@fires(OPENS)
def claims_open(timer) -> None:
    """The time for claims begins."""
    project = Project.objects.lock(timer.subject_id)
    if project.state == ProjectState.PUBLISHED and project.claim_from <= timer.due_at < project.claim_until:
        project_open_claims(project, actor=clock(), occurred_at=timer.due_at)


@fires(ENDS)
def claims_end(timer) -> None:
    """The time for claims is over: nobody claimed it, or the manager is told to decide."""
    project = Project.objects.lock(timer.subject_id)
    if project.state != ProjectState.CLAIMING or project.claim_until > timer.due_at:
        return
    standing = Claim.objects.filter(project=project).standing().exists()
    carry(project, "end_claims" if standing else "lapse", actor=clock(), occurred_at=timer.due_at)


@on("partner.left", "partner.ended")
def partner_gone(event, partner: Partner) -> None:
    """Who left carries nothing out any more: its claims end."""
    rows = Claim.objects.filter(partner=partner, state__in=[ClaimState.SUBMITTED, ClaimState.AWARDED])
    for row in rows.order_by("project_id", "pk"):
        ends = claim_decline if row.state == ClaimState.SUBMITTED else claim_dismiss
        ends(row, actor=clock(), occurred_at=event.occurred_at, reason=_("The partner has left."))
