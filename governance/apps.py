"""App configuration of the shared kernel."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("Places, people and organisations")

    def ready(self):
        for module in ("model_permissions",):
            import_module(f"governance.{module}")
