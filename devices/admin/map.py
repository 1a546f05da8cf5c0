"""The map of devices in the admin: who may see devices sees theirs; it is drawn without tiles where there are none."""

from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from cases.admin.filters import MOST_AREAS
from cases.admin.hotspot_form import TreeField
from cases.hotspots.cells import outline_of
from cases.models import Scene
from devices.map import LOOKS, Box, Cell, DeviceMap, Place, box_of, map_of
from devices.models import Alarm, Device, DeviceProfile
from devices.workflow import DeviceState
from governance.admin.base import REFRESH_HEADER
from governance.errors import Invalid
from governance.models import Area

PAGE = "admin:devices_device_map"
ALARMS = [("", gettext_lazy("All devices")), ("yes", gettext_lazy("With an active alarm")),
          ("no", gettext_lazy("Without one"))]  # fmt: skip


class MapForm(forms.Form):
    """Which devices; ``bbox`` (west,south,east,north) is the part of the map the reader looks at."""

    profile = forms.ModelChoiceField(
        DeviceProfile.objects.none(), label=gettext_lazy("device profile"), required=False, to_field_name="code",
        empty_label=gettext_lazy("All types"),
    )  # fmt: skip
    scene = forms.ModelChoiceField(
        Scene.objects.none(), label=gettext_lazy("scene"), required=False, to_field_name="code",
        empty_label=gettext_lazy("All scenes"),
    )  # fmt: skip
    area = TreeField(
        Area.objects.none(), label=gettext_lazy("area"), required=False, empty_label=gettext_lazy("My areas"),
        to_field_name="code", depth=lambda row: row.path.count("/") - 2,
    )  # fmt: skip
    alarm = forms.ChoiceField(label=gettext_lazy("alarm"), choices=ALARMS, required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("life stage"), required=False,
        choices=[("", gettext_lazy("All"))] + [row for row in DeviceState.choices if row[0] != DeviceState.RETIRED],
    )  # fmt: skip
    bbox = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)

    def __init__(self, given, *, user):
        self.user = user
        super().__init__(given)
        self.fields["profile"].queryset = DeviceProfile.objects.visible_to(user).in_force().order_by("code")
        scenes = Scene.objects.visible_to(user).in_use().select_related("area").defer("area__boundary")
        self.fields["scene"].queryset = scenes
        areas = Area.objects.visible_to(user).filter(is_active=True).defer("boundary").order_by("code")
        many = areas.order_by()[MOST_AREAS : MOST_AREAS + 1].exists()
        self.fields["area"].queryset = areas.exclude(kind="grid") if many else areas

    def clean_bbox(self) -> Box | None:
        try:
            return box_of(self.cleaned_data["bbox"]) if self.cleaned_data["bbox"] else None
        except Invalid as error:
            raise forms.ValidationError(error.detail, error.code) from error

    def rows(self):
        """Return the devices asked for, among those the person may see."""
        given = self.cleaned_data
        rows = Device.objects.visible_to(self.user)
        if given["profile"]:
            rows = rows.filter(profile__code=given["profile"].code)
        if given["scene"]:
            rows = rows.filter(profile__scene=given["scene"])
        if given["area"]:
            rows = rows.under(given["area"])
        if given["state"]:
            rows = rows.filter(state=given["state"])
        if given["alarm"]:
            alarmed = Alarm.objects.active().values("device_id")
            rows = rows.filter(pk__in=alarmed) if given["alarm"] == "yes" else rows.exclude(pk__in=alarmed)
        return given["bbox"].within(rows) if given["bbox"] else rows


class DeviceMapPage:
    """Gives the admin of devices its map."""

    def get_urls(self):
        return [path("map/", self.admin_site.admin_view(self.map_view), name="devices_device_map"), *super().get_urls()]

    def side_pages(self, request):
        page = {"title": _("Map of devices"), "icon": "location_on", "link": reverse(PAGE)}
        return [page, *super().side_pages(request)]

    @method_decorator(require_http_methods(["GET", "HEAD"]))
    def map_view(self, request):
        """The page; one that is open already asks for its marks anew and gets JSON."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = MapForm(request.GET, user=request.user)
        valid = form.is_valid()
        shown = _shown(map_of(form.rows()), request.GET) if valid else {}
        status = 200 if valid else 400
        if REFRESH_HEADER in request.headers:
            return JsonResponse(shown if valid else {"errors": form.errors}, status=status)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Map of devices"),
            "title_part": _("Map of devices"),
            "opts": self.opts,
            "form": form,
            "shown": shown,
            "legend": [(look, tone, label) for look, (tone, label) in LOOKS.items()],
            "all_url": _map_url(request.GET, bbox=""),
            "map_data": {"tiles": settings.MAP_TILES, "move": True, **shown},
        }
        return TemplateResponse(request, "devices/admin/map.html", context, status=status)


def _map_url(given, **changed) -> str:
    kept = {name: value for name, value in given.items() if name in MapForm.base_fields} | changed
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"{reverse(PAGE)}?{query}" if query else reverse(PAGE)


def _shown(found: DeviceMap, given) -> dict:
    """Return what the script draws: marks or shapes, and how many devices there are of each look."""
    most = found.cells[0].count if found.cells else 0
    looks = found.looks
    return {
        "marks": [_mark(place) for place in found.places],
        "shapes": [_shape(cell, most, given) for cell in found.cells],
        "looks": {look: looks[look] for look in LOOKS},
        "total": looks.total(),
    }


def _mark(place: Place) -> dict:
    device = place.device
    words = "、".join(place.words) or (str(LOOKS["away"][1]) if place.look == "away" else _("Normal"))
    return {
        "at": [device.longitude, device.latitude],
        "tone": LOOKS[place.look][0],
        "text": f"{device.code} {device.name}: {words}",
        "url": reverse("admin:devices_device_change", args=[device.pk]),
    }


def _shape(cell: Cell, most: int, given) -> dict:
    ring = outline_of(cell.cell)
    west, east = min(point[0] for point in ring), max(point[0] for point in ring)
    south, north = min(point[1] for point in ring), max(point[1] for point in ring)
    count = ngettext("%(count)s device", "%(count)s devices", cell.count) % {"count": cell.count}
    parts = [f"{label} {cell.looks[look]}" for look, (_tone, label) in LOOKS.items() if cell.looks[look]]
    return {
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "weight": round((cell.count / most) ** 0.5, 3),
        "tone": LOOKS[cell.look][0],
        "text": f"{count}: {'、'.join(parts)}",
        "url": _map_url(given, bbox=f"{west},{south},{east},{north}"),
    }
