"""App configuration of devices."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

MODULES = (
    "events", "handlers", "evidence", "permissions", "services", "life", "claims", "commands", "offline", "forms",
    "live", "importers", "profile_importers", "retention", "practice", "notices", "scene_figures", "pages.alarms",
    "pages.collections", "sensorthings.mqtt", "command_mqtt",
)  # fmt: skip


class DevicesConfig(AppConfig):
    name = "devices"
    verbose_name = _("Devices")

    def ready(self):
        for module in MODULES:
            import_module(f"devices.{module}")
