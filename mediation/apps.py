"""App configuration of mediation."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

MODULES = (
    "disputes.permissions", "disputes.events", "disputes.amending", "disputes.accepting", "disputes.ending",
    "disputes.recusals", "disputes.police", "disputes.term", "disputes.forms", "disputes.importers", "disputes.live",
    "disputes.notices", "disputes.pages.phone", "disputes.tasks",
    "joint.permissions", "joint.events", "joint.forms", "joint.handlers", "joint.tracks", "joint.respected_helpers",
    "joint.calendar", "joint.completeness", "joint.live", "joint.notices",
    "joint.invitation_notices",
    "prevention.events", "prevention.permissions", "prevention.deadlines", "prevention.deciding",
    "prevention.correcting", "prevention.forms", "prevention.notices", "prevention.live", "prevention.importers",
    "prevention.pages.cards", "prevention.tasks", "prevention.reading",
    "agreements.events", "agreements.permissions",
    "agreements.importers", "agreements.drafting", "agreements.signing", "agreements.correcting",
    "agreements.performing", "agreements.handlers", "agreements.completeness", "agreements.forms", "agreements.live",
    "agreements.notices",
    "confirmation.events", "confirmation.permissions", "confirmation.applying", "confirmation.court",
    "confirmation.handlers", "confirmation.forms",
    "warning.events", "warning.handlers", "warning.permissions", "warning.importers", "warning.judging", "warning.live",
    "warning.labels", "warning.notices", "warning.tasks",
    "files.permissions", "files.events", "files.reading", "glass",
    "papers.events", "papers.links", "papers.notices", "papers.pages.residents",
    "followup.events", "followup.permissions", "followup.handlers", "followup.visits", "followup.correcting",
    "followup.overseeing", "followup.counselling",
    "followup.completeness", "followup.forms", "followup.live", "followup.notices",
    "followup.counselling_notices", "followup.pages.phone",
    "followup.pages.residents",
)  # fmt: skip


class MediationConfig(AppConfig):
    name = "mediation"
    verbose_name = _("Mediation")

    def ready(self):
        for module in MODULES:
            import_module(f"mediation.{module}")
