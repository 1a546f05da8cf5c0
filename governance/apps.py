"""App configuration of the shared kernel."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("Places, people and organisations")

    def ready(self):
        for module in (
            "model_permissions",
            "bookings",
            "booking_forms",
            "booking_live",
            "calendar_feeds",
            "venue_permissions",
            "sms",
            "notices.events",
            "notices.permissions",
            "notices.practice",
            "notices.checks",
            "notices.words",
            "identity.sessions",
            "exchange.runs",
            "exchange.divisions",
            "exchange.kernel_importers",
            "registry.events",
            "registry.permissions",
            "registry.services",
            "registry.forms",
            "registry.live",
            "registry.importers",
            "registry.owner_importer",
            "registry.resident_importer",
            "bookings.importers",
            "bookings.hours_importer",
            "notices.importers",
            "search.places",
            "search.people",
        ):
            import_module(f"governance.{module}")
