"""App configuration of property."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

MODULES = (
    "costs.events", "costs.permissions", "costs.payments", "costs.periods", "costs.households", "costs.fund",
    "costs.disclosures", "costs.forms", "costs.importers", "costs.bank_importer", "costs.live", "costs.notices",
    "costs.subsidies", "costs.tasks", "costs.links",
    "voting.events", "voting.resolutions", "voting.handlers", "voting.forms", "voting.permissions", "voting.importers",
    "voting.live",
    "assembly.events", "assembly.sessions", "assembly.topics", "assembly.proposals", "assembly.minutes",
    "assembly.follow_ups", "assembly.needs", "assembly.handlers", "assembly.replanning", "assembly.forms",
    "assembly.topic_forms",
    "assembly.permissions", "assembly.notices", "assembly.calendar", "assembly.live", "assembly.importers",
    "assembly.tasks",
    "gatherings.events", "gatherings.planning", "gatherings.programme", "gatherings.signing", "gatherings.attendance",
    "gatherings.volunteers", "gatherings.photos", "gatherings.costs", "gatherings.skills", "gatherings.handlers",
    "gatherings.forms", "gatherings.permissions", "gatherings.notices", "gatherings.calendar", "gatherings.live",
    "gatherings.importers",
    "party.importers", "party.permissions",
    "reminders.events", "reminders.notices", "reminders.importers", "reminders.permissions",
    "serving.events", "serving.lists", "serving.records", "serving.contracts", "serving.parcels", "serving.care",
    "serving.dispatching", "serving.forms", "serving.importers", "serving.notices", "serving.permissions",
    "stewards.events", "stewards.members", "stewards.shifts", "stewards.duties", "stewards.calling_off",
    "stewards.hours", "stewards.outreach", "stewards.sightings", "stewards.handlers",
    "stewards.rounds", "stewards.forms",
    "stewards.permissions", "stewards.notices", "stewards.live", "stewards.importers", "stewards.tasks",
)  # fmt: skip


class PropertyConfig(AppConfig):
    name = "property"
    verbose_name = _("Red property")

    def ready(self):
        for module in MODULES:
            import_module(f"property.{module}")
