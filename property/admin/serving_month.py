"""The month in figures: how an estate's service list was kept, item by item."""

from datetime import timedelta
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.models import Estate
from property.models import ServiceList
from property.months import month_asked
from property.serving.fulfilment import all_together, fulfilment_of, share_text
from property.serving.querysets import PUBLIC, month_after

PAGE = "admin:property_service_month"


class MonthPage:
    """Gives the admin of service lists its figures."""

    def get_urls(self):
        return [path("month/", self.admin_site.admin_view(self.month_view), name="property_service_month"),
                *super().get_urls()]  # fmt: skip

    def side_pages(self, request):
        return [{"title": _("Services by month"), "icon": "fact_check", "link": reverse(PAGE)},
                *super().side_pages(request)]  # fmt: skip

    @method_decorator(require_safe)
    def month_view(self, request):
        """Show ``?estate=`` (code) in ``?month=`` (2026-11); by default the first estate, this month."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        lists = ServiceList.objects.visible_to(request.user).filter(state__in=PUBLIC)
        estates = list(Estate.objects.filter(pk__in=lists.values("estate_id")).order_by("code"))
        asked = request.GET.get("estate", "")
        estate = next((one for one in estates if one.code == asked), None if asked else next(iter(estates), None))
        if asked and estate is None:
            raise Http404
        month = month_asked(request.GET.get("month", ""), timezone.localdate())
        rows = fulfilment_of(estate, month) if estate else []
        context = {
            **self.admin_site.each_context(request),
            "title": _("Services by month"), "title_part": _("Services by month"), "opts": self.opts,
            "estate": estate, "month": month, "rows": rows, "together": share_text(all_together(rows)),
            "choices": [(one, _address(one, month)) for one in estates],
            "before": _address(estate, (month - timedelta(days=1)).replace(day=1)) if estate else "",
            "after": _address(estate, month_after(month)) if estate else "",
            "records_url": reverse("admin:property_servicerecord_changelist"),
        }  # fmt: skip
        return TemplateResponse(request, "property/admin/service_month.html", context)


def _address(estate: Estate, month) -> str:
    return f"{reverse(PAGE)}?{urlencode({'estate': estate.code, 'month': f'{month:%Y-%m}'})}"
