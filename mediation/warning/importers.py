"""Import of early-warning watches, one line each."""

from functools import partial

from governance.exchange.importers import importer
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area
from mediation.models import WarningWatch

importer(
    model_importer(
        WarningWatch,
        by=("code",),
        fields=("code", "name", "area", "yellow_days", "orange_days", "is_active"),
        foreign={"area": partial(ByKey, Area)},
    )
)
