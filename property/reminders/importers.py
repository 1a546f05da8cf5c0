"""Import of reminders of terms."""

from governance.exchange.importers import importer
from governance.exchange.model_importer import model_importer
from property.models import TermReminder

importer(model_importer(TermReminder, by=("code",), fields=("code", "kind", "days", "is_active"), foreign={}))
