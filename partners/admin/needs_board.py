"""Pages beside the list of needs: the board by state, and the groups of similar needs side by side."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.admin.paging import capped_count
from governance.models import Area
from governance.scoping import grant_for, roles_of
from partners.models import Need, NeedCategory, NeedState
from partners.needs.figures import visit_figures
from partners.needs.grouping import groups_of
from partners.needs.looks import NEED_TONES, need_tone
from partners.needs.need_workflow import TAKES_OTHERS
from partners.needs.permissions import CONCERNED
from partners.needs.places import communities_of
from partners.needs.querysets import KEEPS

SHOWN, COUNTED = 20, 1000
MOST_GROUPS = 40
COLUMNS = (
    NeedState.REGISTERED, NeedState.VERIFIED, NeedState.TRANSFERRED, NeedState.ADOPTED, NeedState.SOLVED,
    NeedState.CALLED_BACK, NeedState.DECLINED,
)  # fmt: skip


def _asked(request) -> tuple[list[Area], Area | None]:
    """Return the communities the person may look at, and the one asked for (default: the first)."""
    if not request.user.has_perm("partners.view_need"):
        raise PermissionDenied
    places = communities_of(request.user, CONCERNED)
    wanted = request.GET.get("community", "")
    found = next((area for area in places if area.code == wanted), None if wanted else next(iter(places), None))
    if wanted and found is None:
        raise PermissionDenied
    return places, found


def side_pages_of(request) -> list[dict]:
    """Return the two pages for the side bar."""
    if not roles_of(request.user) & set(CONCERNED):
        return []
    return [
        {"title": _("Board of needs"), "icon": "view_kanban", "link": reverse("admin:partners_need_board")},
        {"title": _("Similar needs"), "icon": "join_inner", "link": reverse("admin:partners_need_groups")},
    ]


def _page(request, template: str, title: str, **context) -> TemplateResponse:
    given = {**admin.site.each_context(request), "title": title, "title_part": title, "opts": Need._meta}
    return TemplateResponse(request, template, given | context)


@require_safe
def board_view(request):
    """Needs of a community in columns by state, the most pressing first."""
    places, community = _asked(request)
    columns = [_column(request.user, community, state) for state in COLUMNS] if community else []
    rows = Need.objects.of_staff(request.user)
    overdue = rows.under(community).overdue().count() if community else 0
    return _page(
        request, "partners/needs/admin/board.html", _("Board of needs"), places=places, community=community,
        columns=columns, overdue=overdue, overdue_url=f"{_list_url()}?{urlencode({'due': 'overdue'})}",
        visits=visit_figures(request.user, community) if community else None,
    )  # fmt: skip


def _list_url() -> str:
    return reverse("admin:partners_need_changelist")


def _column(user, community: Area, state: NeedState) -> dict:
    rows = Need.objects.of_staff(user).under(community).filter(state=state)
    count = capped_count(rows, COUNTED)
    order = {NeedState.REGISTERED: "verify_by", NeedState.SOLVED: "call_back_by"}.get(state, "-id")
    return {
        "state": state, "title": state.label, "tone": NEED_TONES[state],
        "count": f"{COUNTED}+" if count >= COUNTED else count,
        "url": f"{_list_url()}?{urlencode({'state__exact': state.value, 'area': community.pk})}",
        "rows": [(need, need_tone(need)) for need in rows.with_rows().order_by(order, "-id")[:SHOWN]],
        "more": count > SHOWN,
    }  # fmt: skip


@require_safe
def groups_view(request):
    """Groups of similar needs of a community, those most people raised first; each is merged by hand."""
    places, community = _asked(request)
    code = request.GET.get("category", "")
    category = NeedCategory.objects.filter(code=code).first() if code else None
    if code and category is None:
        raise Http404
    found = groups_of(community, request.user, category) if community else []
    return _page(
        request, "partners/needs/admin/groups.html", _("Similar needs"), places=places, community=community,
        categories=NeedCategory.objects.filter(is_active=True).order_by("code"), category=category,
        groups=[_group_told(group, request.user) for group in found[:MOST_GROUPS]],
        more=max(len(found) - MOST_GROUPS, 0),
    )  # fmt: skip


def _group_told(group, user) -> dict:
    """Return a group with the need that takes the others first: one that is under way, or was raised first."""
    ready = [need for need in group.needs if need.state in TAKES_OTHERS]
    target = min(ready, key=lambda need: (need.state == NeedState.VERIFIED, need.pk), default=None)
    keeps = target is not None and grant_for(KEEPS, target, user) is not None
    rows = [
        (need, need_tone(need), keeps and need.pk != target.pk and need.state == NeedState.VERIFIED)
        for need in sorted(group.needs, key=lambda need: (need is not target, need.pk))
    ]  # fmt: skip
    return {"group": group, "target": target, "rows": rows}
