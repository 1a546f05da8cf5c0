"""Import of hot-spot watches, one line each."""

from functools import partial

from cases.models import HotSpotRule
from governance.exchange.importers import importer
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area

importer(
    model_importer(
        HotSpotRule,
        by=("code",),
        fields=(
            "code", "name", "area", "watched", "resolution", "rings", "longest_days", "baseline_days",
            "recurrence_days", "least_cases", "is_active",
        ),
        foreign={"area": partial(ByKey, Area)},
    )
)  # fmt: skip
