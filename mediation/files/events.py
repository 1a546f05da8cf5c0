"""Names of what happens to files of disputes. Payloads: numbers and codes; never captions."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "dispute.file_added": _("File added to a dispute"),
    "dispute.file_marked": _("File of a dispute marked for the court, or not"),
    "dispute.file_removed": _("File of a dispute taken away"),
}.items():
    register(name, label, close=True)
