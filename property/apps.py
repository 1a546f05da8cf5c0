"""App configuration of property."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

MODULES = (
    "voting.events",
)  # fmt: skip


class PropertyConfig(AppConfig):
    name = "property"
    verbose_name = _("Red property")

    def ready(self):
        for module in MODULES:
            import_module(f"property.{module}")
