"""The page of the operations centre (运行中心): figures, scenes, the trend of a day, the map of open cases; live."""

from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.admin.looks import ICONS, TONES, page_url, place_of
from cases.overview.asked import where_asked
from cases.overview.marks import marks_of
from cases.overview.overview import Overview, Where, overview_of, pressing_cases, recent_cases
from governance.admin.base import REFRESH_HEADER
from governance.admin.refusals import refusal_page
from governance.errors import Invalid

PAGE = "admin:cases_overview"


class OverviewPage:
    """Gives the admin of cases its overview."""

    def get_urls(self):
        return [path("overview/", self.admin_site.admin_view(self.overview_view), name="cases_overview"),
                *super().get_urls()]  # fmt: skip

    def side_pages(self, request):
        page = {"title": _("Operations centre"), "icon": "monitoring", "link": reverse(PAGE)}
        return [page, *super().side_pages(request)]

    def overview_view(self, request):
        """Show what is under way; ``?scene=`` and ``?area=`` (codes) narrow it. A page that is open already gets only
        the part that changes."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            where = where_asked(request.GET, request.user)
        except Invalid as error:
            return refusal_page(self, request, error, back=reverse(PAGE))
        overview = overview_of(request.user, where)
        context = {"overview": overview, **_shown(request.user, overview)}
        if REFRESH_HEADER in request.headers:
            return TemplateResponse(request, "cases/admin/overview_part.html", context)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Operations centre"),
            "title_part": _("Operations centre"),
            "opts": self.opts,
            "map_data": _map(overview),
            "choices": _choices(overview),
            **context,
        }
        return TemplateResponse(request, "cases/admin/overview.html", context)


def _shown(user, overview: Overview) -> dict:
    marks = marks_of(pressing_cases(user, overview.where), overview.at)
    hours = [
        {"at": f"{timezone.localtime(hour.at):%H:%M}", "reported": hour.reported, "closed": hour.closed}
        for hour in overview.hours
    ]
    return {
        "data": {"hours": hours, "marks": marks, "labels": {"reported": _("Reported"), "closed": _("Closed")}},
        "recent": [
            {
                "case": case,
                "url": page_url(case),
                "tone": TONES[case.state],
                "icon": ICONS[case.source],
                "place": place_of(case),
            }
            for case in recent_cases(user, overview.where)
        ],
        "areas": [(row, address(Where(overview.where.scene, row.area))) for row in overview.areas],
        "scenes": [(row, address(Where(row.scene, overview.where.area))) for row in overview.scenes],
    }


def address(where: Where) -> str:
    """Return the address of the page for a scene and an area."""
    chosen = {"scene": where.scene, "area": where.area}
    given = {name: row.code for name, row in chosen.items() if row is not None}
    return f"{reverse(PAGE)}?{urlencode(given)}" if given else reverse(PAGE)


def _choices(overview: Overview) -> dict:
    """Return what the page is narrowed to, with the ways back."""
    where = overview.where
    return {
        "scene": where.scene,
        "area": where.area,
        "all_scenes": address(Where(None, where.area)),
        "all_areas": address(Where(where.scene, None)),
    }


def _map(overview: Overview) -> dict:
    """Return the empty map; its marks come with the part that changes."""
    focus = overview.focus
    return {
        "boundary": focus.boundary if focus else None,
        "boundary_name": focus.name if focus else "",
        "marks": [],
        "tiles": settings.MAP_TILES,
    }
