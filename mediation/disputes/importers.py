"""Spreadsheets of the types of disputes and of the rules of mediation."""

from governance.exchange.importers import importer
from governance.exchange.kernel_importers import AREA
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import Wholes
from mediation.models import DisputeType, MediationRule

importer(
    model_importer(
        DisputeType,
        by=("code",),
        fields=("code", "name", "order", "identity_relation", "title_to_property", "arbitration_days", "is_active"),
    )  # fmt: skip
)
importer(
    model_importer(
        MediationRule,
        by=("area", "valid_from"),
        foreign={"area": AREA, "reminder_days": Wholes},
        helps={"reminder_days": "7、20、27"},
        fields=(
            "area",
            "valid_from",
            "term_days",
            "suggest_days",
            "suggest_people",
            "visit_days",
            "visit_months",
            "visit_grace_days",
            "reminder_days",
            "intermediate_from",
            "signal_days",
            "hazard_days",
            "contact_years",
            "source",
        ),
    )  # fmt: skip
)
