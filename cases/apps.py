"""App configuration of cases."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

MODULES = (
    "events", "services", "handling", "redispatch", "unit_requests", "closing", "feedback", "appeals", "merging",
    "site_tasks",
    "handlers", "forms", "forms_aside", "permissions", "notices", "importers", "search", "practice",
    "case_importer", "standard_importer", "patrol_importers",
    "patrol_events", "patrols", "patrol_deadlines", "patrol_forms", "patrol_permissions", "patrol_live",
    "scenes.permissions", "scenes.importer", "scenes.practice",
    "rules.events", "rules.services", "rules.permissions", "rules.importer", "rules.practice",
    "review.services",
    "scoring.events", "scoring.periods", "scoring.appeals", "scoring.forms", "scoring.formulas", "scoring.permissions",
    "scoring.practice", "scoring.importers",
    "intake.events", "intake.permissions", "intake.health", "intake.letters", "intake.forms", "intake.words",
    "intake.practice", "intake.importers",
    "classifier", "text_models",
    "hotspots.importer",
    "hotspots.events", "hotspots.counting", "hotspots.permissions", "hotspots.services", "hotspots.forms",
    "hotspots.live",
)  # fmt: skip


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _("Cases")

    def ready(self):
        for module in MODULES:
            import_module(f"cases.{module}")
