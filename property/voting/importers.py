"""Import of rule sets, one line each."""

from functools import partial

from governance.exchange.importers import importer
from governance.exchange.list_cells import SeveralOf
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area, DwellingUse
from property.models import RuleSet

importer(
    model_importer(
        RuleSet,
        by=("code", "version"),
        fields=(
            "code", "version", "name", "kind", "area", "method", "counts_area", "head_by", "quorum_numerator",
            "quorum_denominator", "quorum_inclusive", "share_numerator", "share_denominator", "share_inclusive",
            "split_heads", "invalid_takes_part", "uses", "allows_online", "online_may_change", "allows_secret",
            "notice_days", "publicity_days", "valid_from", "valid_to", "source", "is_active",
        ),
        foreign={"area": partial(ByKey, Area), "uses": partial(SeveralOf, DwellingUse.choices)},
    )
)  # fmt: skip
