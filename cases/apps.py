"""App configuration of cases."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

MODULES = (
    "events", "services", "handlers", "forms", "permissions", "notices", "importers", "search", "practice",
    "patrol_events", "patrols", "patrol_deadlines", "patrol_forms", "patrol_permissions", "patrol_live",
    "text_models",
)  # fmt: skip


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _("Cases")

    def ready(self):
        for module in MODULES:
            import_module(f"cases.{module}")
