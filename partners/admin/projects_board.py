"""The board of projects of a community, in columns by state."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.admin.paging import capped_count
from partners.admin.offers import areas_of
from partners.models import Project
from partners.projects.looks import PROJECT_TONES
from partners.projects.workflow import ProjectState

SHOWN, COUNTED = 20, 1000
MAIN = (ProjectState.PLANNED, ProjectState.CLAIMING, ProjectState.AWARDED, ProjectState.UNDER_WAY,
        ProjectState.DELIVERED, ProjectState.CLOSED)  # fmt: skip


@require_safe
def board_view(request):
    """Projects of a community in columns by state; states in which none is are left out, but the main ones."""
    places = areas_of(request.user)
    wanted = request.GET.get("community", "")
    community = next((area for area in places if area.code == wanted), None if wanted else next(iter(places), None))
    if not request.user.has_perm("partners.view_project") or (wanted and community is None):
        raise PermissionDenied
    columns = [_column(request.user, community, state) for state in ProjectState] if community else []
    columns = [column for column in columns if column["rows"] or column["state"] in MAIN]
    context = {
        **admin.site.each_context(request), "title": _("Board of projects"), "title_part": _("Board of projects"),
        "opts": Project._meta, "places": places, "community": community, "columns": columns,
    }  # fmt: skip
    return TemplateResponse(request, "partners/projects/admin/board.html", context)


def _column(user, community, state) -> dict:
    rows = Project.objects.visible_to(user).filter(area=community, state=state)
    count = capped_count(rows, COUNTED)
    query = urlencode({"state__exact": state.value, "area": community.pk})
    return {
        "state": state, "title": state.label, "tone": PROJECT_TONES[state],
        "count": f"{COUNTED}+" if count >= COUNTED else count,
        "url": f"{reverse('admin:partners_project_changelist')}?{query}",
        "rows": list(rows.with_rows().with_claims().order_by("-id")[:SHOWN]), "more": count > SHOWN,
    }  # fmt: skip
