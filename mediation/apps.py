"""App configuration of mediation."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

MODULES = (
    "disputes.permissions",
    "disputes.events",
    "disputes.amending",
    "disputes.accepting",
    "disputes.ending",
    "disputes.recusals",
    "disputes.police",
    "agreements.events",
    "agreements.permissions",
    "agreements.drafting",
    "agreements.signing",
    "agreements.performing",
    "agreements.handlers",
    "agreements.completeness",
    "agreements.forms",
    "agreements.live",
    "agreements.notices",
    "confirmation.events",
    "confirmation.permissions",
    "confirmation.applying",
    "confirmation.court",
    "confirmation.handlers",
    "confirmation.forms",
    "followup.events",
    "followup.permissions",
    "followup.handlers",
    "followup.visits",
    "followup.counselling",
    "followup.completeness",
    "followup.forms",
    "followup.live",
    "followup.notices",
    "followup.pages.phone",
)


class MediationConfig(AppConfig):
    name = "mediation"
    verbose_name = _("Mediation")

    def ready(self):
        for module in MODULES:
            import_module(f"mediation.{module}")
