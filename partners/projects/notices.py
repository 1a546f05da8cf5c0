"""What notices may say about projects, and who is told what: claimants, evaluators; staff are told by rules."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import label_of, on
from governance.models import User
from governance.notices import Parties, notice_context, notify_if_kept
from partners.models import Claim, Evaluation, Project
from partners.recruiting.notices import people_of

NAMED = {"project": _("project"), "number": _("number"), "area": _("community"), "state": _("state")}


def _words(project: Project, state: str) -> dict:
    return {"project": project.title, "number": project.number, "area": project.area.name, "state": state}


@notice_context(
    "partners.project", variables=NAMED | {"until": _("claims until")},
    rows=lambda: Project.objects.with_rows(), parties=lambda row: Parties({}, row.made_by_id),
)  # fmt: skip
def project_words(project: Project, *, public: bool) -> dict:
    """Return a project in texts."""
    page = reverse("residents_projects:project", args=[project.pk])
    until = project.claim_until.strftime("%Y-%m-%d") if project.claim_until else ""
    return _words(project, project.get_state_display()) | {
        "until": until, "url": page if public else reverse("admin:partners_project_change", args=[project.pk]),
    }  # fmt: skip


@notice_context(
    "partners.claim", variables=NAMED | {"partner": _("partner")},
    rows=lambda: Claim.objects.with_rows(), parties=lambda row: Parties({}, row.claimed_by_id),
)  # fmt: skip
def claim_words(claim: Claim, *, public: bool) -> dict:
    """Return a claim in texts."""
    page = reverse("residents_projects:claim", args=[claim.pk])
    return _words(claim.project, claim.get_state_display()) | {
        "partner": claim.partner.name,
        "url": page if public else reverse("admin:partners_claim_change", args=[claim.pk]),
    }


@notice_context(
    "partners.evaluation", variables=NAMED | {"party": _("party")},
    rows=lambda: Evaluation.objects.with_rows(), parties=lambda row: Parties({}, row.person_id),
)  # fmt: skip
def evaluation_words(row: Evaluation, *, public: bool) -> dict:
    """Return an evaluation in texts: the project and the party, never a mark."""
    return _words(row.project, row.get_state_display()) | {
        "party": row.get_party_display(), "url": reverse("residents_projects:evaluation", args=[row.pk]),
    }  # fmt: skip


def _told(people, key: str, subject, event) -> None:
    """Tell people but whoever did it; a place that has removed the template tells nobody."""
    found = people.exclude(pk=event.actor_id)
    notify_if_kept(found, key, subject=subject, context={"event": label_of(event.name)})


@on("claim.awarded", "claim.declined", "claim.dismissed")
def told_of_claim(event, claim: Claim) -> None:
    """Tell a partner what was decided of its claim."""
    _told(people_of(claim.partner), "project_claim", claim, event)


@on("project.evaluated", "project.closed", "project.reopened")
def told_of_end(event, project: Project) -> None:
    """Tell the partners that carried a project out its result and its end."""
    for claim in Claim.objects.filter(project=project, state="delivered").with_rows().order_by("pk"):
        _told(people_of(claim.partner), "project_claim", claim, event)


@on("evaluation.invited")
def told_to_evaluate(event, row: Evaluation) -> None:
    """Tell somebody that an evaluation is asked of them."""
    _told(User.objects.filter(pk=row.person_id, is_active=True), "project_evaluation", row, event)
