"""Import of named sources, without keys: those are made one by one and shown once."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from cases.models import IntakeSource
from governance.exchange.importers import importer
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area, OrgUnit

importer(
    model_importer(
        IntakeSource,
        by=("code",),
        fields=("code", "name", "kind", "unit", "area", "files_at_once", "silent_after", "is_active", "mapping"),
        foreign={"unit": partial(ByKey, OrgUnit), "area": partial(ByKey, Area)},
        helps={"mapping": _("JSON, as in an export; edit it on the source's page")},
    )
)
