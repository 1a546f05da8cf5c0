"""Spreadsheets of the wording of papers."""

from governance.exchange.importers import importer
from governance.exchange.kernel_importers import AREA
from governance.exchange.model_importer import model_importer
from mediation.models import PaperText

importer(
    model_importer(
        PaperText,
        by=("area", "sentence", "valid_from"),
        foreign={"area": AREA},
        fields=("area", "sentence", "valid_from", "text"),
    )
)
