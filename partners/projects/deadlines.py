"""Deadlines of projects: when claims open and when they end. What happens then is in ``handlers.py``."""

from governance.timers import cancel_timer, set_timer
from partners.models import Project

OPENS, ENDS = "project.claims_open", "project.claims_end"


def claim_timers(project: Project) -> None:
    """Set or move the timers of a published project."""
    if project.state == "published":
        set_timer(f"{OPENS}:{project.pk}", OPENS, subject_id=project.pk, due_at=project.claim_from)
    else:
        cancel_timer(f"{OPENS}:{project.pk}")
    set_timer(f"{ENDS}:{project.pk}", ENDS, subject_id=project.pk, due_at=project.claim_until)


def timers_stop(project: Project) -> None:
    """Cancel the timers of a project that takes no claims any more."""
    for kind in (OPENS, ENDS):
        cancel_timer(f"{kind}:{project.pk}")
