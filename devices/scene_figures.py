"""What of devices is counted in a scene of the operations centre: the devices of its types and their active alarms."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Scene
from cases.overview.figures import Figure, provides_scene_figures
from devices.models import Alarm, Device


@provides_scene_figures
def device_figures(user, scenes: Sequence[Scene]) -> dict[int, list[Figure]]:
    """Return devices in use and active alarms of each scene that has device types; two statements."""
    devices = Device.objects.visible_to(user).in_use().filter(profile__scene__in=scenes)
    counted = dict(devices.order_by().values_list("profile__scene").annotate(number=Count("pk")))
    alarms = Alarm.objects.visible_to(user).active().filter(device__profile__scene__in=scenes)
    active = dict(alarms.order_by().values_list("device__profile__scene").annotate(number=Count("pk")))
    return {
        scene.pk: [
            _figure("devices", _("Devices"), counted[scene.pk], scene, "device", {"in_use": "yes"},
                    {"in_use": "true"}),
            _figure("alarms", _("Active alarms"), active.get(scene.pk, 0), scene, "alarm", {"condition": "active"},
                    {"active": "true"}, urgent=True),
        ]
        for scene in scenes
        if scene.pk in counted
    }  # fmt: skip


def _figure(key: str, label: str, count: int, scene: Scene, name: str, page: dict, api: dict, urgent=False) -> Figure:
    shown = reverse(f"admin:devices_{name}_changelist")
    listed = reverse(f"{name}-list")
    return Figure(
        key, label, count, f"{shown}?{urlencode(page | {'scene': scene.pk})}",
        f"{listed}?{urlencode(api | {'scene': scene.code})}", urgent and count > 0,
    )  # fmt: skip
