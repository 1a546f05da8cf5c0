"""App configuration of partners."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

MODULES = (
    "ledger.events", "ledger.permissions", "ledger.holds", "ledger.tasks",
    "needs.events", "needs.permissions", "needs.deciding", "needs.forms", "needs.handlers", "needs.notices",
    "needs.live", "needs.importers", "admin.needs_work", "needs.pages.residents", "needs.pages.phone",
)  # fmt: skip


class PartnersConfig(AppConfig):
    name = "partners"
    verbose_name = _("Community partners")

    def ready(self):
        for module in MODULES:
            import_module(f"partners.{module}")
