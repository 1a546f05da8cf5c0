"""What notices say about visits: numbers, kinds, days. Who is told: the mediator, or the mediators of the unit; of an
overdue one the superior too."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.notices import notice_context
from mediation.agreements.notices import tell_of
from mediation.disputes.mediators import mediators_of, working_on
from mediation.followup.overseeing import superiors_of
from mediation.models import FollowUpVisit


@notice_context(
    "mediation.followupvisit",
    variables={
        "dispute": _("dispute"), "kind": _("kind of the visit"), "state": _("state"), "due": _("to be visited on"),
        "latest": _("at the latest on"),
    },
    rows=lambda: FollowUpVisit.objects.with_rows(),
)  # fmt: skip
def visit_words(row: FollowUpVisit, *, public: bool) -> dict:
    """Return a visit in texts; no names, no words of the dispute."""
    return {
        "dispute": row.dispute.number, "kind": row.get_kind_display(), "state": row.get_state_display(),
        "due": f"{row.due_on:%Y-%m-%d}", "latest": f"{row.grace_until:%Y-%m-%d}",
        "url": reverse("admin:mediation_followupvisit_change", args=[row.pk]),
    }  # fmt: skip


@on("followup.due")
def mediator_told_due(event, row: FollowUpVisit) -> None:
    tell_of(mediators_of(row.dispute), "visit_due", FollowUpVisit.objects, row.pk)


@on("followup.overdue")
def mediator_and_superior_told_overdue(event, row: FollowUpVisit) -> None:
    told = mediators_of(row.dispute)
    tell_of(told, "visit_overdue", FollowUpVisit.objects, row.pk)
    above = [user for user in superiors_of(row.dispute) if user not in told]
    tell_of(above, "visit_overdue_below", FollowUpVisit.objects, row.pk)


@on("followup.urged")
def unit_told_urged(event, row: FollowUpVisit) -> None:
    """Whoever mediates, and the unit: what the superior asks is read on the visit's page, not in the notice."""
    people = [user for user in working_on(row.dispute) if user.pk != event.actor_id]
    tell_of(people, "visit_urged", FollowUpVisit.objects, row.pk)
