"""The page of the EEMUA figures of the alarm system."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from cases.overview.asked import where_asked
from devices.admin.looks import TONES
from devices.alarm_figures import DAYS, FLOOD, STEADY, alarm_figures, days_asked
from governance.admin.base import REFRESH_HEADER
from governance.admin.refusals import refusal_page
from governance.errors import Invalid

PAGE = "admin:devices_alarm_figures"


class AlarmFiguresPage:
    """Gives the alarm console its figures."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.figures_view)
        return [path("figures/", view, name="devices_alarm_figures"), *super().get_urls()]

    def side_pages(self, request):
        page = {"title": _("Alarm figures"), "icon": "speed", "link": reverse(PAGE)}
        return [page, *super().side_pages(request)]

    def figures_view(self, request):
        """Show how many alarms there are and where from; ``?area=`` (code) and ``?days=`` narrow it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            area, days = where_asked({"area": request.GET.get("area", "")}, request.user).area, days_asked(request.GET)
        except Invalid as error:
            return refusal_page(self, request, error, back=reverse(PAGE))
        figures = alarm_figures(request.user, area, days=days)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Alarm figures"),
            "title_part": _("Alarm figures"),
            "opts": self.opts,
            "figures": figures,
            "areas": [(rate, address(rate.area.code, days)) for rate in figures.areas],
            "priorities": [(row, TONES[row.severity]) for row in figures.priorities],
            "spans": [(number, address(area.code if area else "", number)) for number in DAYS],
            "all_areas": address("", days),
            "steady": STEADY,
            "flood": FLOOD,
        }
        part = REFRESH_HEADER in request.headers
        template = "devices/admin/alarm_figures_part.html" if part else "devices/admin/alarm_figures.html"
        return TemplateResponse(request, template, context)


def address(area: str, days: int) -> str:
    """Return the address of the page for an area (code, or empty) and some days."""
    given = {name: value for name, value in {"area": area, "days": days}.items() if value}
    return f"{reverse(PAGE)}?{urlencode(given)}"
