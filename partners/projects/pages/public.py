"""``/r/projects/``: projects of communities, and one of them: state, dates, photos, results. No personal data.

Everybody may read them; who is signed in finds those of the own community first, the own claims, what is asked of them
and, as a partner, the projects that fit.
"""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from cases.pages.access import residents_page
from cases.pages.links import ResidentLink, resident_links
from governance.attachments import served
from governance.models import Area, Attachment
from governance.scoping import visible_q
from partners.models import Claim, Evaluation, Project, ProjectAttendance
from partners.needs.residents import community_of, dwellings_of
from partners.projects.evaluating import ASKED_IN
from partners.projects.fit import projects_for
from partners.projects.looks import CLAIM_TONES, PROJECT_TONES
from partners.projects.querysets import ACTS
from partners.projects.running import may_show_code
from partners.projects.showing import log_told, result_told
from partners.recruiting.standing import partners_of

SHOWN, MOST_PARTNERS = 60, 10


@resident_links
def projects_link(user) -> list[ResidentLink]:
    """The way to projects, for everybody signed in."""
    return [ResidentLink(gettext("Community projects"), reverse("residents_projects:home"))]


def communities_with(user, code: str) -> tuple[list[Area], Area | None]:
    """Return communities that have projects on view, and the one asked for: by code, by home, or the first."""
    with_projects = Project.objects.on_view().values("area_id")
    places = list(Area.objects.filter(pk__in=with_projects, is_active=True).defer("boundary").order_by("code")[:300])
    if code:
        return places, next((area for area in places if area.code == code), None)
    own = set()
    if user.is_authenticated:
        own = {community_of(home.area).pk for home in dwellings_of(user)}
        own |= set(partners_of(user).values_list("area_id", flat=True))
    found = next((area for area in places if area.pk in own), None)
    return places, found or next(iter(places), None)


@residents_page
@require_safe
def home(request):
    """Projects of a community, the newest on top; the own matters above."""
    user = request.user
    places, area = communities_with(user, request.GET.get("community", ""))
    rows = Project.objects.on_view().filter(area=area).with_rows().order_by("-id")[:SHOWN] if area else []
    context = {"places": places, "area": area, "projects": [(row, PROJECT_TONES[row.state]) for row in rows]}
    if user.is_authenticated:
        context |= _own(user)
    return render(request, "partners/projects/residents/home.html", context)


def _own(user) -> dict:
    claims = Claim.objects.filter(visible_q(ACTS, user)).with_rows().order_by("-id")[:SHOWN]
    asked = Evaluation.objects.filter(person=user, state="invited", project__state__in=ASKED_IN)
    here = ProjectAttendance.objects.filter(person=user, signed_out_at__isnull=True, project__state="under_way")
    fits = projects_for(list(partners_of(user).with_rows()[:MOST_PARTNERS]))
    return {
        "claims": [(row, CLAIM_TONES[row.state]) for row in claims],
        "asked": list(asked.with_rows().order_by("-id")[:SHOWN]),
        "attendance": list(here.select_related("project").order_by("-id")[:SHOWN]),
        "fits": fits[:SHOWN],
    }  # fmt: skip


def on_view(pk: int) -> Project:
    """Return a project anybody may read, else 404."""
    found = Project.objects.on_view().filter(pk=pk).with_rows().first()
    if found is None:
        raise Http404
    return found


@residents_page
@require_safe
def project(request, pk):
    """One project."""
    found, user = on_view(pk), request.user
    partners = Claim.objects.filter(project=found, state__in=["awarded", "delivered"]).with_rows().order_by("pk")
    signed_in = user.is_authenticated
    context = {
        "project": found, "tone": PROJECT_TONES[found.state],
        "carried_by": [(claim.partner.public_name, claim) for claim in partners],
        # what a partner writes stands here once the community has concluded on it
        "reports": found.state in ("evaluated", "closed"),
        "tasks": list(found.tasks.select_related("venue")[:100]),
        "log": log_told(found, public=True),
        "result": result_told(found) if found.state in ("evaluated", "closed") else None,
        "may_claim": signed_in and found.state == "claiming" and _may_claim(user, found),
        "may_show": signed_in and may_show_code(found, user),
    }  # fmt: skip
    return render(request, "partners/projects/residents/project.html", context)


def _may_claim(user, project: Project) -> bool:
    """Tell whether the person is or acts for a partner here that has not claimed the project."""
    claimed = Claim.objects.filter(project=project).standing().values("partner_id")
    return partners_of(user).filter(area=project.area_id).exclude(pk__in=claimed).exists()


@residents_page
@require_safe
def photo(request, pk, file):
    """A photo of the log that staff put on the public page."""
    found = on_view(pk)
    shown = found.log.filter(open=True).values("pk")
    row = Attachment.objects.filter(pk=file, subject_type="partners.projectlog", subject_id__in=shown).first()
    if row is None or not row.content_type.startswith("image/"):
        raise Http404
    response = served(row)
    response["Cache-Control"] = "private, no-store"
    return response
