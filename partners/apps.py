"""App configuration of partners."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

MODULES = (
    "ledger.events", "ledger.permissions", "ledger.holds", "ledger.tasks",
    "surveys.events", "surveys.permissions", "surveys.forms", "surveys.building", "surveys.running",
    "surveys.answering", "surveys.needs", "surveys.handlers", "surveys.notices", "surveys.live",
)  # fmt: skip


class PartnersConfig(AppConfig):
    name = "partners"
    verbose_name = _("Community partners")

    def ready(self):
        for module in MODULES:
            import_module(f"partners.{module}")
