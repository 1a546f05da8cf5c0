"""App configuration of cases."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _("Cases")

    def ready(self):
        for module in ("events", "services", "handlers", "forms", "permissions"):
            import_module(f"cases.{module}")
