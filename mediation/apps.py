"""App configuration of mediation."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

MODULES = (
    "disputes.permissions",
    "prevention.events", "prevention.permissions",
    "warning.events", "warning.permissions", "warning.importers", "warning.judging", "warning.live",
    "warning.notices",
    "admin.warning_work",
)  # fmt: skip


class MediationConfig(AppConfig):
    name = "mediation"
    verbose_name = _("Mediation")

    def ready(self):
        for module in MODULES:
            import_module(f"mediation.{module}")
