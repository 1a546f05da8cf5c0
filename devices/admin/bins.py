"""The page of bins: how full each is, when it will be full, and on what that is founded."""

from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from devices.bins.days import current_q
from devices.bins.forecast import HORIZON, LEAST_HOURS, Bin, bins_of, fill_metric
from devices.models import CollectionRun, Device
from governance.templatetags.jiceng import badge

PAGE = "admin:devices_device_bins"
SHOWN = 300


class BinsPage:
    """Gives the admin of devices the forecast of its bins."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.bins_view)
        return [path("bins/", view, name="devices_device_bins"), *super().get_urls()]

    def side_pages(self, request):
        page = {"title": _("Bins: when full"), "icon": "delete", "link": reverse(PAGE)}
        return [*super().side_pages(request), page]

    @method_decorator(require_http_methods(["GET", "HEAD"]))
    def bins_view(self, request):
        """Bins the person may see, those that are full or will be first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        bins = bins_of(Device.objects.visible_to(request.user), at=now)
        today = CollectionRun.objects.visible_to(request.user).filter(current_q(now)).with_rows()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Bins: when full"),
            "title_part": _("Bins: when full"),
            "opts": self.opts,
            "rows": [row_of(found) for found in bins[:SHOWN]],
            "total": len(bins),
            "full": sum(found.full for found in bins),
            "unknown": sum(not found.known for found in bins),
            "unheard": sum(found.level is None for found in bins),
            "runs": today.order_by("round__code"),
            "horizon": HORIZON.days,
        }
        return TemplateResponse(request, "devices/admin/bins.html", context)


def row_of(found: Bin) -> dict:
    """Return a bin as its row shows it."""
    return {
        "bin": found,
        "url": reverse("admin:devices_device_change", args=[found.device.pk]),
        "level": "—" if found.level is None else f"{found.level:.0%}",
        "verdict": verdict_of(found),
        "doubt": doubt_of(found),
        "per_day": f"{found.per_day:.0%}" if found.known else "",
        "days": found.hours / 24,
    }


def doubt_of(found: Bin) -> str:
    """Say in a badge where the newest reading of a bin cannot be and an older one is shown."""
    older = found.bad and found.level is not None
    return badge(_("Newest reading bad: the last good one counts"), "amber") if older else ""


def verdict_of(found: Bin) -> str:
    """Return in a badge what is known of when a bin is full."""
    if found.level is None:
        return badge(_("Only bad readings for two days") if found.bad else _("Not heard for two days"), "grey")
    if found.level >= found.overflow:
        return badge(_("Overflowing"), "red")
    if found.full:
        return badge(_("Full"), "red")
    if not found.known:
        text = _("Too little known: %(days).1f of %(least).0f days watched")
        return badge(text % {"days": found.hours / 24, "least": LEAST_HOURS / 24}, "grey")
    if found.full_at is None:
        return badge(_("Not within %(days)s days") % {"days": HORIZON.days}, "green")
    return ""


def bin_context(device: Device, user) -> dict:
    """Return what a device's page says of when it will be full; nothing for what is no bin."""
    if fill_metric(device) is None:
        return {}
    found = next(iter(bins_of(Device.objects.visible_to(user).filter(pk=device.pk))), None)
    return {"bin": row_of(found)} if found else {}
