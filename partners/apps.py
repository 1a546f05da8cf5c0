"""App configuration of partners."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

MODULES = (
    "ledger.events", "ledger.permissions", "ledger.holds", "ledger.reasons", "ledger.tasks",
    "recruiting.events", "recruiting.permissions", "recruiting.joining", "recruiting.parting", "recruiting.handlers",
    "recruiting.notices", "recruiting.live", "recruiting.calendar", "recruiting.forms", "recruiting.importers",
    "recruiting.pages.recruitment",
    "earning.events", "earning.permissions", "earning.rules", "earning.reasons", "earning.forms", "earning.records",
    "earning.donations", "earning.outcomes", "earning.hours", "earning.settling", "earning.tasks",
    "earning.importers", "earning.notices", "earning.live",
    "rewards.events", "rewards.permissions", "rewards.offering", "rewards.ending", "rewards.notices",
    "rewards.handlers", "rewards.forms", "rewards.importers", "rewards.work",
    "surveys.events", "surveys.permissions", "surveys.forms", "surveys.building", "surveys.running",
    "surveys.answering", "surveys.needs", "surveys.handlers", "surveys.notices", "surveys.live",
    "needs.events", "needs.permissions", "needs.deciding", "needs.forms", "needs.handlers", "needs.notices",
    "needs.live", "needs.importers", "needs.pages.residents", "needs.pages.phone",
    "admin.needs_work",
    "credit.events", "credit.permissions", "credit.sources", "credit.formulas", "credit.notes", "credit.appeals",
    "credit.lists", "credit.forms", "credit.importers", "credit.tasks", "credit.notices", "credit.live",
    "projects.events", "projects.permissions", "projects.planning", "projects.claiming", "projects.running",
    "projects.evaluating", "projects.closing", "projects.handlers", "projects.forms", "projects.notices",
    "projects.live", "projects.calendar", "projects.earned", "projects.pages.public", "projects.importers",
)  # fmt: skip


class PartnersConfig(AppConfig):
    name = "partners"
    verbose_name = _("Community partners")

    def ready(self):
        for module in MODULES:
            import_module(f"partners.{module}")
